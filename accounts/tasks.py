from celery import shared_task

from accounts import actions
from community.core import clock


@shared_task(queue="bulk")
def forget_unverified_people() -> None:
    """Every hour: numbers that somebody typed on the sign-in page and never confirmed."""
    actions.forget_unverified_people(now=clock.now())


@shared_task(queue="bulk")
def forget_expired_sessions() -> None:
    """Every hour: sessions that are over, with what they hold."""
    actions.forget_expired_sessions(now=clock.now())
