"""What the clock does with places and times."""

from celery import shared_task
from celery.schedules import crontab

from community.core import clock
from services.scheduling import actions

BEAT = {
    "lapse-due-places": {"task": "services.scheduling.tasks.lapse_due", "schedule": 30},
    "make-slots-ahead": {
        "task": "services.scheduling.tasks.make_slots_ahead",
        # Nightly, and again by day for a machine that is switched off at night.
        "schedule": crontab(hour="2,8,14,20", minute=10),
    },
}


@shared_task
def lapse_due() -> int:
    """Free the holds and offers that ran out. Whoever finds a slot full does not wait for it."""
    return actions.lapse_due(clock.now())


@shared_task
def make_slots_ahead() -> int:
    """Make the slots of the day that has come within four weeks."""
    return actions.plan_estate(estate=None, now=clock.now()).made
