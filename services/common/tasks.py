"""Background tasks of all services."""

from celery import shared_task

from community.core import clock
from services.common import response


@shared_task
def escalate_late_answers() -> int:
    """Notifies managers of overdue answers."""
    return response.escalate_due(clock.now())
