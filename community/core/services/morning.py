"""The manager's morning page, as services add to it: what is late, unassigned, unhappy, and due today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Window

from community.core import clock


@dataclass(frozen=True)
class Line:
    """One thing, and the way to it. ``standing`` is that of its response clock, where it has one."""

    url: str
    title: str
    sub: str
    icon: str
    tone: str
    meta: str = ""
    standing: Any = None
    at: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True)
class MorningQuery:
    """The estate and the moment that the page shows, and how many lines of a kind at most."""

    estate: Any
    now: datetime
    limit: int


# How many there are in all, and the first of them.
Found = tuple[int, list[Line]]


@dataclass(frozen=True, kw_only=True)
class MorningSource:
    """Lines of one kind for a section: "late", "soon", "unassigned", "unhappy" or "today". One query."""

    section: str
    position: int
    find: Callable[[MorningQuery], Found]


@dataclass(frozen=True, kw_only=True)
class Morning:
    """What a service adds to the morning page. ``topics(estate)``: live topics that change its lines."""

    sources: tuple[MorningSource, ...] = ()
    topics: Callable[[Any], list[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class FirstAnswers:
    """First answers that a service promises, each with a response clock.

    ``about(estate, references)`` returns title and second line of what waits, by reference. One query.
    """

    position: int
    icon: str
    tone: str
    about: Callable[[Any, Sequence[str]], Mapping[str, tuple[str, str]]]


def first_lines(rows: QuerySet[Any], query: MorningQuery, line: Callable[[Any, datetime], Line]) -> Found:
    """The first rows as lines, and how many there are in all. One query."""
    found = list(rows.annotate(in_all=Window(Count("pk")))[: query.limit])
    return (found[0].in_all if found else 0), [line(row, query.now) for row in found]


def short_time(moment: datetime, now: datetime) -> str:
    """With the day, where it is not today's."""
    at = clock.local(moment)
    return f"{at:%H:%M}" if at.date() == clock.today(now) else f"{at:%m-%d %H:%M}"
