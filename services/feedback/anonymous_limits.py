"""Rate limits for anonymous writers that store nothing about them.

A limit for a whole estate would let one client block everybody; a limit for an address would store, for an
hour, from where somebody wrote. So each address falls into one of sixteen groups at random, into another one
each hour: too many requests block a sixteenth of the others until the hour ends, and the count of a group
identifies none of its many members. Only the number of the group is counted, in Redis, for an hour. The
limits of all groups together are the most that an estate stores in an hour.
"""

from typing import Any

from community.core import clock, limits
from community.core.encryption import blind_index
from community.core.limit_table import Limit
from community.core.limits import network_of
from services.common.response_clock import full_hour

GROUPS = 16


def group_of(address: str) -> int:
    """Returns the group of an address in this hour; all IPv6 addresses of one network share a group."""
    place = network_of(address)
    return int(blind_index(f"crowd:{full_hour(clock.now()).isoformat()}:{place}"), 16) % GROUPS


def hit(limit: Limit, estate_id: int, request: Any) -> None:
    """Counts one use by the request's group in an estate. Raises ``TooMany`` as ``limits.hit`` does."""
    limits.hit(limit, f"{estate_id}:{group_of(request.META.get('REMOTE_ADDR', ''))}")
