"""Live updates: open pages are notified that a topic has changed and fetch their content again.

A change increments the numbers of its topics in its own transaction, right before the commit; the rows stay
locked until then, so numbers follow the order of commits. After the commit, sockets of the topic get the
number. Lost messages do no harm: reconnects, heartbeats and polling compare numbers.
"""

import asyncio
import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core import signing
from django.db import connection, transaction

from community.core import changes, clock
from community.core.backoff import Backoff
from community.core.statements import Statement
from community.notifications.models import LiveTopic, unread_of

logger = logging.getLogger(__name__)

TOKEN_SALT = "community.notifications.live"  # noqa: S105  (names what is signed)
TOKEN_AGE = timedelta(days=1)
RENEWED_AFTER = timedelta(hours=1)
# Longest time between reading a page's content and its number.
SLOWEST_PAGE = timedelta(seconds=30)
SEND_SECONDS = 1.0
# Sent instead of a number when a right of the person has ended: the page must be loaded again.
VOID = -1
_GROWN = "(%s, 1, %s)"
_UPSERT = """
INSERT INTO notifications_livetopic (name, number, changed_at) VALUES {}
ON CONFLICT (name) DO UPDATE SET number = notifications_livetopic.number + 1, changed_at = excluded.changed_at
RETURNING name, number
"""
_TOPICS: Statement[LiveTopic] = Statement(lambda names: LiveTopic.objects.filter(name__in=names))
_OF_READER: Statement[Any] = Statement(
    lambda names, reader: LiveTopic.objects.filter(name__in=names).annotate(unread=unread_of(reader))
)
_backoff = Backoff()


def notify_open_pages(*topics: str, at: datetime | None = None) -> None:
    """Notifies open pages of these topics when the transaction is committed, or at once outside of one.

    ``at`` replaces the present time for changes whose time must stay secret; it lies in the future, and pages
    opened until then fetch their content once more. Without Redis a warning is logged, and pages compare
    numbers when they poll.
    """
    changes.touch(*topics, at=at or clock.now())


def grow(topics: Mapping[str, datetime | None]) -> None:
    """Increments these topics in one statement, in the order of their names, which prevents deadlocks.

    ``None`` is a change whose time nobody has said: the end of the hour is stored.
    """
    with connection.cursor() as cursor:
        params = [one for name in sorted(topics) for one in (name, _stored(topics[name]))]
        cursor.execute(_UPSERT.format(", ".join([_GROWN] * len(topics))), params)
        numbers = dict(cursor.fetchall())
    # Right before a commit there is no block any more to which the hook could be added.
    if connection.in_atomic_block or connection.get_autocommit():
        transaction.on_commit(lambda: _send_numbers(numbers))
    else:
        connection.run_on_commit.append((set(), lambda: _send_numbers(numbers), False))  # type: ignore[arg-type]


def _stored(at: datetime | None) -> Any:
    at = at or clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return connection.ops.adapt_datetimefield_value(at)


def access_topic(user_pk: int) -> str:
    """Topic that changes when a role, residency or delegation of this person ends, which voids their tokens."""
    return f"access:{user_pk}"


def session_topic(user_pk: int) -> str:
    """Topic that changes when a session of this person ends or they may no longer sign in."""
    return f"session:{user_pk}"


def access_ended(*people: int) -> None:
    """Notifies open pages of these people that they may see less. Call it last, like ``notify_open_pages``."""
    notify_open_pages(*map(access_topic, people))


def session_ended(user_pk: int) -> None:
    """Makes open pages of this person check the session again. Call it last, like ``notify_open_pages``."""
    notify_open_pages(session_topic(user_pk))


def _send_numbers(numbers: dict[str, int]) -> None:
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
    async with asyncio.timeout(SEND_SECONDS):
        for topic, number in numbers.items():
            await layer.group_send(group(topic), {"type": "topic.changed", "topic": topic, "number": number})


def group(topic: str) -> str:
    """Returns the channel layer's name of a topic; it allows no colons and limits the length."""
    return "live." + hashlib.sha256(topic.encode()).hexdigest()[:32]


def numbers_of(topics: Iterable[str]) -> dict[str, int]:
    """Returns the newest committed number of each topic; 0 for one that never changed."""
    return {name: row.number if row else 0 for name, row in read_topics(topics).items()}


def read_topics(names: Iterable[str]) -> dict[str, LiveTopic | None]:
    """Returns the rows of these topics, None for one that never changed, in one query."""
    wanted = list(set(names))
    found = {topic.name: topic for topic in _TOPICS(wanted)}
    return {name: found.get(name) for name in wanted}


def will_show(user: Any, names: Iterable[str]) -> None:
    """Lets the frame read these topics of the page together with its own."""
    user.topics_to_show = {*names}


def topics_of_page(user: Any, names: Collection[str], *, anew: bool = False) -> dict[str, LiveTopic | None]:
    """Returns the rows of these topics and of the frame's, each read once a page; ``anew`` reads them once more.

    Reading early only causes one more fetch.
    """
    known: dict[str, LiveTopic | None] = {} if anew else getattr(user, "live_topics", {})
    wanted = {*names, *getattr(user, "topics_to_show", ()), f"inbox:{user.pk}", access_topic(user.pk)}
    if missing := [*(wanted - known.keys())]:
        found = {topic.name: topic for topic in _OF_READER(missing, user.pk)}
        known = known | {name: found.get(name) for name in missing}
        user.live_topics = known
        # Read by the way, for the frame.
        for topic in found.values():
            user.unread_notices = topic.unread
    return known


def number_to_show(topics: Iterable[LiveTopic | None], now: datetime) -> int:
    """Returns the number for a page whose content was read before this call.

    The number must not be newer than the content. A change between reading the content and the topic's row
    lies within the last ``SLOWEST_PAGE``; then the number is one lower, and the page fetches its content once
    more.
    """
    rows = [topic for topic in topics if topic is not None]
    shown = sum(topic.number for topic in rows)
    return shown - 1 if any(topic.changed_at > now - SLOWEST_PAGE for topic in rows) else shown


class Token(NamedTuple):
    """Topics that a page may watch, and the number of ``access_topic`` when the page was made."""

    access: int
    topics: list[str]


def sign(topics: Iterable[str], user_pk: int, access: int = 0) -> str:
    """Returns a token with which this person's page may watch these topics.

    Valid for a day while ``access`` is the newest number of ``access_topic``; 0 if no right of the person has
    ever ended.
    """
    return signing.dumps([user_pk, access, *sorted(set(topics))], salt=TOKEN_SALT)


def read_token(token: str, user_pk: int) -> Token | None:
    """Returns the content of a token; None if it is another person's, expired or forged."""
    try:
        owner, access, *topics = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Token(access, topics) if owner == user_pk else None
