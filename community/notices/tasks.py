"""What the clock does with notices."""

from celery import shared_task

from community.core import background, clock
from community.notices import actions
from community.notices.actions.publishing import TELL


@shared_task
def publish_due_notices() -> int:
    """Publish what is scheduled, and go on with letters that a dead worker left."""
    now = clock.now()
    published = actions.publish_due(now)
    if waiting := actions.notices_to_resume(now):
        background.queue(TELL, [(pk,) for pk in waiting])
    return published


@shared_task(queue="bulk")
def tell_of_notice(pk: int) -> None:
    """Write to everybody of one notice, a batch a transaction."""
    while actions.notify_next_batch(pk, now=clock.now()):
        pass
