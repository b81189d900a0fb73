"""The outbox: whoever is to be told, is told by a row that is written with its cause.

Nothing else sends. The row is in the database when the transaction is; the queue only makes it
quick. What the queue forgets, the sweep finds.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from community.notifications import messages
from community.notifications.models import OutboxMessage
from community.notifications.patience import Patience

logger = logging.getLogger(__name__)

DELIVER = "community.notifications.tasks.deliver"
# A broker that hangs must not hold the page: these hold for sending tasks, not for the worker.
_QUICK = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0, "interval_start": 0}
UNREACHABLE = (KombuError, RedisError, OSError)
_patience = Patience()
Channel = OutboxMessage.Channel


def tell(
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
    ``messages.TEMPLATES``; ``ValueError`` if they do not fit. The same key again does nothing.
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


def deliver_soon(pks: Sequence[int]) -> None:
    """Queue the delivery when the transaction is committed."""
    if pks:
        transaction.on_commit(lambda: _queue(pks))


def _queue(pks: Sequence[int]) -> None:
    """A broker that is gone costs the page a second at most, once in a while."""
    if not _patience.may_try():
        return
    try:
        with current_app.connection_for_write(transport_options=_QUICK) as connection:
            for pk in pks:
                task = current_app.signature(DELIVER, args=(pk,))
                task.apply_async(connection=connection, retry=False, ignore_result=True)
    except UNREACHABLE as error:
        _patience.failed()
        logger.warning("outbox: the broker does not answer, the sweep will deliver: %r", error)
