"""Keeps parts of pages between requests: in Redis, under the numbers of live topics, for minutes.

A page holds personal text. So what is kept is encrypted with the key of encrypted columns, its key is a keyed
hash that names nobody, and it is gone after ten minutes, whatever happens. It is only ever shown while every
number that it was made under is still the newest: erasing a person, ending a role or correcting a name grows
one of them. Without Redis everything is made again.
"""

import json
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache as once
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from community.core.backoff import Backoff
from community.core.encryption import blind_index, decrypt, encrypt

logger = logging.getLogger(__name__)

LONGEST = timedelta(minutes=10)
# Seconds for which the first who makes something keeps others waiting, and for which they wait.
MAKING_SECONDS, WAITING_SECONDS = 5, 1.0
_PAUSE = 0.02
# Bytes above which a value is not kept.
LARGEST = 200_000
_backoff = Backoff()


def key_of(kind: str, *parts: object) -> str:
    """Returns a key for this kind, for all that it depends on besides the numbers, and for this release."""
    return f"kept:{kind}:" + blind_index(json.dumps([kind, _release(), *settings.SERVICES, *map(str, parts)]))


def load(key: str) -> Any:
    """Returns the value kept under this key; None if there is none, or if Redis does not answer."""
    if not _backoff.may_try():
        return None
    try:
        sealed = cache.get(key)
    except (RedisError, OSError) as error:
        _failed(error)
        return None
    _backoff.succeeded()
    try:
        return json.loads(decrypt(sealed, column=key)) if sealed else None
    except (InvalidTag, KeyError, ValueError):  # a key was changed
        return None


def save(key: str, value: Any) -> None:
    """Keeps a value that JSON can hold; does nothing without Redis."""
    if not _backoff.may_try():
        return
    text = json.dumps(value, ensure_ascii=False)
    try:
        if len(text) <= LARGEST:
            cache.set(key, encrypt(text, column=key), LONGEST.total_seconds())
        cache.delete(f"{key}:making")
    except (RedisError, OSError) as error:
        _failed(error)


def give_up(key: str) -> None:
    """Lets nobody wait for what was made and is not kept."""
    if not _backoff.may_try():
        return
    try:
        cache.delete(f"{key}:making")
    except (RedisError, OSError) as error:
        _failed(error)


def load_or_wait(key: str) -> Any:
    """Returns the value kept. When there is none, as when Redis came back empty, the first who asks gets None at
    once and makes it; others wait until it is there, for a second at most. Whoever got None calls ``save`` or
    ``give_up``.
    """
    value = load(key)
    if value is not None or _is_first(key):
        return value
    until = time.monotonic() + WAITING_SECONDS
    while value is None and time.monotonic() < until:
        time.sleep(_PAUSE)
        value = load(key)
    return value


def _is_first(key: str) -> bool:
    """Whether nobody else is making this; True without Redis."""
    if not _backoff.may_try():
        return True
    try:
        return bool(cache.add(f"{key}:making", 1, MAKING_SECONDS))
    except (RedisError, OSError) as error:
        _failed(error)
        return True


def _failed(error: Exception) -> None:
    _backoff.failed()
    logger.warning("kept: pages are made again each time: %r", error)


def is_current(made: Mapping[str, Any], numbers: Mapping[str, int], now: datetime) -> bool:
    """Whether something made under ``made["numbers"]``, good until ``made["until"]``, may still be shown."""
    under: dict[str, int] = made["numbers"]
    return now.timestamp() < made["until"] and all(
        numbers.get(one) == number for one, number in under.items()
    )


@once
def _release() -> str:
    """Returns a mark that tells this release from others: how many files it has, and when the newest was written."""
    base = Path(settings.BASE_DIR)
    found = [*(base / "templates").rglob("*.html"), *(base / "community" / "locale").rglob("*.mo")]
    for folder in ("community", "accounts", "services"):
        found += (base / folder).rglob("*.py")
    newest = max(path.stat().st_mtime_ns for path in found)
    return f"{len(found)} {newest}"
