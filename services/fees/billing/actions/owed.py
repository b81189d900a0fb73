"""Which homes owe the bill of a run, on which terms: found for thousands of homes in a few queries.

Nearly all homes owe a fee for the whole period without a reduction: the database computes their bills by one
statement. The others are read and grouped by their terms.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from community.core import money
from community.core.inserts import keys_in
from community.estates.models import Home
from services.fees.models import (
    Bill,
    BillingRun,
    BillLine,
    BillQuerySet,
    FeeItem,
    FeeListing,
    Opening,
    Reduction,
)
from services.fees.terms import Cut, Lines, Rate, Span, Terms, lines_of, period_span

# A flat and a parking space are one, a square metre is 100 of the 0.01 m² of a home's area.
ONE, DM2 = 1000, 10


@dataclass(frozen=True)
class Batch:
    """Homes of the estate in the order of their keys: after the key ``after``, up to the key ``last``."""

    after: int
    last: int
    homes: int


@dataclass(frozen=True)
class Group:
    """Rows of ``Owed.rows`` with equal terms, and the lines of their bills."""

    rows: QuerySet[Any]
    lines: Lines


@dataclass(frozen=True)
class Sample:
    """A bill that a run would make: its home, space, lines (not stored) and amount in fen."""

    home: Home
    subject: str
    lines: list[BillLine]
    amount_fen: int


def rates_of(item: FeeItem, period: date) -> list[Rate]:
    """Returns the rates that hold in the period, in order; empty if none holds on its first day."""
    span = period_span(period, item.every)
    first = item.tariff_for(period)
    if first is None:
        return []
    later = item.tariffs.filter(from_on__gt=period, from_on__lte=span.last).order_by("from_on")
    return [Rate(max(one.from_on, period), one.rate_hao) for one in (first, *later)]


def as_stored(rates: Iterable[Rate]) -> list[list[Any]]:
    """Returns rates as ``BillingRun.rates`` has them."""
    return [[rate.from_on.isoformat(), rate.rate_hao] for rate in rates]


def existing_bills(item: FeeItem, period: date) -> BillQuerySet:
    """Returns the bills of ``item`` for the period that hold: a run makes these not again."""
    return Bill.objects.filter(item=item, period=period).exclude(status=Bill.Status.VOIDED)


def exempt_bills(item: FeeItem, period: date) -> BillQuerySet:
    """Returns the voided bills of ``item`` for the period of which nothing is owed: a run does not make these
    again either.

    Apart from ``existing_bills``, as each has an index of its own.
    """
    return Bill.objects.filter(item=item, period=period, is_exempt=True)


def opening_bills(item: FeeItem, period: date) -> BillQuerySet:
    """Returns the opening balances for months of the period that hold.

    They name no space, and a month of a longer period at most: how much of the period they are for, only the
    estate knows.
    """
    span = period_span(period, item.every)
    opened = Bill.objects.filter(opening__estate=item.estate_id, opening__status=Opening.Status.BOOKED)
    months = opened.filter(item=item, period__gte=span.first, period__lte=span.last)
    return months.exclude(status=Bill.Status.VOIDED)


class Owed:
    """The rows of which a run makes a bill each: homes, or the rows of the item's list.

    ``home``, ``subject`` and ``quantity_milli`` are expressions over these rows.
    """

    def __init__(self, run: BillingRun, batch: Batch | None = None) -> None:
        self.run, self.item, self.batch = run, run.item, batch
        self.is_listed = self.item.reach == FeeItem.Reach.LISTED
        self.span = period_span(run.period, self.item.every)
        self.rates = [Rate(date.fromisoformat(day), rate_hao) for day, rate_hao in run.rates]
        self.home = F("home") if self.is_listed else F("pk")
        self.subject: Any = F("subject") if self.is_listed else ""

    @cached_property
    def quantity_milli(self) -> Combinable:
        if self.item.basis != FeeItem.Basis.AREA:
            return Value(ONE)
        return F("home__area_dm2" if self.is_listed else "area_dm2") * Value(DM2)

    @property
    def unit(self) -> str:
        if self.item.basis == FeeItem.Basis.AREA:
            return BillLine.Unit.AREA
        return BillLine.Unit.SPACE if self.is_listed else BillLine.Unit.HOME

    def groups(self) -> list[Group]:
        """Returns the rows that owe something and have no bill yet, grouped by their terms."""
        others = self._others
        keys = [key for same in others.values() for key in same]
        usual = self._usual.exclude(pk__in=keys_in(keys)) if keys else self._usual
        groups = [Group(usual, lines_of(Terms((self.span,)), self.rates))]
        for terms, same in sorted(others.items(), key=lambda one: one[1][0]):
            if terms.spans:
                rows = self._rows.filter(pk__in=keys_in(same))
                groups.append(Group(rows, lines_of(terms, self.rates)))
        return groups

    def to_make(self, group: Group) -> QuerySet[Any]:
        """Returns the rows of a group whose bill is not 0, with its ``owed_fen``."""
        return group.rows.annotate(owed_fen=self.amount_fen(group.lines)).filter(owed_fen__gt=0)

    def samples(self, group: Group, count: int) -> list[Sample]:
        """Returns the first few bills of a group, computed without the database."""
        samples = []
        for row in self._with_address(self.to_make(group))[:count]:
            home, subject = self._home_and_subject(row)
            quantity = home.area_dm2 * DM2 if self.item.basis == FeeItem.Basis.AREA else ONE
            lines = [
                BillLine(amount_fen=fen, **columns)
                for columns, fen in zip(
                    self.line_columns(group.lines, quantity), group.lines.fens(quantity), strict=True
                )
            ]
            samples.append(Sample(home, subject, lines, sum(line.amount_fen for line in lines)))
        return samples

    def _with_address(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        address = "entrance__building__estate"
        return rows.select_related(f"home__{address}" if self.is_listed else address)

    def _home_and_subject(self, row: Any) -> tuple[Home, str]:
        return (row.home, row.subject) if self.is_listed else (row, "")

    def line_columns(self, lines: Lines, quantity_milli: Any) -> list[dict[str, Any]]:
        """Returns the columns of each line but its bill and amount; the quantity is a number or expression."""
        columns: list[dict[str, Any]] = [
            {
                "kind": BillLine.Kind.RATE,
                "from_on": part.span.first,
                "to_on": part.span.last,
                "months": part.months,
                "days": part.days,
                "of_days": part.of_days,
                "quantity_milli": quantity_milli,
                "unit": self.unit,
                "rate_hao": part.rate_hao,
            }
            for part in lines.parts
        ]
        columns += [
            {
                "kind": BillLine.Kind.REDUCTION,
                "words": one.cut.words,
                "from_on": one.cut.span.first,
                "to_on": one.cut.span.last,
                "off": one.cut.off,
            }
            for one in lines.taken_off
        ]
        return [{"number": number} | column for number, column in enumerate(columns, start=1)]

    def amount_fen(self, lines: Lines) -> Combinable:
        """Returns the amount of a bill with these lines as an expression over the rows."""
        fens = self.line_fens(lines, self.quantity_milli)
        amount = fens[0]
        for fen in fens[1:]:
            amount = amount + fen
        return amount

    def line_fens(self, lines: Lines, quantity_milli: Combinable) -> list[Combinable]:
        """Returns the amount of each line as an expression; those of what is taken off are not positive."""
        fens = [
            money.in_sql_of_quantity(
                quantity_milli, part.rate_hao, part.months, days=part.days or 1, of_days=part.of_days or 1
            )
            for part in lines.parts
        ]
        off = []
        for one in lines.taken_off:
            base = fens[one.parts[0]]
            for place in one.parts[1:]:
                base = base + fens[place]
            off.append(money.in_sql_of_share(base, one.cut.off) * Value(-1))
        return fens + off

    @cached_property
    def reached(self) -> QuerySet[Any]:
        """Rows that the item reaches in the period, with a bill or without."""
        if self.is_listed:
            listed = FeeListing.objects.filter(item=self.item)
            return self._of_batch(listed.touching(self.span.first, self.span.last), "home")
        homes = Home.objects.of_estate(self.run.estate).filter(self._condition)
        return self._of_batch(homes, "pk")

    def left_out(self) -> list[tuple[Home, str]]:
        """Returns home and space of the rows without their bill whose home has an opening balance for a month of
        the period.

        A run would bill this month twice, and does not know what is missing: they get no bill.
        """
        if not self._opened:
            return []
        rows = self._unbilled.filter(**{f"{self._home_path}__in": keys_in(self._opened)})
        return [self._home_and_subject(row) for row in self._with_address(rows)]

    @cached_property
    def _rows(self) -> QuerySet[Any]:
        """Rows of which a bill is made, in the order of their keys."""
        if not self._opened:
            return self._unbilled
        return self._unbilled.exclude(**{f"{self._home_path}__in": keys_in(self._opened)})

    @cached_property
    def _opened(self) -> list[int]:
        """Keys of the homes with opening balances for months of the period."""
        if self.item.every == FeeItem.Every.MONTH and not self.is_listed:
            # Its bill has the same home and month.
            return []
        homes = self._of_batch(opening_bills(self.item, self.run.period), "home")
        return list(homes.order_by("home").values_list("home", flat=True).distinct())

    @property
    def _home_path(self) -> str:
        return "home" if self.is_listed else "pk"

    @cached_property
    def _unbilled(self) -> QuerySet[Any]:
        """Rows without their bill, in the order of their keys."""
        rows = self.reached
        for bills in (existing_bills, exempt_bills):
            same: dict[str, Any] = {"home": OuterRef(self._home_path)}
            same["subject"] = OuterRef("subject") if self.is_listed else Value("")
            # The same bounds for the bills: PostgreSQL would read all bills of the item for each batch.
            made = self._of_batch(bills(self.item, self.run.period).filter(**same), "home")
            rows = rows.filter(~Exists(made))
        return rows.order_by("pk")

    @cached_property
    def _usual(self) -> QuerySet[Any]:
        """Rows that may owe the fee for the whole period."""
        if not self.is_listed:
            return self._rows
        return self._rows.filter(Q(to_on=None) | Q(to_on__gte=self.span.last), from_on__lte=self.span.first)

    @property
    def _condition(self) -> Q:
        if self.item.reach != FeeItem.Reach.CHOSEN:
            return Q()
        condition = Q(pk__in=[])
        for reach in self.item.reaches.all():
            condition |= reach.condition
        return condition

    def _of_batch(self, rows: Any, path: str) -> Any:
        if self.batch is None:
            return rows
        return rows.filter(**{f"{path}__gt": self.batch.after, f"{path}__lte": self.batch.last})

    @cached_property
    def _others(self) -> dict[Terms, list[int]]:
        """Keys of the rows whose terms are not the usual ones, by their terms; in two queries."""
        spans, cuts = self._spans(), self._cuts()
        if not self.is_listed:
            for home in cuts.keys() - {home for home, _subject in spans}:
                spans[home, ""] = home, [self.span]
        others: dict[Terms, list[int]] = defaultdict(list)
        for (home, _subject), (key, found) in spans.items():
            terms = Terms(tuple(found), tuple(cuts.get(home, ())))
            if terms != Terms((self.span,)):
                others[terms].append(key)
        return dict(others)

    def _spans(self) -> dict[tuple[int, str], tuple[int, list[Span]]]:
        """Returns the key of a row and the days within the period, by home and subject of the item's list.

        A home that is listed for other days only has no days. One row of the list stands for several of the
        same home and space.
        """
        listed = self._of_batch(FeeListing.objects.filter(item=self.item), "home")
        if self.is_listed:
            listed = listed.touching(self.span.first, self.span.last)
        found: dict[tuple[int, str], tuple[int, list[Span]]] = {}
        columns = ("pk", "home", "subject", "from_on", "to_on")
        for pk, home, subject, first, last in listed.order_by("from_on", "pk").values_list(*columns):
            row = ((home, subject), pk) if self.is_listed else ((home, ""), home)
            _key, days = found.setdefault(row[0], (row[1], []))
            if owed := Span(first, last or date.max).within(self.span):
                days.append(owed)
        return found

    def _cuts(self) -> dict[int, list[Cut]]:
        """Returns the reductions within the period by the key of their home."""
        cuts: dict[int, list[Cut]] = defaultdict(list)
        counting = Reduction.objects.counting().touching(self.span.first, self.span.last)
        for one in self._of_batch(counting.filter(item=self.item), "home").order_by("from_on", "pk"):
            if span := Span(one.from_on, one.to_on).within(self.span):
                cuts[one.home_id].append(Cut(span, one.off, one.why))
        return cuts
