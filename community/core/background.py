"""Handing work to the background without waiting for it.

What must not be lost is a row in the database first; the queue only makes it quick.
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
# A broker that hangs must not hold the page: these hold for sending tasks, not for the worker.
_QUICK = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0, "interval_start": 0}
backoff = Backoff()


def queue(task: str, calls: Sequence[tuple[Any, ...]]) -> bool:
    """Queue ``task`` once for each tuple of arguments; says whether the broker took them.

    A broker that is gone costs the caller a second at most, once in a while. Call it after the
    commit.
    """
    if not backoff.may_try():
        return False
    connection = current_app.connection_for_write(transport_options=_QUICK)
    try:
        # A pool of connections: a fresh one costs as much as half a page.
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
