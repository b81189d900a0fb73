"""Sums of a shift, from the books; the number of queries does not depend on what was taken in it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from accounts.models import User
from community.core.statements import Statement
from community.estates.models import Estate
from services.fees.models import (
    Account,
    BankedCash,
    Entry,
    IssuedReceipt,
    LedgerTransaction,
    ReceiptPaper,
    ReceiptSeries,
    Shift,
)

AT_COUNTER = (Account.Kind.CASH, Account.Kind.BANK)


def _entries(shift: Shift) -> Any:
    """Returns the entries of money that came and went in a shift, without its difference."""
    entries = Entry.objects.filter(transaction__shift=shift, account__kind__in=AT_COUNTER).order_by()
    return entries.exclude(transaction__kind=LedgerTransaction.Kind.SHIFT)


def expected_fen(shift: Shift) -> int:
    """Returns the cash that lies in the till by the books, in fen: the float, what came, less what went."""
    cash = _entries(shift).filter(account__kind=Account.Kind.CASH).aggregate(fen=Sum("amount_fen"))
    return shift.float_fen + (cash["fen"] or 0)


@dataclass(frozen=True)
class WaySum:
    """Sums of one way of paying in a shift: came in, and paid back, in fen."""

    way: str
    count: int
    fen: int
    back_count: int
    back_fen: int

    @property
    def left_fen(self) -> int:
        return self.fen - self.back_fen


@dataclass(frozen=True)
class Numbers:
    """Receipts of one series that were handed out in a shift: from, to, and how many."""

    first: str
    last: str
    count: int


@dataclass(frozen=True)
class HandOver:
    """All that the hand-over sheet of a shift says."""

    shift: Shift
    ways: list[WaySum]
    numbers: list[Numbers]
    voided: list[IssuedReceipt]
    # Cash that was brought to the bank, undone ones too.
    banked: list[BankedCash]
    expected_fen: int
    # The manager who counted and closed it for a cashier who has left; None otherwise.
    counted_by: User | None

    @property
    def total_fen(self) -> int:
        return sum(one.left_fen for one in self.ways)

    @property
    def banked_fen(self) -> int:
        return sum(one.amount_fen for one in self.banked if one.status == BankedCash.Status.BOOKED)

    @property
    def pieces(self) -> list[tuple[int, int, int]]:
        """The counted notes and coins: value in fen, number and sum in fen, the largest first."""
        found = sorted(((int(value), number) for value, number in self.shift.pieces.items()), reverse=True)
        return [(value, number, value * number) for value, number in found]

    @property
    def cash(self) -> WaySum:
        """The sums of cash; zeros without any."""
        return next((one for one in self.ways if one.way == "cash"), WaySum("cash", 0, 0, 0, 0))


def hand_over(shift: Shift) -> HandOver:
    """Returns the hand-over sheet of a shift. Six queries."""
    closing = shift.history.filter(to_status=Shift.Status.CLOSED).exclude(actor=shift.cashier_id)
    closed_by_another = closing.select_related("actor").first()
    came, went = Q(amount_fen__gt=0), Q(amount_fen__lt=0)
    sums = (
        _entries(shift)
        .exclude(transaction__kind=LedgerTransaction.Kind.BANKED)
        .values("account__kind", "account__provider")
        .annotate(
            fen=Sum("amount_fen", filter=came, default=0),
            count=Count("pk", filter=came),
            back_fen=Sum("amount_fen", filter=went, default=0),
            back_count=Count("pk", filter=went),
        )
        .order_by("-account__kind", "account__provider")
    )
    ways = [
        WaySum(
            way=row["account__provider"] or "cash",
            count=row["count"],
            fen=row["fen"],
            back_count=row["back_count"],
            back_fen=-row["back_fen"],
        )
        for row in sums
    ]
    return HandOver(
        shift=shift,
        ways=sorted(ways, key=lambda one: one.way != "cash"),
        numbers=_numbers(shift),
        voided=list(_voided(shift)),
        banked=list(shift.banked.select_related("made_by", "shift")),
        expected_fen=shift.expected_fen if shift.expected_fen is not None else expected_fen(shift),
        counted_by=closed_by_another.actor if closed_by_another else None,
    )


def _numbers(shift: Shift) -> list[Numbers]:
    used = IssuedReceipt.objects.filter(shift=shift).order_by().values("series")
    rows = list(used.annotate(first=Min("number"), last=Max("number"), count=Count("pk")).order_by("series"))
    series = ReceiptSeries.objects.in_bulk([row["series"] for row in rows])
    return [
        Numbers(
            series[row["series"]].number_text(row["first"]),
            series[row["series"]].number_text(row["last"]),
            row["count"],
        )
        for row in rows
    ]


def _voided(shift: Shift) -> Any:
    """Returns the voided receipts that were handed out or voided in the shift."""
    rows = IssuedReceipt.objects.filter(Q(shift=shift) | Q(voided_in=shift)).exclude(voided_at=None)
    return rows.select_related("series", "payment", "voided_by").order_by("series", "number")


_WITH_NUMBERS: Statement[ReceiptSeries] = Statement(
    lambda estate: ReceiptSeries.objects.filter(estate=estate).with_numbers_left()
)


def receipts_left(estate: Estate) -> int | None:
    """Returns how many receipt numbers an estate has left; None without an end."""
    rows = _WITH_NUMBERS(estate.pk)
    if not rows and not ReceiptSeries.objects.filter(estate=estate).exists():
        return None
    if any(series.last is None for series in rows):
        return None
    return sum(series.left or 0 for series in rows)


def paper_of(cashier: User, estate_id: int) -> str:
    """Returns the paper on which a cashier printed last in an estate; A5 before the first print."""
    found = ReceiptPaper.objects.filter(cashier=cashier, estate=estate_id).first()
    return found.paper if found else ReceiptPaper.Paper.A5


def with_takings(shifts: list[Shift]) -> list[tuple[Shift, int]]:
    """Returns each shift with the fen that came less those that went, by every way. One query."""
    entries = Entry.objects.filter(
        transaction__shift__in=[shift.pk for shift in shifts], account__kind__in=AT_COUNTER
    )
    entries = entries.exclude(transaction__kind=LedgerTransaction.Kind.SHIFT).order_by()
    sums = dict(
        entries.values("transaction__shift")
        .annotate(fen=Sum("amount_fen"))
        .values_list("transaction__shift", "fen")
    )
    return [(shift, sums.get(shift.pk, 0)) for shift in shifts]
