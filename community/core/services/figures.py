"""Figures of the statistics page that services declare.

A figure is a numerator of a denominator on a day of the estate's calendar. Each stored figure comes from rows
that can be shown, so that it can be counted again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from community.core import clock, dates
from community.core.money import as_yuan
from community.core.services.words import Words

# A day and a part.
Key = tuple[date, str]


@dataclass(frozen=True)
class Span:
    """A range of days, including the last."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        return clock.midnight(self.first)

    @property
    def end(self) -> datetime:
        return clock.midnight(self.last + timedelta(days=1))

    @cached_property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def within(self, name: str) -> dict[str, datetime]:
        return {f"{name}__gte": self.begin, f"{name}__lt": self.end}


@dataclass
class Counted:
    """Result of counting. ``days`` are the days with data, including those on which nothing happened."""

    days: list[date]
    figures: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def fill_up(self, parts: Collection[str]) -> "Counted":
        """Adds 0 of 0 for days without a row."""
        for day in self.days:
            for part in parts:
                self.figures.setdefault((day, part), (0, 0))
        return self


@dataclass(frozen=True)
class FigureRow:
    """A counted row, in words; ``is_good`` if it is in the numerator too."""

    what: str
    reference: str
    url: str
    at: str
    # Value of ``at`` for a sheet.
    when: Any
    is_good: bool
    words: str
    # Address and seconds of what was spoken with it.
    recording: tuple[str, int] | None = None


@dataclass(frozen=True)
class RowsBehind:
    """Rows behind a figure: ``rows(estate, span, part)``, and ``shown(rows, part)`` in words."""

    rows: Callable[[int, Span, str], QuerySet[Any]]
    shown: Callable[[list[Any], str], list[FigureRow]]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Definition of a figure; ``sentence`` puts it in words with ``numerator`` and ``denominator``.

    The total is the part ``total`` or else the sum of all parts. ``lines`` are the parts that the chart
    draws; empty for the total only. Higher is better for all of them. A stock (``is_stock``) counts the same
    people every day, so several days are averaged and described by ``average``.
    """

    key: str
    position: int
    title: Words
    definition: Words
    numerator: Words
    denominator: Words
    sentence: Words
    # ``count(estate, span)``.
    count: Callable[[int, Span], Counted]
    parts: Mapping[str, Words]
    total: str = ""
    lines: tuple[str, ...] = ()
    is_monthly: bool = False
    is_money: bool = False
    is_stock: bool = False
    average: Words = ""
    # Parts outside of the total, described beside it.
    apart: tuple[str, ...] = ()
    icon: str = "chart"
    tone: str = "brand"
    # None where only numbers exist, such as active people.
    behind: RowsBehind | None = None
    # Parts whose rows have a table of their own.
    tabs: tuple[str, ...] = field(default=())

    @property
    def has_rows(self) -> bool:
        return self.behind is not None

    def amount(self, total: int, days: int = 1) -> Decimal | float:
        """Returns yuan for money, and the daily average of a stock, rounded half up to a tenth."""
        if self.is_money:
            return Decimal(total) / 100
        return (20 * total + days) // (2 * days) / 10 if self.is_stock else total

    def words_for(self, total: int, days: int = 1) -> str:
        return as_yuan(total) if self.is_money else f"{self.amount(total, days):,.1f}".removesuffix(".0")

    def in_words(self, numerator: int, denominator: int, days: int = 1) -> str:
        sentence = self.average if self.is_stock and days > 1 else self.sentence
        return str(sentence) % {
            "numerator": self.words_for(numerator, days),
            "denominator": self.words_for(denominator, days),
        }


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Final states of a service's requests: closed, or reopened by the resident.

    ``rows(estate, span)`` are history rows with ``at`` and ``to_status``; ``solved`` selects those that ended
    well; ``shown(rows)`` puts them in words.
    """

    rows: Callable[[int, Span], QuerySet[Any]]
    solved: Q
    shown: Callable[[list[Any]], list[FigureRow]]


@dataclass(frozen=True, kw_only=True)
class Rated:
    """Rows of a service that residents rate, for the figure of satisfaction.

    ``relation`` leads from an answer to its row; without it the row is found by its reference. ``url_name``
    is its staff page.
    """

    relation: str = ""
    url_name: str = ""
    # Roles that read the words of the ratings, and hear what was spoken with them.
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures of a service, shown at ``position`` among those of other services."""

    position: int
    measures: tuple[Measure, ...] = ()
    outcomes: Outcomes | None = None
    rated: Rated | None = None


def by_day(rows: QuerySet[Any], moment: str, part: str, good: Q) -> dict[Key, tuple[int, int]]:
    """Counts rows by the day of ``moment`` and the value of ``part``, in one query."""
    counted = (
        rows.order_by()
        .annotate(on=TruncDate(moment, tzinfo=clock.SHANGHAI))
        .values_list("on", part)
        .annotate(good=Count("pk", filter=good), all=Count("pk"))
    )
    return {(day, name): (number, of) for day, name, number, of in counted}


def moment_words(at: datetime) -> str:
    return dates.moment_words(at, clock.now())
