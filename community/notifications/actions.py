"""What people do with messages: read them; send again what failed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from community.core import audit
from community.core.errors import Forbidden
from community.notifications import live, outbox
from community.notifications.models import InboxNotice, OutboxMessage
from community.notifications.policies import may_send_again


def read_notice(*, notice: InboxNotice, by: Any, now: datetime) -> None:
    """Mark one message as read; a second time does nothing."""
    _read(InboxNotice.objects.visible_to(by).filter(pk=notice.pk), by=by, now=now)


def read_all_notices(*, by: Any, now: datetime) -> None:
    """Mark all messages as read."""
    _read(InboxNotice.objects.visible_to(by), by=by, now=now)


def _read(notices: Any, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        if notices.unread().update(read_at=now):
            live.notify_open_pages(f"inbox:{by.pk}")


def send_again(*, message: OutboxMessage, by: Any, now: datetime) -> None:
    """Try once more what failed for good, from the first try on. Another state is left as it is."""
    if not may_send_again(by):
        raise Forbidden
    with transaction.atomic():
        failed = OutboxMessage.objects.failed().filter(pk=message.pk)
        if not failed.update(status=OutboxMessage.Status.PENDING, tries=0, next_try_at=now):
            return
        audit.record("outbox.send_again", by=by, target=message)
        outbox.deliver_soon([message.pk])
