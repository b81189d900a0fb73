"""For which days a home owes a fee, at which rates, and the lines of the bill that this makes.

Pure functions of dates and whole numbers; days are inclusive.
"""

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from community.core import money

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """Days from ``first`` to ``last``."""

    first: date
    last: date

    def within(self, other: "Span") -> "Span | None":
        """Returns the days that both have; None if there is none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


@dataclass(frozen=True, order=True)
class Cut:
    """A reduction by ``off`` 1/10000 for the days of ``span``; ``words`` stand on the line of the bill."""

    span: Span
    off: int
    words: str = ""


@dataclass(frozen=True)
class Terms:
    """The days of a period for which a home owes a fee, and its reductions: equal for most homes."""

    spans: tuple[Span, ...]
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True)
class Rate:
    """A rate in 0.0001 yuan a month that holds from a day until the next one begins."""

    from_on: date
    rate_hao: int


@dataclass(frozen=True)
class Part:
    """A line at one rate: whole months, or ``days`` of the ``of_days`` of one month."""

    span: Span
    rate_hao: int
    months: int = 1
    days: int | None = None
    of_days: int | None = None

    def fen(self, quantity_milli: int) -> int:
        """Returns the amount for a quantity in 0.001 of its unit."""
        return money.of_quantity(
            quantity_milli, self.rate_hao, self.months, days=self.days or 1, of_days=self.of_days or 1
        )


@dataclass(frozen=True)
class TakenOff:
    """A line that takes a part off others, named by their places in the list."""

    cut: Cut
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Lines:
    """The lines of a bill: those at a rate in the order of their days, then what is taken off."""

    parts: tuple[Part, ...]
    taken_off: tuple[TakenOff, ...] = ()

    def fens(self, quantity_milli: int) -> list[int]:
        """Returns the amount of each line; those of what is taken off are not positive."""
        fens = [part.fen(quantity_milli) for part in self.parts]
        off = [
            -money.share_of(sum(fens[place] for place in one.parts), one.cut.off) for one in self.taken_off
        ]
        return fens + off


def last_of_month(day: date) -> date:
    """Returns the last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def period_span(period: date, months: int) -> Span:
    """Returns the days of ``months`` months from the first day ``period``."""
    *_before, last = months_from(period, months)
    return Span(period, last_of_month(last))


def months_from(period: date, months: int) -> Iterator[date]:
    """Yields the first days of ``months`` months, beginning with the first day ``period``."""
    for number in range(period.month - 1, period.month - 1 + months):
        year, month = divmod(number, 12)
        yield date(period.year + year, month + 1, 1)


def lines_of(terms: Terms, rates: Sequence[Rate]) -> Lines:
    """Returns the lines for these terms. ``rates`` are in order; the first holds on the first day."""
    parts: list[Part] = []
    of_cut: dict[Cut, list[int]] = {}
    for span in terms.spans:
        for piece in _pieces(span, rates, terms.cuts):
            rate = next(rate for rate in reversed(rates) if rate.from_on <= piece.first)
            places = range(len(parts), len(parts) + len(found := list(_by_months(piece, rate.rate_hao))))
            parts += found
            for cut in terms.cuts:
                if cut.span.within(piece):
                    of_cut.setdefault(cut, []).extend(places)
    return Lines(tuple(parts), tuple(TakenOff(cut, tuple(places)) for cut, places in of_cut.items()))


def _pieces(span: Span, rates: Iterable[Rate], cuts: Iterable[Cut]) -> Iterator[Span]:
    """Divides a span where a rate changes, and where a reduction begins or ends."""
    starts = {rate.from_on for rate in rates}
    for cut in cuts:
        starts |= {cut.span.first, cut.span.last + DAY}
    days = [span.first, *sorted(day for day in starts if span.first < day <= span.last), span.last + DAY]
    return (Span(first, after - DAY) for first, after in pairwise(days))


def _by_months(span: Span, rate_hao: int) -> Iterator[Part]:
    """Divides a span into a part of its first month, the whole months, and a part of its last month."""
    day, whole = span.first, 0
    begun = day
    while day <= span.last:
        last = last_of_month(day)
        if day.day == 1 and last <= span.last:
            begun, whole = (day if not whole else begun), whole + 1
        else:
            if whole:
                yield Part(Span(begun, day - DAY), rate_hao, whole)
            end, whole = min(last, span.last), 0
            yield Part(Span(day, end), rate_hao, 1, (end - day).days + 1, last.day)
        day = last + DAY
    if whole:
        yield Part(Span(begun, day - DAY), rate_hao, whole)
