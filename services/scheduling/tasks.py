"""What the clock does with places and times."""

from celery import shared_task

from community.core import clock
from services.scheduling import actions


@shared_task
def lapse_due() -> int:
    """Free the holds and offers that ran out. Whoever finds a slot full does not wait for it."""
    return actions.lapse_due(clock.now())


@shared_task
def make_slots_ahead() -> int:
    """Make the slots of the day that has come within four weeks."""
    return actions.plan_estate(estate=None, now=clock.now()).made
