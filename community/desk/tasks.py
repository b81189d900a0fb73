"""Beat tasks of the desk."""

from celery import shared_task

from community.core import clock
from community.desk import figures


@shared_task
def fill_figures() -> int:
    """Count yesterday, and what may have changed before it."""
    return figures.fill_due(clock.now())
