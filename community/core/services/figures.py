"""The figures below the morning page: what is counted, and what services add to it.

A figure is so many (numerator) of so many (denominator) on a day of the estate's calendar. Each kept
figure comes from rows that can be shown, so that anybody can count them again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from community.core import clock
from community.core.money import as_yuan
from community.core.services.words import Words

# By day and part.
Key = tuple[date, str]


@dataclass(frozen=True)
class Span:
    """Some days, the last one included."""

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
    """``days``: about which there is something to say, be it that nothing happened."""

    days: list[date]
    figures: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def fill_up(self, parts: Collection[str]) -> "Counted":
        """A day without any row counts none of none."""
        for day in self.days:
            for part in parts:
                self.figures.setdefault((day, part), (0, 0))
        return self


@dataclass(frozen=True)
class FigureRow:
    """One thing that was counted; ``is_good``: in the numerator too."""

    what: str
    reference: str
    url: str
    at: str
    # What ``at`` says, for a sheet.
    when: Any
    is_good: bool
    words: str


@dataclass(frozen=True)
class RowsBehind:
    """The rows that a figure counts: ``rows(estate, span, part)``, and ``shown(rows, part)`` in words."""

    rows: Callable[[int, Span, str], QuerySet[Any]]
    shown: Callable[[list[Any], str], list[FigureRow]]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """``sentence`` says a figure in words: so many (``numerator``) of so many (``denominator``).

    Its total is the part ``total``, or, where there is none, the sum of all parts. ``lines`` are the
    parts that the chart draws; empty: the total alone. All of them are better the higher they are. Of
    a stock the same people are counted every day: over several days, ``average`` says it of one of them.
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
    # Parts that are no part of the total, but are said beside it.
    apart: tuple[str, ...] = ()
    icon: str = "chart"
    tone: str = "brand"
    # None where there are only numbers, as of whoever used the product.
    behind: RowsBehind | None = None
    # The parts whose rows stand in a table of their own.
    tabs: tuple[str, ...] = field(default=())

    @property
    def has_rows(self) -> bool:
        return self.behind is not None

    def amount(self, total: int, days: int = 1) -> Decimal | float:
        """In yuan; of a stock on an average of so many days, rounded half up to a tenth."""
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
    """The last words on requests of a service: closed, or opened again by the resident.

    ``rows(estate, span)`` are history rows with ``at`` and ``to_status``, ``solved`` selects those that
    ended well, and ``shown(rows)`` says them.
    """

    rows: Callable[[int, Span], QuerySet[Any]]
    solved: Q
    shown: Callable[[list[Any]], list[FigureRow]]


@dataclass(frozen=True, kw_only=True)
class Rated:
    """The things of a service that residents say something of, as rows behind the figure of satisfaction.

    ``relation`` leads from an answer to its thing; without one the thing is found by its reference.
    ``url_name`` is its staff page.
    """

    relation: str = ""
    url_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a service is counted for. Its parts stand at ``position`` among those of the other services."""

    position: int
    measures: tuple[Measure, ...] = ()
    outcomes: Outcomes | None = None
    rated: Rated | None = None


def by_day(rows: QuerySet[Any], moment: str, part: str, good: Q) -> dict[Key, tuple[int, int]]:
    """How many of how many, by the day of ``moment`` and the value of ``part``. One query."""
    counted = (
        rows.order_by()
        .annotate(on=TruncDate(moment, tzinfo=clock.SHANGHAI))
        .values_list("on", part)
        .annotate(good=Count("pk", filter=good), all=Count("pk"))
    )
    return {(day, name): (number, of) for day, name, number, of in counted}


def moment_words(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}"
