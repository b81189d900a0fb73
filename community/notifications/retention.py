"""Deletes old messages, in the inbox and on their way out."""

from datetime import datetime, timedelta

from community.notifications.models import InboxNotice, InboxQuerySet, OutboxMessage, OutboxQuerySet

NOTICES_KEPT, SENT_KEPT = timedelta(days=365), timedelta(days=180)
BATCH, MOST = 500, 20_000


def forget_old_notices(*, now: datetime) -> int:
    """Deletes messages of the inbox after a year; returns how many, at most ``MOST``."""
    return _delete(InboxNotice.objects.filter(created_at__lt=now - NOTICES_KEPT))


def forget_sent_messages(*, now: datetime) -> int:
    """Deletes messages that were sent half a year ago; returns how many, at most ``MOST``.

    Failed ones stay: staff look at them.
    """
    done = [OutboxMessage.Status.SENT, OutboxMessage.Status.PASSED_ON]
    sent = OutboxMessage.objects.filter(status__in=done, created_at__lt=now - SENT_KEPT)
    return _delete(sent)


def _delete(rows: InboxQuerySet | OutboxQuerySet) -> int:
    removed = 0
    while removed < MOST and (keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])):
        rows.model.objects.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed
