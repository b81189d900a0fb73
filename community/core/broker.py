"""Whether Redis answers, and how many tasks wait in it."""

from functools import lru_cache

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

QUEUES = ("urgent", "normal", "bulk")


def is_reachable() -> bool:
    """Whether Redis answers within a second."""
    try:
        return bool(_client(settings.REDIS_URL).ping())
    except (RedisError, OSError):
        return False


def waiting_tasks() -> dict[str, int]:
    """Returns how many tasks wait by queue; nothing without Redis."""
    client, prefix = _client(settings.REDIS_URL), settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        return {queue: int(client.llen(f"{prefix}{queue}")) for queue in QUEUES}
    except (RedisError, OSError):
        return {}


@lru_cache(maxsize=1)
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
