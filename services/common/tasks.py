"""What the clock does for all services."""

from celery import shared_task

from community.core import clock
from services.common import response


@shared_task
def escalate_late_answers() -> int:
    """Tell the managers whose answer is overdue."""
    return response.escalate_due(clock.now())
