"""Parts of the manager's morning page that services declare: late, unassigned, unhappy, due today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from community.core import clock, dates
from community.core.first_rows import first_keys


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
    """Estate and time of the page, and the most lines of a kind. ``shared`` is what sources find for each other."""

    estate: Any
    now: datetime
    limit: int
    shared: dict[str, Any] = field(default_factory=dict)


# (number in all, first lines)
Found = tuple[int, list[Line]]


@dataclass(frozen=True)
class FirstRows:
    """Rows of a kind in their order, how one is shown, and the relations that it shows."""

    rows: QuerySet[Any]
    line: Callable[[Any, datetime], Line]
    shows: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MorningSource:
    """Lines of one kind for a section: "late", "soon", "unassigned", "unhappy" or "today"."""

    section: str
    position: int
    find: Callable[[MorningQuery], Found | FirstRows]


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


def found_in(kinds: Sequence[FirstRows], query: MorningQuery) -> list[Found]:
    """Returns for each kind the number of its rows and the first of them as lines.

    One query counts them all and finds the keys of the first, one more a model reads what these show, if there are
    any: to join it to thousands of open rows takes the longer.
    """
    first = first_keys([kind.rows for kind in kinds], query.limit)
    wanted: dict[Any, set[int]] = {}
    joins: dict[Any, set[str]] = {}
    for kind, (_count, keys) in zip(kinds, first, strict=True):
        wanted.setdefault(kind.rows.model, set()).update(keys)
        joins.setdefault(kind.rows.model, set()).update(kind.shows)
    shown = {
        model: model.objects.select_related(*joins[model]).in_bulk(keys) if keys else {}
        for model, keys in wanted.items()
    }
    return [
        (count, [kind.line(shown[kind.rows.model][key], query.now) for key in keys])
        for kind, (count, keys) in zip(kinds, first, strict=True)
    ]


def short_time(moment: datetime, now: datetime) -> str:
    """Returns a time, with the day unless it is today."""
    is_today = clock.today(moment) == clock.today(now)
    return dates.time_words(clock.local(moment)) if is_today else dates.moment_words(moment, now)
