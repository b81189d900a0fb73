"""Background tasks of all services."""

from celery import shared_task

from community.core import clock
from services.common import early_files, response_clock


@shared_task
def escalate_late_answers() -> int:
    """Notifies managers of overdue answers."""
    return response_clock.escalate_due(clock.now())


@shared_task
def forget_early_files() -> int:
    """Deletes files of forms that were never sent."""
    return early_files.delete_old(now=clock.now())
