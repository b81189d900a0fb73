"""Entries of the staff navigation that services and other apps declare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.services.words import Words


@dataclass(frozen=True)
class StaffMember:
    """A member of staff with their roles in all estates."""

    user: Any
    roles: frozenset[str]
    now: datetime


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """A staff page in the side navigation and on the start page.

    Shown to users with one of ``roles``; ``is_open`` replaces that rule where roles are not enough.
    """

    # Order among the entries of all apps.
    position: int
    # May be lazy; read at each request.
    url: Words
    label: Words
    icon: str
    tone: str = "plain"
    # Purpose, for pages without a count.
    hint: Words = ""
    roles: frozenset[str] = frozenset()
    is_open: Callable[[StaffMember], bool] | None = None
    # Number of requests that wait for this person.
    count: Callable[[StaffMember], int] | None = None
    hides_at_zero: bool = False
    # Areas on which ``is_open`` and ``count`` depend, besides the person's roles and the day: their topic
    # (``desk_topic`` in ``community/notifications/topics.py``) grows in the estate; none for what grows
    # ``EVERYTHING``. Found out anew at each page if it is None.
    areas: tuple[str, ...] | None = None

    def opens_for(self, member: StaffMember) -> bool:
        return self.is_open(member) if self.is_open else bool(member.roles & self.roles)
