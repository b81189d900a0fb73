"""Background tasks of notices."""

from celery import shared_task

from community.core import background, clock
from community.notices import actions
from community.notices.actions.publication import TELL


@shared_task
def publish_due_notices() -> int:
    """Publishes due notices, tells open pages of ended ones, and resumes queueing that a failed worker left."""
    now = clock.now()
    published = actions.publish_due(now)
    actions.tell_of_ended(now)
    if waiting := actions.notices_to_resume(now):
        background.queue(TELL, [(pk,) for pk in waiting])
    return published


@shared_task(queue="bulk")
def tell_of_notice(pk: int) -> None:
    """Queues the messages of a notice, a batch in each transaction."""
    while actions.notify_next_batch(pk, now=clock.now()):
        pass
