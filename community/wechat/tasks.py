"""Background tasks of robots."""

from celery import shared_task

from community.core import clock
from community.wechat import robots


@shared_task(queue="urgent")
def say(pk: int) -> None:
    """Says one message that was just written."""
    robots.say(pk, now=clock.now())


@shared_task(queue="urgent")
def sweep_robots() -> None:
    """Says due messages that no worker has."""
    robots.sweep(now=clock.now())
