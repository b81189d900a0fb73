"""Outbox: each message is a row written in the transaction of its cause.

No other code sends messages. The queue only speeds up delivery; the sweep finds what it loses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.expressions import Combinable

from community.core import background
from community.core.inserts import insert_values
from community.notifications import messages
from community.notifications.models import OutboxMessage
from community.notifications.wechat import reached_by_wechat

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
    """Queues a message to a person, once by ``key``: to the inbox, by WeChat where it reaches them, else by SMS if
    ``sms`` and possible.

    Call it inside the transaction of the cause. ``template`` and ``params`` must fit a registered template;
    raises ``ValueError`` otherwise. Repeating the key changes nothing.
    """
    kept = messages.kept(template, params or {})
    by_sms = bool(sms and user.phone and messages.has_sms(template))
    channels = _channels(template, by_sms=by_sms, by_wechat=bool(reached_by_wechat([user.pk], template)))
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
                    sms_else=channel == Channel.WECHAT and by_sms and Channel.SMS not in channels,
                    next_try_at=now,
                    created_at=now,
                )
                for channel in channels
            ],
            ignore_conflicts=True,
        )
        waiting = OutboxMessage.objects.filter(key=key, recipient=user, status=OutboxMessage.Status.PENDING)
        deliver_soon(list(waiting.values_list("pk", flat=True)))


def _channels(template: str, *, by_sms: bool, by_wechat: bool) -> list[OutboxMessage.Channel]:
    """Returns the channels of a message: an SMS is saved where WeChat reaches the person, but for alarms."""
    needs_sms = by_sms and (not by_wechat or messages.is_sms_too(template))
    found = [Channel.INBOX, Channel.WECHAT, Channel.SMS]
    return [one for one, is_used in zip(found, (True, by_wechat, needs_sms), strict=True) if is_used]


@dataclass(frozen=True)
class Letter:
    """Recipient of ``queue_messages`` with their own values; ``sms`` if they have a number too."""

    user_id: int
    key: str
    params: Mapping[str, Any]
    url: str = ""
    sms: bool = False


def queue_messages(template: str, letters: Sequence[Letter], *, now: datetime) -> None:
    """Queues one message to many people, each once by its key, in one query; by SMS where a letter asks.

    Left to the sweep, so that thousands of messages do not precede an alarm in the queue. Raises
    ``ValueError`` for wrong parameters.
    """
    has_sms = messages.has_sms(template)
    reached = reached_by_wechat([letter.user_id for letter in letters], template)
    planned = [
        (
            letter,
            has_sms and letter.sms,
            _channels(template, by_sms=has_sms and letter.sms, by_wechat=letter.user_id in reached),
        )
        for letter in letters
    ]
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                key=letter.key,
                channel=channel,
                recipient_id=letter.user_id,
                template=template,
                params=messages.kept(template, letter.params),
                url=letter.url,
                sms_else=channel == Channel.WECHAT and by_sms and Channel.SMS not in channels,
                next_try_at=now,
                created_at=now,
            )
            for letter, by_sms, channels in planned
            for channel in channels
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


@dataclass(frozen=True)
class RowLetter:
    """Columns of ``queue_for_rows``: plain values, and expressions over the rows of its query."""

    user: Combinable
    key: Combinable
    params: Mapping[str, Any]
    url: Any = ""


def queue_for_rows(template: str, rows: "QuerySet[Any]", letter: RowLetter, *, now: datetime) -> int:
    """Queues one message to the inbox for each row of a query, in two statements; returns how many are new.

    Once by key and person, and left to the sweep, as ``queue_messages`` does. The rows are read, because the
    database cannot encrypt the parameters. Raises ``ValueError`` for wrong parameters.
    """
    params = messages.kept(template, letter.params)
    of_row = {name: value for name, value in params.items() if hasattr(value, "resolve_expression")}
    columns = {"new_user": letter.user, "new_key": letter.key, "new_url": letter.url}
    columns |= {f"param_{name}": value for name, value in of_row.items()}
    expressions = {
        name: value if hasattr(value, "resolve_expression") else Value(value)
        for name, value in columns.items()
    }
    letters = [
        {
            "recipient": user,
            "key": key,
            "url": url,
            "params": params | dict(zip(of_row, values, strict=True)),
        }
        for user, key, url, *values in rows.annotate(**expressions).values_list(*expressions)
    ]
    fixed = {"channel": Channel.INBOX, "template": template, "next_try_at": now, "created_at": now}
    return insert_values(OutboxMessage, fixed, letters, once="outbox_message_once")


def cancel_pending(keys: Sequence[str]) -> None:
    """Deletes pending messages with these keys because their cause was withdrawn.

    Call it inside the transaction that withdraws it. Messages being sent stay.
    """
    OutboxMessage.objects.filter(key__in=keys, status=OutboxMessage.Status.PENDING).delete()


def deliver_soon(pks: Sequence[int]) -> None:
    """Queues the delivery of these messages after the commit."""
    if pks:
        transaction.on_commit(lambda: background.queue(DELIVER, [(pk,) for pk in pks]))
