"""Counts uses that cost money, store files, cause work or guess secrets; limits are in ``limit_table``.

The library ``limits`` counts in Redis with sliding windows. Limits with ``needs_redis`` refuse without Redis.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from community.core.encryption import blind_index
from community.core.errors import ActionError, TooMany
from community.core.limit_table import Limit

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
# A limit with the number or network whose uses it counts.
Counted = tuple[Limit, str]


class LimitsUnavailable(ActionError):
    """Raised when Redis does not answer, so that uses cannot be counted."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "limits_unavailable",
            gettext_lazy("This does not work right now. Please try again in a minute, or call."),
        )


def hit(limit: Limit, key: object) -> None:
    """Counts one use by ``key`` (a number, a network), stored as a keyed hash.

    Refused uses are not counted. Raises ``TooMany``, and ``LimitsUnavailable`` if the limit needs Redis and
    it is missing.
    """
    if not _ask(limit, lambda counter: counter.hit(_item(limit), blind_index(str(key))), otherwise=True):
        raise _too_many(limit, key)


def hit_all(counted: Sequence[Counted]) -> None:
    """Counts one use by each of these limits or by none. Raises as ``hit`` does."""
    done: list[Counted] = []
    for limit, key in counted:
        try:
            hit(limit, key)
        except ActionError:
            for one in done:
                give_back(*one)
            raise
        done.append((limit, key))


def is_first(limit: Limit, key: object) -> bool:
    """Counts one use and returns whether the limit allowed it. Raises ``LimitsUnavailable`` as ``hit`` does."""
    return _ask(limit, lambda counter: counter.hit(_item(limit), blind_index(str(key))), otherwise=True)


def check(limit: Limit, key: object) -> None:
    """Raises as ``hit`` would, without counting."""
    if not _ask(limit, lambda counter: counter.test(_item(limit), blind_index(str(key))), otherwise=True):
        raise _too_many(limit, key)


def give_back(limit: Limit, key: object) -> None:
    """Removes one counted use that the limit is not about, such as a right password."""
    storage = _storage()
    name = storage.prefixed_key(_item(limit).key_for(blind_index(str(key))))
    if not limit.keeps_times:
        raise ValueError(f"{limit.name} keeps no times: its uses cannot be given back")
    try:
        # The library stores the times of uses in a list, newest first.
        storage.storage.lpop(name)
    except (RedisError, OSError):
        logger.warning("limits: a use of %s could not be given back", limit.name)


def forgive(limit: Limit, key: object) -> None:
    """Resets the count after the secret was proved."""
    try:
        _counter(limit).clear(_item(limit), blind_index(str(key)))
    except (RedisError, OSError):
        logger.warning("limits: %s could not be reset", limit.name)


def wait_words(seconds: int) -> str:
    """Returns a message with the waiting time and the desk as an alternative."""
    if seconds <= 120:
        return _("Too often. Please try again in %(seconds)s seconds, or call the desk.") % {
            "seconds": seconds
        }
    if seconds <= 2 * 3600:
        minutes = -(-seconds // 60)
        return _("Too often. Please try again in %(minutes)s minutes, or call the desk.") % {
            "minutes": minutes
        }
    hours = -(-seconds // 3600)
    return _("Too often. Please try again in %(hours)s hours, or call the desk.") % {"hours": hours}


def _too_many(limit: Limit, key: object) -> TooMany:
    item, hashed = _item(limit), blind_index(str(key))
    stats = _ask(limit, lambda counter: counter.get_window_stats(item, hashed), otherwise=None)
    seconds = max(1, round(stats.reset_time - time.time())) if stats else limit.seconds
    return TooMany(wait_words(seconds), retry_after=seconds)


def _ask(limit: Limit, question: Callable[[RateLimiter], Answer], *, otherwise: Answer) -> Answer:
    try:
        return question(_counter(limit))
    except (RedisError, OSError) as error:
        logger.error("limits: no answer from Redis: %s", error)
        if limit.needs_redis:
            raise LimitsUnavailable from error
        return otherwise


def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.amount, limit.seconds, namespace=limit.name)


def _counter(limit: Limit) -> RateLimiter:
    kind = MovingWindowRateLimiter if limit.keeps_times else SlidingWindowCounterRateLimiter
    return kind(_storage())


def _storage() -> RedisStorage:
    return _storage_at(settings.REDIS_URL, settings.CACHES["default"]["KEY_PREFIX"])


@lru_cache(maxsize=4)
def _storage_at(url: str, prefix: str) -> RedisStorage:
    """Returns storage with our own pool: the library ignores time-outs for ``unix://`` addresses."""
    pool = ConnectionPool.from_url(
        url, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    return RedisStorage(url, connection_pool=pool, key_prefix=f"{prefix}:limit")


def network_of(address: str) -> str:
    """Returns the IPv4 address, or the /64 of an IPv6 address, since one connection has all addresses in it.

    An IPv4 address written as IPv6 (``::ffff:203.0.113.7``) is returned as IPv4.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # a server behind a Unix socket has no address
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False))


def network(request: Any) -> str:
    """Returns the network of a request of Django or of the API."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
