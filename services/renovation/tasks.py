"""Periodic tasks of renovation."""

from celery import shared_task

from community.core import clock
from services.renovation import actions


@shared_task
def remind_due() -> int:
    """Reminds the households whose crew comes within a day."""
    return actions.remind_due(clock.now())


@shared_task
def tell_of_campaigns() -> int:
    """Tells the households of a building whose booking has just opened."""
    return actions.tell_of_campaigns(clock.now())
