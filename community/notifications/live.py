"""Live updates: an open page is told that what it shows has changed, and fetches it.

A change counts up the number of its topics in its own transaction; the row is locked from there
to the commit, so the numbers of a topic are handed out in the order of the commits. After the
commit the sockets of the topic are told the number. Nothing is lost with a message: a socket that
reconnects, its heartbeat, and a page that polls compare numbers.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core import signing
from django.db import connection, transaction

from community.core import clock
from community.core.backoff import Backoff
from community.notifications.models import LiveTopic

logger = logging.getLogger(__name__)

TOKEN_SALT = "community.notifications.live"  # noqa: S105  (names what is signed)
TOKEN_AGE = timedelta(days=1)
RENEWED_AFTER = timedelta(hours=1)
# No request takes longer than this from reading its content to reading its number.
SLOWEST_PAGE = timedelta(seconds=30)
TELL_SECONDS = 1.0
# In place of a token's number: a right of its person has ended since, and the page must be asked for again.
VOID = -1
_UPSERT = """
INSERT INTO notifications_livetopic (name, number, changed_at) VALUES (%s, 1, %s)
ON CONFLICT (name) DO UPDATE SET number = notifications_livetopic.number + 1, changed_at = excluded.changed_at
RETURNING number
"""
_backoff = Backoff()


def notify_open_pages(*topics: str, at: datetime | None = None) -> None:
    """Tell the open pages of these topics. Call it last in the transaction, once.

    ``at`` is for what must not tell when it happened: a moment to come, which is written down
    instead of now. Until then pages that open fetch their content once more, which harms nobody.

    The rows are taken in the order of their names, so that two transactions cannot wait for each
    other. Redis gone is logged and costs the page nothing: pages find out by number.
    """
    numbers: dict[str, int] = {}
    with transaction.atomic():
        at = at or clock.now()
        with connection.cursor() as cursor:
            for topic in sorted(set(topics)):
                cursor.execute(_UPSERT, [topic, connection.ops.adapt_datetimefield_value(at)])
                numbers[topic] = cursor.fetchone()[0]
        transaction.on_commit(lambda: _tell(numbers))


def access_topic(user_pk: int) -> str:
    """Counts up when a role, residency or delegation of this person ends: their tokens are void."""
    return f"access:{user_pk}"


def session_topic(user_pk: int) -> str:
    """Counts up when a session of this person ends, or they may no longer sign in."""
    return f"session:{user_pk}"


def access_ended(*people: int) -> None:
    """Tell the open pages of these people that they may see less. Call it like ``notify_open_pages``, last."""
    notify_open_pages(*map(access_topic, people))


def session_ended(user_pk: int) -> None:
    """Have the open pages of this person ask again who is signed in. Call it like ``notify_open_pages``, last."""
    notify_open_pages(session_topic(user_pk))


def _tell(numbers: dict[str, int]) -> None:
    if not numbers or not _backoff.may_try():
        return
    try:
        async_to_sync(_send)(numbers)
    except Exception as error:  # noqa: BLE001  (the change is committed; whatever is wrong with Redis)
        _backoff.failed()
        logger.warning("live: sockets could not be told: %r", error)
    else:
        _backoff.succeeded()


async def _send(numbers: dict[str, int]) -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(TELL_SECONDS):
        for topic, number in numbers.items():
            await layer.group_send(group(topic), {"type": "topic.changed", "topic": topic, "number": number})


def group(topic: str) -> str:
    """The channel layer's name of a topic: it takes neither colons nor every length."""
    return "live." + hashlib.sha256(topic.encode()).hexdigest()[:32]


def numbers_of(topics: Iterable[str]) -> dict[str, int]:
    """The newest committed number of each topic; 0 for one that never changed."""
    wanted = set(topics)
    found = dict(LiveTopic.objects.filter(name__in=wanted).values_list("name", "number"))
    return {topic: found.get(topic, 0) for topic in wanted}


def read_topics(names: Iterable[str]) -> dict[str, LiveTopic | None]:
    """Each of these topics as it stands; None for one that never changed. One query."""
    found = LiveTopic.objects.in_bulk(set(names))
    return {name: found.get(name) for name in names}


def number_to_show(topics: Iterable[LiveTopic | None], now: datetime) -> int:
    """The number for a page whose content was read at some time before this call.

    It must never be newer than the content. Whoever changes a topic after our content was read
    and before its row was, has done it within the last seconds; then the number is one less, and
    the page fetches the content once more as soon as it is open.
    """
    rows = [topic for topic in topics if topic is not None]
    shown = sum(topic.number for topic in rows)
    return shown - 1 if any(topic.changed_at > now - SLOWEST_PAGE for topic in rows) else shown


class Token(NamedTuple):
    """What a page may ask for, and the number that ``access_topic`` had when the page was made."""

    access: int
    topics: list[str]


def sign(topics: Iterable[str], user_pk: int, access: int = 0) -> str:
    """A token by which this person's page may ask for the numbers of these topics.

    It is good for a day, and only as long as ``access`` is the newest number of ``access_topic``: 0 is
    that of a person none of whose rights ever ended.
    """
    return signing.dumps([user_pk, access, *sorted(set(topics))], salt=TOKEN_SALT)


def read_token(token: str, user_pk: int) -> Token | None:
    """What a token says; None if it is another's, too old, or not ours."""
    try:
        owner, access, *topics = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Token(access, topics) if owner == user_pk else None
