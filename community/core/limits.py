"""Limits on what costs money, stores files or guesses at secrets.

Counters live in Redis. Without it these things are refused: a limit that fails open is none.
"""

import logging

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis import Redis
from redis.exceptions import RedisError

from community.core.encryption import blind_index
from community.core.errors import ActionError, TooMany

logger = logging.getLogger(__name__)

_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


class LimitsUnavailable(ActionError):
    """Redis does not answer, so nobody can count."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "limits_unavailable", _("This does not work right now. Please try again in a minute, or call.")
        )


def hit(name: str, key: str, *, limit: int, seconds: int, needs_redis: bool = True) -> None:
    """Count one use of ``name`` by ``key``; at most ``limit`` in ``seconds``, from the first use on.

    ``key`` (a number, an address) is stored as a keyed hash. Raises ``TooMany`` or
    ``LimitsUnavailable``. ``needs_redis=False`` is for what neither sends an SMS nor guesses at
    a secret: it goes on without Redis.
    """
    try:
        count, left = _redis().eval(_COUNT, 1, _counter(name, key, seconds), seconds)
    except (RedisError, OSError) as error:
        logger.error("limits: no answer from Redis: %s", error)
        if not needs_redis:
            return
        raise LimitsUnavailable from error
    if count > limit:
        raise _too_many(left)


def check(name: str, key: str, *, limit: int, seconds: int) -> None:
    """Refuse as ``hit`` would, without counting: where only failures are counted, afterwards."""
    counter = _counter(name, key, seconds)
    try:
        redis = _redis()
        count, left = int(redis.get(counter) or 0), redis.ttl(counter)
    except (RedisError, OSError) as error:
        logger.error("limits: no answer from Redis: %s", error)
        raise LimitsUnavailable from error
    if count >= limit:
        raise _too_many(left)


def forgive(name: str, key: str, *, seconds: int) -> None:
    """Start counting again, after the secret was shown to be known."""
    try:
        _redis().delete(_counter(name, key, seconds))
    except (RedisError, OSError):
        logger.warning("limits: %s could not be reset", name)


def _too_many(left: int) -> TooMany:
    message = _("That was too often. Please wait a little and try again.")
    return TooMany(message, retry_after=max(int(left), 1))


def _counter(name: str, key: str, seconds: int) -> str:
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    return f"{prefix}:limit:{name}:{blind_index(key)}:{seconds}"


def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)
