"""Scheduled tasks of calls for help."""

from celery import shared_task

from community.core import clock
from services.help import actions


@shared_task
def carry_out_due() -> int:
    """Takes steps that are due on unanswered and unfinished calls; returns how many."""
    return actions.carry_out_due(clock.now())


@shared_task
def warn_of_gaps() -> int:
    """Notifies managers of hours without duty; returns the number of messages."""
    return actions.warn_of_gaps(clock.now())
