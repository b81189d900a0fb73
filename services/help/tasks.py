"""What the clock does with calls for help."""

from celery import shared_task

from community.core import clock
from services.help import actions


@shared_task
def carry_out_due() -> int:
    """The next on duty, the family: what is due while nobody answers."""
    return actions.carry_out_due(clock.now())


@shared_task
def warn_of_gaps() -> int:
    """Tell the managers of hours without anybody on duty."""
    return actions.warn_of_gaps(clock.now())
