from celery import shared_task

from accounts import actions
from community.core import clock


@shared_task(queue="bulk")
def forget_unverified_people() -> None:
    """Every hour: numbers that somebody typed on the sign-in page and never confirmed."""
    actions.forget_unverified_people(now=clock.now())
