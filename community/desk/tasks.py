"""Beat tasks of the desk."""

from celery import shared_task

from community.core import clock
from community.desk import figures, robots


@shared_task
def fill_figures() -> int:
    """Count yesterday, and what may have changed before it."""
    return figures.fill_due(clock.now())


@shared_task
def tell_morning() -> None:
    """Tell the group chats what is late, once a day."""
    robots.tell_morning(clock.now())
