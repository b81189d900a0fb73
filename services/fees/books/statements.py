"""A year's statement of a home: what it owed and held at the beginning, every movement, and at the end.

Rows come from the books, so that opening balance and movements add up to the closing balance.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Residency, User
from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Home
from services.fees import labels
from services.fees.models import Account, BillQuerySet, Entry, LedgerTransaction, Payment

Kind = LedgerTransaction.Kind
# Kinds that pay bills or undo a payment; all others change what is owed.
PAYING = (Kind.PAYMENT, Kind.PREPAID, Kind.REFUND, Kind.RELEASE)
YEARS = 6


@dataclass(frozen=True)
class StatementRow:
    """A day's transaction in fen: billed, paid, and into prepayment, with what is owed and held after it."""

    on: date
    what: str
    billed_fen: int
    paid_fen: int
    owed_fen: int
    ahead_fen: int
    held_fen: int


@dataclass(frozen=True)
class Statement:
    """The statement of one home; ``opening`` and ``closing`` are fen owed and fen of prepayment."""

    home: Home
    span: Span
    opening: tuple[int, int]
    rows: list[StatementRow]

    @property
    def closing(self) -> tuple[int, int]:
        return (self.rows[-1].owed_fen, self.rows[-1].held_fen) if self.rows else self.opening

    @property
    def billed_fen(self) -> int:
        return sum(row.billed_fen for row in self.rows)

    @property
    def paid_fen(self) -> int:
        return sum(row.paid_fen for row in self.rows)

    @property
    def put_in_fen(self) -> int:
        return sum(row.ahead_fen for row in self.rows if row.ahead_fen > 0)

    @property
    def taken_out_fen(self) -> int:
        return -sum(row.ahead_fen for row in self.rows if row.ahead_fen < 0)


def years_of(today: date) -> list[int]:
    """Returns the years for which a statement can be chosen, the newest first."""
    return list(range(today.year, today.year - YEARS, -1))


def year_span(year: int, today: date) -> Span:
    """Returns the days of a year, up to ``today``."""
    return Span(date(year, 1, 1), min(date(year, 12, 31), today))


def statement_for_staff(home: Home, span: Span) -> Statement:
    """Returns the statement with all bills and prepayments of the home. Four queries."""
    return _statement(home, span, Q(bill__home=home), Q(account__home=home))


def statement_for(resident: User, home: Home, bills: BillQuerySet, span: Span) -> Statement:
    """Returns the statement of a resident: of ``bills``, which they may see, of their own prepayment and of the
    household's since they live there. Six queries.
    """
    residency = Residency.objects.active().filter(user=resident, home=home)
    begun = min(residency.values_list("status_changed_at", flat=True), default=None)
    if begun is None:
        return _statement(home, span, Q(bill__in=bills.filter(home=home)), Q(account__person=resident))
    first = min(max(span.first, clock.today(begun)), span.last)
    mine = Q(account__person=resident) | Q(account__person=None)
    return _statement(home, Span(first, span.last), Q(bill__in=bills.filter(home=home)), mine)


def _statement(home: Home, span: Span, of_bills: Q, of_prepayments: Q) -> Statement:
    owed = Entry.objects.filter(of_bills, account__kind=Account.Kind.RECEIVABLE, account__home=home)
    held = Entry.objects.filter(of_prepayments, account__kind=Account.Kind.PREPAYMENT, account__home=home)
    opening = _sum_before(owed, span.begin), -_sum_before(held, span.begin)
    within = {"transaction__at__gte": span.begin, "transaction__at__lt": span.end}
    related = ("transaction", "bill__item", "account")
    entries = [
        *owed.filter(**within).select_related(*related),
        *held.filter(**within).select_related(*related),
    ]
    return Statement(home, span, opening, _rows(entries, opening))


def _sum_before(entries: QuerySet[Entry], begin: datetime) -> int:
    before = entries.filter(transaction__at__lt=begin)
    return int(before.aggregate(fen=Coalesce(Sum("amount_fen"), 0))["fen"])


def _rows(entries: Iterable[Entry], opening: tuple[int, int]) -> list[StatementRow]:
    together: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.transaction.at, entry.transaction_id, entry.pk)):
        together.setdefault(entry.transaction_id, []).append(entry)
    references = _references(together)
    owed_fen, held_fen = opening
    rows = []
    for pk, parts in together.items():
        written = parts[0].transaction
        on_bills = [part for part in parts if part.account.kind == Account.Kind.RECEIVABLE]
        change = sum(part.amount_fen for part in on_bills)
        ahead = -sum(part.amount_fen for part in parts if part not in on_bills)
        owed_fen, held_fen = owed_fen + change, held_fen + ahead
        pays = written.kind in PAYING
        rows.append(
            StatementRow(
                clock.today(written.at),
                _what(written, on_bills, references.get(pk, "")),
                billed_fen=0 if pays else change,
                paid_fen=-change if pays else 0,
                owed_fen=owed_fen,
                ahead_fen=ahead,
                held_fen=held_fen,
            )
        )
    return rows


def _what(written: LedgerTransaction, on_bills: list[Entry], reference: str) -> str:
    kind = str(written.get_kind_display())
    bill = on_bills[0].bill if len(on_bills) == 1 else None
    if bill and not reference:
        return labels.bill_name(bill) if written.kind == Kind.BILL else f"{kind} {labels.bill_name(bill)}"
    return f"{kind} {reference}".strip()


def _references(together: dict[int, list[Entry]]) -> dict[int, str]:
    """Returns the references of payments by the key of their transaction. One query."""
    keys = {}
    for pk, parts in together.items():
        _kind, _colon, number = parts[0].transaction.key.partition(":")
        if parts[0].transaction.kind in (Kind.PAYMENT, Kind.PREPAID) and number.isdecimal():
            keys[pk] = int(number)
    found = dict(Payment.objects.filter(pk__in=keys.values()).values_list("pk", "reference"))
    return {pk: found[number] for pk, number in keys.items() if number in found}
