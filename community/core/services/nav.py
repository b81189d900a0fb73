"""The side nav of the back office, as services and other apps declare their entries for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.services.words import Words


@dataclass(frozen=True)
class Worker:
    """A member of staff, with the roles that they hold in any estate."""

    user: Any
    roles: frozenset[str]
    now: datetime


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """A page of the back office, in the side nav and on the start page.

    Shown to whoever has one of ``roles``; where more than a role decides, ``is_open`` does alone.
    """

    # Entries are shown in the order of their positions, over all apps.
    position: int
    # May be lazy: it is read at each request.
    url: Words
    label: Words
    icon: str
    tone: str = "plain"
    # For a page on which nothing waits: what it is for.
    hint: Words = ""
    roles: frozenset[str] = frozenset()
    is_open: Callable[[Worker], bool] | None = None
    # How many things wait for this person.
    count: Callable[[Worker], int] | None = None
    hides_at_zero: bool = False

    def opens_for(self, worker: Worker) -> bool:
        return self.is_open(worker) if self.is_open else bool(worker.roles & self.roles)
