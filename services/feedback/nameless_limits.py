"""Limits for writers without a name, without remembering who they were.

One limit for a whole estate would let a single caller shut out everybody; one for an address would
keep, for an hour, from where somebody wrote. So each address falls by lot into one of sixteen crowds,
another one each hour: who writes too much shuts out a sixteenth of the others, until the hour is over,
and a crowd's count names none of the many who are in it. Only the crowd's number is counted, in Redis,
and that is gone after an hour. All crowds together are what an estate stores in an hour at most.
"""

from typing import Any

from community.core import clock, limits
from community.core.encryption import blind_index
from community.core.limit_table import Limit
from community.core.limits import network_of
from services.common.response import full_hour

GROUPS = 16


def group_of(address: str) -> int:
    """In which crowd an address is in this hour; of IPv6 one connection has all that begin alike."""
    place = network_of(address)
    return int(blind_index(f"crowd:{full_hour(clock.now()).isoformat()}:{place}"), 16) % GROUPS


def hit(limit: Limit, estate_id: int, request: Any) -> None:
    """Count one use in an estate by one of a crowd; raises as ``limits.hit`` does."""
    limits.hit(limit, f"{estate_id}:{group_of(request.META.get('REMOTE_ADDR', ''))}")
