"""Parts of the manager's morning page that services declare: late, unassigned, unhappy, due today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Window

from community.core import clock, dates


@dataclass(frozen=True)
class Line:
    """A line of the morning page. ``standing`` is the state of its response clock, if it has one."""

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
    """Estate and time of the page, and the most lines of a kind."""

    estate: Any
    now: datetime
    limit: int


# (number in all, first lines)
Found = tuple[int, list[Line]]


@dataclass(frozen=True, kw_only=True)
class MorningSource:
    """Lines of one kind for a section: "late", "soon", "unassigned", "unhappy" or "today". Runs two queries at most."""

    section: str
    position: int
    find: Callable[[MorningQuery], Found]


@dataclass(frozen=True, kw_only=True)
class Morning:
    """Sources of a service for the morning page. ``topics(estate)`` returns live topics that change its
    lines.
    """

    sources: tuple[MorningSource, ...] = ()
    topics: Callable[[Any], list[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class FirstAnswers:
    """First answers that a service promises, each with a response clock.

    ``about(estate, references)`` returns title and second line by reference, in one query.
    """

    position: int
    icon: str
    tone: str
    about: Callable[[Any, Sequence[str]], Mapping[str, tuple[str, str]]]


def first_lines(rows: QuerySet[Any], query: MorningQuery, line: Callable[[Any, datetime], Line]) -> Found:
    """Returns the number of rows and the first of them as lines.

    One query counts them and finds the keys of the first, one more reads what these show, if there are any: to
    join it to thousands of open rows takes the longer.
    """
    counted = rows.select_related(None).annotate(in_all=Window(Count("pk")))
    first = list(counted.values_list("pk", "in_all")[: query.limit])
    if not first:
        return 0, []
    shown = rows.filter(pk__in=[pk for pk, _in_all in first])
    return first[0][1], [line(row, query.now) for row in shown]


def short_time(moment: datetime, now: datetime) -> str:
    """Returns a time, with the day unless it is today."""
    is_today = clock.today(moment) == clock.today(now)
    return dates.time_words(clock.local(moment)) if is_today else dates.moment_words(moment, now)
