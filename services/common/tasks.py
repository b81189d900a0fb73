"""Background tasks of all services."""

from celery import shared_task

from community.core import clock
from services.common import response_clock


@shared_task
def escalate_late_answers() -> int:
    """Notifies managers of overdue answers."""
    return response_clock.escalate_due(clock.now())
