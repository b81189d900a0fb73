"""Actions of readers and staff on messages: reading them, and resending failed ones."""

from datetime import datetime
from typing import Any

from django.db import transaction

from community.core import audit, changes
from community.core.errors import Forbidden
from community.notifications import live, outbox
from community.notifications.models import InboxNotice, OutboxMessage
from community.notifications.policies import may_send_again


def read_notice(*, notice: InboxNotice, by: Any, now: datetime) -> None:
    """Marks one message of the person's inbox as read. Repeating it changes nothing."""
    _read(InboxNotice.objects.visible_to(by).filter(pk=notice.pk), by=by, now=now)


def read_all_notices(*, by: Any, now: datetime) -> None:
    """Marks all messages of the person's inbox as read."""
    _read(InboxNotice.objects.visible_to(by), by=by, now=now)


def _read(notices: Any, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        with changes.covering(InboxNotice):
            has_read = notices.unread().update(read_at=now)
        if has_read:
            live.notify_open_pages(f"inbox:{by.pk}")


def send_again(*, message: OutboxMessage, by: Any, now: datetime) -> None:
    """Queues a permanently failed message again, with its tries reset; other statuses are left alone.

    Raises ``Forbidden``.
    """
    if not may_send_again(by):
        raise Forbidden
    with transaction.atomic():
        failed = OutboxMessage.objects.failed().filter(pk=message.pk)
        if not failed.update(
            status=OutboxMessage.Status.PENDING, tries=0, next_try_at=now, in_doubt_since=None
        ):
            return
        audit.record("outbox.send_again", by=by, target=message)
        outbox.deliver_soon([message.pk])
