"""Reports over a range of days: the takings by day, item, building, cashier or channel, and what was collected.

Each row is a part of the same entries, so that the rows add up to the total.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from accounts.models import User
from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Building, Estate
from services.fees import labels
from services.fees.figures import billed_in
from services.fees.models import Account, Bill, Entry, FeeItem, Payment
from services.fees.takings import (
    FROM_PREPAYMENT,
    Sums,
    entries_in,
    in_and_back,
    money_entries,
    other_entries,
    used_entries,
    way_of,
)

Key = tuple[Any, ...]


@dataclass(frozen=True)
class ReportRow:
    """A part of the takings; ``what`` is a day or the name of the part."""

    what: date | str
    sums: Sums


def rows_by_day(estate: Estate, span: Span) -> list[ReportRow]:
    """Returns the takings by day, days without any left out. Two queries."""

    def daily(entries: QuerySet[Entry]) -> QuerySet[Any]:
        day = TruncDate("transaction__at", tzinfo=clock.SHANGHAI)
        return entries.annotate(day=day).values("day")

    found = _merged(daily(money_entries(estate, span)), daily(used_entries(estate, span)), ("day",))
    return [ReportRow(day, sums) for (day,), sums in sorted(found.items())]


def rows_by_channel(estate: Estate, span: Span) -> list[ReportRow]:
    """Returns the takings by channel; prepayment is one of them. Two queries."""
    by = ("account__kind", "account__provider")
    found = _merged(money_entries(estate, span).values(*by), used_entries(estate, span).values(*by), by)
    named = {
        Payment.PREPAYMENT if kind == Account.Kind.PREPAYMENT else way_of(kind, provider): sums
        for (kind, provider), sums in found.items()
    }
    ways = list(labels.WAYS)
    order = {way: number for number, way in enumerate(ways)}
    return [
        ReportRow(labels.way(way), named[way])
        for way in sorted(named, key=lambda way: (order.get(way, len(ways)), way))
    ]


def rows_by_cashier(estate: Estate, span: Span) -> list[ReportRow]:
    """Returns the takings by the person who booked them; what came through a provider is one row. Four queries."""
    at_counter = (Account.Kind.CASH, Account.Kind.BANK)
    money = money_entries(estate, span)
    found = _merged(
        money.filter(account__kind__in=at_counter).values("transaction__by"),
        used_entries(estate, span).values("transaction__by"),
        ("transaction__by",),
    )
    online = _merged(money.exclude(account__kind__in=at_counter).values("transaction__estate"), None, ("x",))
    staff = User.objects.filter(pk__in=[person for (person,) in found if person], is_staff=True)
    names = {person.pk: person.name for person in staff}
    rows: dict[str, Sums] = {}
    for (person,), sums in found.items():
        name = names.get(person, _("Online"))
        rows[name] = _added(rows.get(name), sums)
    for sums in online.values():
        rows[_("Online")] = _added(rows.get(_("Online")), sums)
    return [ReportRow(name, rows[name]) for name in sorted(rows)]


def rows_by_item(estate: Estate, span: Span) -> list[ReportRow]:
    """Returns the takings by the fee item for which they were; money paid ahead is a row of its own. Three
    queries.
    """
    by = ("account__kind", "bill__item")
    found = _merged(
        other_entries(estate, span).values(*by), _used_for(estate, span).values(*by), by, is_other_side=True
    )
    items = FeeItem.objects.in_bulk([item for _kind, item in found if item])
    kinds = dict(Account.Kind.choices) | {Account.Kind.PREPAYMENT: _("Paid ahead")}
    rows = [
        ReportRow(labels.item_name(items[item]) if item else str(kinds[kind]), sums)
        for (kind, item), sums in sorted(found.items(), key=lambda row: (row[0][1] is None, row[0][1] or 0))
    ]
    return [row for row in rows if row.sums != Sums()]


def rows_by_building(estate: Estate, span: Span) -> list[ReportRow]:
    """Returns the takings by building of the home. Three queries."""
    by = ("account__home__entrance__building",)
    found = _merged(
        other_entries(estate, span).values(*by), _used_for(estate, span).values(*by), by, is_other_side=True
    )
    order = {building.pk: building for building in Building.objects.filter(estate=estate)}
    rows = [ReportRow(order[pk].name, found[pk,]) for pk in order if (pk,) in found]
    without = found.get((None,), Sums())
    return [*rows, *([ReportRow(_("No home"), without)] if without != Sums() else [])]


def _used_for(estate: Estate, span: Span) -> QuerySet[Entry]:
    """Returns the other side of ``used_entries``: the bills that prepayment paid."""
    return entries_in(estate, span, FROM_PREPAYMENT).exclude(account__kind=Account.Kind.PREPAYMENT)


def _merged(
    money: QuerySet[Any], used: QuerySet[Any] | None, by: tuple[str, ...], *, is_other_side: bool = False
) -> dict[Key, Sums]:
    """Returns the sums of grouped entries by their group; those of the other side have the opposite sign."""
    sign = -1 if is_other_side else 1
    found: dict[Key, Sums] = {}
    for row in money.annotate(**in_and_back()):
        key = tuple(row.get(name) for name in by)
        found[key] = Sums(sign * row["taken"], -sign * row["back"])
    for row in used.annotate(fen=Coalesce(Sum("amount_fen"), 0)) if used is not None else ():
        key = tuple(row.get(name) for name in by)
        found[key] = _added(found.get(key), Sums(used_fen=sign * row["fen"]))
    return found


def _added(one: Sums | None, other: Sums) -> Sums:
    if one is None:
        return other
    return Sums(one.taken_fen + other.taken_fen, one.back_fen + other.back_fen, one.used_fen + other.used_fen)


BY: dict[str, Callable[[Estate, Span], list[ReportRow]]] = {
    "day": rows_by_day,
    "item": rows_by_item,
    "building": rows_by_building,
    "cashier": rows_by_cashier,
    "channel": rows_by_channel,
}


# -- What was collected of what was billed


@dataclass(frozen=True)
class Collected:
    """The fen billed for some months and the fen of them paid by now, by item or building."""

    what: str
    billed_fen: int
    paid_fen: int

    @property
    def open_fen(self) -> int:
        return self.billed_fen - self.paid_fen

    @property
    def percent(self) -> str:
        """The collection rate to one decimal, rounded down, so that only a full one is 100."""
        if not self.billed_fen:
            return ""
        tenths = self.paid_fen * 1000 // self.billed_fen
        return f"{tenths // 10}.{tenths % 10}"


def collected_by_item(estate: Estate, span: Span) -> list[Collected]:
    """Returns what was billed for the months that begin in ``span``, and paid of it by now, by item. Two queries."""
    sums = _collected(billed_in(estate.pk, span), "item")
    items = FeeItem.objects.in_bulk(list(sums))
    return [
        Collected(labels.item_name(items[pk]), *sums[pk])
        for pk in sorted(sums, key=lambda pk: (items[pk].kind, items[pk].name))
    ]


def collected_by_building(estate: Estate, span: Span) -> list[Collected]:
    """Returns the same by building. Two queries."""
    sums = _collected(billed_in(estate.pk, span), "home__entrance__building")
    buildings = Building.objects.filter(pk__in=list(sums))
    return [Collected(building.name, *sums[building.pk]) for building in buildings]


def collected_total(estate: Estate, span: Span) -> Collected:
    found = billed_in(estate.pk, span).aggregate(
        billed=Coalesce(Sum("amount_fen"), 0), paid=Coalesce(Sum("paid_fen"), 0)
    )
    return Collected("", found["billed"], found["paid"])


def _collected(bills: QuerySet[Bill], by: str) -> dict[int, tuple[int, int]]:
    rows = bills.order_by().values(part=F(by)).annotate(billed=Sum("amount_fen"), paid=Sum("paid_fen"))
    return {row["part"]: (row["billed"], row["paid"]) for row in rows}
