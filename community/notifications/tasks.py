"""Background work of the outbox."""

from celery import shared_task

from community.core import clock
from community.notifications import delivery


@shared_task(queue="urgent")
def deliver(pk: int) -> None:
    """One message, just written."""
    delivery.deliver(pk, now=clock.now())


@shared_task(queue="urgent")
def sweep_outbox() -> None:
    """Whatever is due and nobody is busy with: the queue was gone, a sender died, a retry's time has come."""
    delivery.sweep(now=clock.now())
