"""Takings of an estate, from the books: money that came in, less money that went back.

Prepayment that pays bills is a movement of its own, shown apart: its money came in earlier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from community.core.services.figures import Span
from community.core.statements import Statement
from community.estates.models import Estate
from services.fees.models import Account, Entry, LedgerTransaction, Payment

Kind = LedgerTransaction.Kind
# Every kind of transaction that moves money stands in one of these; check_ledger finds one that does not.
TAKEN = (Kind.PAYMENT, Kind.DEPOSIT)
PAID_BACK = (Kind.REFUND,)
# Money moved between two places of the estate, found missing, or kept by a provider, and what reverses these:
# no takings.
ELSEWHERE: tuple[str, ...] = (Kind.SHIFT, Kind.FEE, Kind.BANKED, Kind.REVERSAL)
FROM_PREPAYMENT = (Kind.PREPAID,)
MOVEMENTS = (*TAKEN, *PAID_BACK, *FROM_PREPAYMENT)


@dataclass(frozen=True)
class Sums:
    """Fen that came in, went back, and were used from prepayment."""

    taken_fen: int = 0
    back_fen: int = 0
    used_fen: int = 0

    @property
    def fen(self) -> int:
        """The takings: money in less money back."""
        return self.taken_fen - self.back_fen


def within(name: str, span: Span) -> dict[str, datetime]:
    """Returns the lookups that limit the moment ``name`` to the days of ``span``."""
    return {f"{name}__gte": span.begin, f"{name}__lt": span.end}


def entries_in(estate: Estate, span: Span, kinds: Iterable[str]) -> QuerySet[Entry]:
    """Returns the entries of transactions of these kinds, written on days of ``span``."""
    return Entry.objects.filter(
        transaction__estate=estate, transaction__kind__in=list(kinds), **within("transaction__at", span)
    ).order_by()


def money_entries(estate: Estate, span: Span) -> QuerySet[Entry]:
    """Returns the entries by which money came in or went back."""
    return entries_in(estate, span, (*TAKEN, *PAID_BACK)).filter(account__kind__in=Account.MONEY)


def other_entries(estate: Estate, span: Span) -> QuerySet[Entry]:
    """Returns the other side of ``money_entries``: what the money was for. Together they sum to zero."""
    return entries_in(estate, span, (*TAKEN, *PAID_BACK)).exclude(account__kind__in=Account.MONEY)


def used_entries(estate: Estate, span: Span) -> QuerySet[Entry]:
    """Returns the entries by which prepayment paid bills."""
    return entries_in(estate, span, FROM_PREPAYMENT).filter(account__kind=Account.Kind.PREPAYMENT)


def totals(estate: Estate, span: Span) -> Sums:
    """Returns the takings of all days of ``span`` together. Two queries."""
    money = money_entries(estate, span).aggregate(**in_and_back())
    used = used_entries(estate, span).aggregate(fen=Coalesce(Sum("amount_fen"), 0))
    return Sums(money["taken"], -money["back"], used["fen"])


def in_and_back() -> dict[str, Any]:
    """Returns the sums of what came in and went back, as the account has them: what went back is negative."""
    return {
        "taken": Coalesce(Sum("amount_fen", filter=Q(transaction__kind__in=TAKEN)), 0),
        "back": Coalesce(Sum("amount_fen", filter=Q(transaction__kind__in=PAID_BACK)), 0),
    }


@dataclass(frozen=True)
class Takings:
    """Money received and refunded on a day or some days, by channel."""

    rows: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    used_fen: int = 0

    @property
    def fen(self) -> int:
        return sum(row["fen"] for row in self.rows)

    @property
    def count(self) -> int:
        return sum(row["count"] for row in self.rows)

    @property
    def refunded_fen(self) -> int:
        return sum(row["fen"] for row in self.refunds)

    @property
    def left_fen(self) -> int:
        return self.fen - self.refunded_fen


def takings(estate: Estate, day: date) -> Takings:
    """Returns the takings of a day by channel. One query."""
    return takings_in(estate, Span(day, day))


def takings_in(estate: Estate, span: Span) -> Takings:
    """Returns the takings of all days of ``span`` together by channel. One query."""
    found = _BY_WAY(estate.pk, span.begin, span.end)
    used = sum(row["used"] for row in found)
    rows = sorted((row for row in found if row["account__kind"] in Account.MONEY), key=_way)
    return Takings(
        rows=[
            {"way": _way(row), "fen": row["taken"], "count": row["payments"]}
            for row in rows
            if row["payments"]
        ],
        refunds=[
            {"way": _way(row), "fen": -row["back"], "count": row["refunds"]} for row in rows if row["refunds"]
        ],
        used_fen=used,
    )


def _by_way(estate: int, begin: datetime, end: datetime) -> QuerySet[Entry, Any]:
    """Returns the sums and numbers of each money account, and what was used of the prepayments."""
    money = Q(account__kind__in=Account.MONEY, transaction__kind__in=(*TAKEN, *PAID_BACK))
    used = Q(account__kind=Account.Kind.PREPAYMENT, transaction__kind__in=FROM_PREPAYMENT)
    entries = Entry.objects.filter(
        money | used, transaction__estate=estate, transaction__at__gte=begin, transaction__at__lt=end
    )
    counted = {
        "payments": Count("transaction", filter=Q(transaction__kind__in=TAKEN)),
        "refunds": Count("transaction", filter=Q(transaction__kind__in=PAID_BACK)),
        "used": Coalesce(Sum("amount_fen", filter=used), 0),
    }
    by_way = entries.order_by().values("account__kind", "account__provider")
    return by_way.annotate(**in_and_back(), **counted)


_BY_WAY: Statement[dict[str, Any]] = Statement(_by_way)


def _way(row: dict[str, Any]) -> str:
    return way_of(row["account__kind"], row["account__provider"])


def way_of(kind: str, provider: str) -> str:
    """Returns the channel of a money account."""
    return Payment.CASH if kind == Account.Kind.CASH else provider


# -- One by one


def movements(estate: Estate, span: Span) -> QuerySet[LedgerTransaction]:
    """Returns the transactions of ``span`` in which money or prepayment moved.

    Annotates ``money_fen`` (negative when it went back), ``used_fen`` from prepayment, the ``home`` and the
    account ``kind_of_money`` and ``provider`` of the money.
    """
    mine = Entry.objects.filter(transaction=OuterRef("pk")).order_by()
    money = mine.filter(account__kind__in=Account.MONEY)
    used = mine.filter(account__kind=Account.Kind.PREPAYMENT, transaction__kind__in=FROM_PREPAYMENT)
    return LedgerTransaction.objects.filter(estate=estate, kind__in=MOVEMENTS, **within("at", span)).annotate(
        money_fen=Coalesce(Subquery(_sum(money)), 0),
        used_fen=Coalesce(Subquery(_sum(used)), 0),
        home=Subquery(mine.exclude(account__home=None).values("account__home")[:1]),
        kind_of_money=Subquery(money.values("account__kind")[:1]),
        provider=Subquery(money.values("account__provider")[:1]),
    )


def _sum(entries: QuerySet[Entry]) -> QuerySet[Any]:
    return entries.values("transaction").annotate(fen=Sum("amount_fen")).values("fen")
