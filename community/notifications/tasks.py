"""Background tasks of the outbox."""

from celery import shared_task

from community.core import clock
from community.notifications import delivery


@shared_task(queue="urgent")
def deliver(pk: int) -> None:
    """Delivers one message that was just written."""
    delivery.deliver(pk, now=clock.now())


@shared_task(queue="urgent")
def sweep_outbox() -> None:
    """Delivers due messages that no worker has: lost from the queue, orphaned or due for a retry."""
    delivery.sweep(now=clock.now())
