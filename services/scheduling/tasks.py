"""Background tasks of places and slots."""

from celery import shared_task

from community.core import clock
from services.scheduling import actions


@shared_task
def lapse_due() -> int:
    """Frees expired holds and offers. Requests for a full slot do not wait for it."""
    return actions.lapse_due(clock.now())


@shared_task
def make_slots_ahead() -> int:
    """Makes the slots of the day that has come within four weeks."""
    return actions.plan_estate(estate=None, now=clock.now()).made
