from celery import shared_task

from accounts import actions
from community.core import clock


@shared_task(queue="bulk")
def end_roles_of_the_past() -> int:
    """Ends every five minutes roles whose last day is over."""
    return actions.end_roles_of_the_past(now=clock.now())


@shared_task(queue="bulk")
def keep_last_days() -> None:
    """Ends every five minutes delegations whose last day is over, and tells both sides a week before."""
    now = clock.now()
    actions.end_delegations_of_the_past(now=now)
    actions.remind_of_last_days(now=now)


@shared_task(queue="bulk")
def forget_unverified_people() -> None:
    """Deletes every hour the numbers that were typed on the sign-in page and never confirmed."""
    actions.forget_unverified_people(now=clock.now())


@shared_task(queue="bulk")
def forget_expired_sessions() -> None:
    """Deletes expired sessions every hour."""
    actions.forget_expired_sessions(now=clock.now())


@shared_task(queue="bulk")
def carry_out_erasures() -> int:
    """Deletes every hour the people whose days of grace are over."""
    return actions.carry_out_erasures(now=clock.now())


@shared_task(queue="bulk")
def forget_handed_forms() -> int:
    """Deletes every hour forms that were handed over and sent by nobody."""
    return actions.forget_old_handed(now=clock.now())
