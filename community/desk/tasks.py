"""What the clock does for the desk."""

from celery import shared_task
from celery.schedules import crontab

from community.core import clock
from community.desk import figures

BEAT = {
    "fill-figures": {
        "task": "community.desk.tasks.fill_figures",
        # Nightly, and again in the morning for a machine that is switched off at night.
        "schedule": crontab(hour="0,4,7,9", minute=20),
    },
}


@shared_task
def fill_figures() -> int:
    """Count yesterday, and what may have changed before it."""
    return figures.fill_due(clock.now())
