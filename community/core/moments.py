"""Moments at which time alone changes what is shown: the end of a notice, of a visit, of a person's duty.

Code that compares a row with the present time names the moment by ``changes_at()``; whoever keeps what it made
drops it then.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

_moments: ContextVar[list[datetime] | None] = ContextVar("moments", default=None)


def changes_at(moment: datetime | None) -> None:
    """Notes a moment at which what is being made will be different, if anybody keeps it; None is never."""
    found = _moments.get()
    if found is not None and moment is not None:
        found.append(moment)


@contextmanager
def noted() -> Iterator[list[datetime]]:
    """Collects the moments that are named inside the block."""
    found: list[datetime] = []
    token = _moments.set(found)
    try:
        yield found
    finally:
        _moments.reset(token)


def next_of(moments: Iterable[datetime], now: datetime, longest: timedelta) -> datetime:
    """Returns the first moment after ``now``, at most ``longest`` from it."""
    return min([moment for moment in moments if moment > now] + [now + longest])
