"""Queues background work without waiting for it.

Work that must not be lost is a database row first; the queue only speeds it up.
"""

import logging
from collections.abc import Sequence
from typing import Any

from celery import current_app
from kombu.exceptions import KombuError
from kombu.pools import producers
from redis.exceptions import RedisError

from community.core.backoff import Backoff

logger = logging.getLogger(__name__)

UNREACHABLE = (KombuError, RedisError, OSError)
# Short time-outs for sending tasks, so that a hanging broker does not block a page; workers use others.
_QUICK = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0, "interval_start": 0}
backoff = Backoff()


def queue(task: str, calls: Sequence[tuple[Any, ...]]) -> bool:
    """Queues ``task`` once for each tuple of arguments; returns whether the broker took them.

    A missing broker costs the caller at most a second, and then nothing for a while. Call it after the
    commit.
    """
    if not backoff.may_try():
        return False
    connection = current_app.connection_for_write(transport_options=_QUICK)
    try:
        # Pooled, because a new connection costs as much as half a page.
        with producers[connection].acquire(block=True, timeout=1) as producer:
            for args in calls:
                signature = current_app.signature(task, args=args)
                signature.apply_async(producer=producer, retry=False, ignore_result=True)
    except UNREACHABLE as error:
        backoff.failed()
        logger.warning("background: the broker does not answer: %r", error)
        return False
    backoff.succeeded()
    return True
