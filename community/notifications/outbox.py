"""The outbox: whoever is to be told, is told by a row that is written with its cause.

Nothing else sends. The row is in the database when the transaction is; the queue only makes it
quick. What the queue forgets, the sweep finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from community.core import background
from community.notifications import messages
from community.notifications.models import OutboxMessage

DELIVER = "community.notifications.tasks.deliver"
Channel = OutboxMessage.Channel


def queue_message(
    user: Any,
    template: str,
    *,
    key: str,
    params: Mapping[str, Any] | None = None,
    url: str = "",
    sms: bool = False,
    now: datetime,
) -> None:
    """Tell a person something, once by ``key``: in the inbox, and by SMS if asked and possible.

    Call it inside the transaction of the cause. ``template`` and its parameters are those of
    the apps' ``messages.py``; ``ValueError`` if they do not fit. The same key again does nothing.
    """
    kept = messages.kept(template, params or {})
    channels = [Channel.INBOX]
    if sms and user.phone and messages.has_sms(template):
        channels.append(Channel.SMS)
    with transaction.atomic():
        OutboxMessage.objects.bulk_create(
            [
                OutboxMessage(
                    key=key,
                    channel=channel,
                    recipient=user,
                    template=template,
                    params=kept,
                    url=url,
                    next_try_at=now,
                    created_at=now,
                )
                for channel in channels
            ],
            ignore_conflicts=True,
        )
        waiting = OutboxMessage.objects.filter(key=key, recipient=user, status=OutboxMessage.Status.PENDING)
        deliver_soon(list(waiting.values_list("pk", flat=True)))


@dataclass(frozen=True)
class Letter:
    """One of many messages of the same kind: to whom, and what differs. ``sms``: they have a number too."""

    user_id: int
    key: str
    params: Mapping[str, Any]
    url: str = ""
    sms: bool = False


def queue_messages(template: str, letters: Sequence[Letter], *, now: datetime) -> None:
    """Put one message into many inboxes, each once by its key, in one query; by SMS where a letter asks.

    They are left to the sweep: thousands of them must not stand in the queue before an alarm.
    """
    by_sms = messages.has_sms(template)
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                key=letter.key,
                channel=channel,
                recipient_id=letter.user_id,
                template=template,
                params=messages.kept(template, letter.params),
                url=letter.url,
                next_try_at=now,
                created_at=now,
            )
            for letter in letters
            for channel in ([Channel.INBOX, Channel.SMS] if letter.sms and by_sms else [Channel.INBOX])
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def cancel_pending(keys: Sequence[str]) -> None:
    """What still waits under these keys is not sent any more: its cause was taken back.

    Call it inside the transaction that takes it back. What is being sent stays.
    """
    OutboxMessage.objects.filter(key__in=keys, status=OutboxMessage.Status.PENDING).delete()


def deliver_soon(pks: Sequence[int]) -> None:
    """Queue the delivery when the transaction is committed."""
    if pks:
        transaction.on_commit(lambda: background.queue(DELIVER, [(pk,) for pk in pks]))
