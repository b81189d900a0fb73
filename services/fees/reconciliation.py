"""Checks that books, bills, payments and prepayments agree. Reads only.

The entries are the truth. Each check is one query over all rows and yields nothing where they agree.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from community.core.money import as_yuan
from services.fees import takings
from services.fees.closing.figures import digest_of
from services.fees.models import (
    Account,
    Bill,
    ClosingSheet,
    Deposit,
    Entry,
    FundLine,
    LedgerReversal,
    LedgerTransaction,
    MatchingDay,
    MatchingLine,
    Opening,
    OpeningPrepayment,
    Payment,
    PaymentLine,
    ReceiptSeries,
    Refund,
    RefundLine,
    Shift,
)

Kind = LedgerTransaction.Kind
RECEIVED = Payment.RECEIVED
HELD = (Account.Kind.PREPAYMENT, Account.Kind.DEPOSIT)


@dataclass(frozen=True)
class Difference:
    """A value that differs from the books: of which row, its own fen, and the fen in the books."""

    what: str
    of: str
    says_fen: int
    books_fen: int

    def __str__(self) -> str:
        return f"{self.of}: {self.what}: {as_yuan(self.says_fen)}, in the books {as_yuan(self.books_fen)}"


def differences() -> Iterator[Difference]:
    """Yields all differences, one check after another."""
    for check in CHECKS:
        yield from check()


def _sum_of(entries: QuerySet[Entry], by: str) -> Coalesce:
    """Returns the sum of the entries that name the annotated row; 0 for none."""
    sums = entries.order_by().values(by).annotate(fen=Sum("amount_fen")).values("fen")
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)


def _key(prefix: str) -> Concat:
    """Returns the key of the transaction of the annotated row: ``bill:12``."""
    return Concat(Value(f"{prefix}:"), Cast(OuterRef("pk"), CharField()))


def _of_key(prefix: str, **conditions: Any) -> Coalesce:
    return _sum_of(Entry.objects.filter(transaction__key=_key(prefix), **conditions), "transaction")


def transactions_sum_to_zero() -> Iterator[Difference]:
    """Yields transactions that do not sum to zero or have no entries."""
    rows = LedgerTransaction.objects.annotate(fen=Sum("entries__amount_fen")).exclude(fen=0)
    for row in rows | LedgerTransaction.objects.annotate(fen=Sum("entries__amount_fen")).filter(fen=None):
        yield Difference("sum of the transaction", row.key, 0, row.fen or 0)


def transactions_stay_in_their_estate() -> Iterator[Difference]:
    """Yields entries on an account of another estate."""
    strays = Entry.objects.exclude(account__estate=F("transaction__estate")).select_related("transaction")
    for entry in strays:
        yield Difference("account of another estate", entry.transaction.key, 0, entry.amount_fen)


def bills_are_booked() -> Iterator[Difference]:
    """Yields bills whose amount is not booked, voided ones not reversed, and others that were reversed."""
    owed = {"bill": OuterRef("pk"), "account__kind": Account.Kind.RECEIVABLE}
    billed = Entry.objects.filter(transaction__kind__in=LedgerTransaction.BILLING, **owed)
    rows = Bill.objects.annotate(made=_sum_of(billed, "bill"), taken_back=_of_key("void", **owed))
    for bill in rows.exclude(made=F("amount_fen")):
        yield Difference("bill made", bill.reference, bill.amount_fen, bill.made)
    voided = Q(status=Bill.Status.VOIDED)
    for bill in rows.filter(voided).exclude(taken_back=-F("amount_fen")):
        yield Difference("bill voided", bill.reference, -bill.amount_fen, bill.taken_back)
    for bill in rows.exclude(voided).exclude(taken_back=0):
        yield Difference("bill not voided", bill.reference, 0, bill.taken_back)


def bills_are_their_lines() -> Iterator[Difference]:
    """Yields bills whose lines do not add up to their amount."""
    rows = Bill.objects.annotate(lines_fen=Coalesce(Sum("lines__amount_fen"), 0))
    for bill in rows.exclude(lines_fen=F("amount_fen")):
        yield Difference("lines of the bill", bill.reference, bill.amount_fen, bill.lines_fen)


def bills_are_paid_as_they_say() -> Iterator[Difference]:
    """Yields bills whose paid fen differ from the entries."""
    paying = Entry.objects.filter(bill=OuterRef("pk"), account__kind=Account.Kind.RECEIVABLE).exclude(
        transaction__kind__in=[*LedgerTransaction.BILLING, Kind.VOID]
    )
    rows = Bill.objects.annotate(paid=-_sum_of(paying, "bill"))
    for bill in rows.exclude(paid=F("paid_fen")):
        yield Difference("paid on the bill", bill.reference, bill.paid_fen, bill.paid)


def bills_have_the_state_of_their_sum() -> Iterator[Difference]:
    """Yields bills whose status does not fit their paid fen.

    Constraints check it as well; a database that was restored without them does not.
    """
    fits = (
        Q(status=Bill.Status.SETTLED, paid_fen=F("amount_fen"))
        | Q(status=Bill.Status.OPEN, paid_fen__lt=F("amount_fen"))
        | Q(status=Bill.Status.VOIDED, paid_fen=0)
    )
    for bill in Bill.objects.exclude(fits):
        yield Difference(f"state {bill.status}", bill.reference, bill.amount_fen, bill.paid_fen)


def entries_stay_with_the_home() -> Iterator[Difference]:
    """Yields entries of a bill on the receivable account of another home."""
    strays = Entry.objects.filter(account__kind=Account.Kind.RECEIVABLE).exclude(
        bill__home=F("account__home")
    )
    for entry in strays.select_related("transaction"):
        yield Difference("account of another home", entry.transaction.key, 0, entry.amount_fen)


def prepayments_hold_their_sum() -> Iterator[Difference]:
    """Yields prepayments and deposits whose held fen differ from the entries."""
    rows = Account.objects.filter(kind__in=HELD).annotate(held=-Coalesce(Sum("entries__amount_fen"), 0))
    for account in rows.exclude(held=F("held_fen")):
        yield Difference(account.kind, account.key, account.held_fen, account.held)


def deposits_are_held_or_gone() -> Iterator[Difference]:
    """Yields deposits of which what was taken is not what is held, was paid back, kept or moved."""
    gone = Refund.objects.filter(deposit=OuterRef("pk"), booked_at__isnull=False).order_by().values("deposit")
    fen = gone.annotate(fen=Sum(F("amount_fen") + F("kept_fen"))).values("fen")
    moved = Payment.objects.filter(moved_from=OuterRef("payment")).values("amount_fen")
    went = Coalesce(Subquery(fen), 0) + Coalesce(Subquery(moved), 0)
    rows = Deposit.objects.annotate(left=F("amount_fen") - went)
    differs = ~Q(account__held_fen=F("left")) | ~Q(amount_fen=F("payment__amount_fen"))
    for deposit in rows.filter(differs | ~Q(account__home=F("home"))).select_related("account", "payment"):
        yield Difference("deposit", deposit.payment.reference, deposit.account.held_fen, deposit.left)


def payments_are_booked() -> Iterator[Difference]:
    """Yields payments whose money is not booked exactly once."""
    from_before = {"account__kind__in": [*HELD, Account.Kind.RECEIVABLE]}
    rows = Payment.objects.annotate(
        money=_of_key("payment", account__kind__in=Account.MONEY),
        from_before=_of_key("payment", amount_fen__gt=0, **from_before),
    )
    is_from_before = Q(channel__in=Payment.NO_MONEY)
    received = Q(status__in=RECEIVED)
    for payment in rows.filter(received).exclude(is_from_before).exclude(money=F("amount_fen")):
        yield Difference("payment", payment.reference, payment.amount_fen, payment.money)
    for payment in rows.filter(received & is_from_before).exclude(from_before=F("amount_fen"), money=0):
        yield Difference(
            f"payment {payment.channel}", payment.reference, payment.amount_fen, payment.from_before
        )
    for payment in rows.exclude(received).exclude(money=0, from_before=0):
        yield Difference("not paid", payment.reference, 0, payment.money or payment.from_before)


def refunds_are_booked() -> Iterator[Difference]:
    """Yields refunds whose money is not booked exactly once, and payments of which they took another sum."""
    of_before = Entry.objects.filter(
        transaction__key=Concat(Value("refund:"), Cast(OuterRef("payment"), CharField())),
        account__kind__in=Account.MONEY,
    )
    went = _of_key("payback", account__kind__in=Account.MONEY) + _sum_of(of_before, "transaction")
    rows = Refund.objects.annotate(went=went, kept=_of_key("payback", account__kind=Account.Kind.INCOME))
    booked = Q(booked_at__isnull=False)
    for refund in rows.filter(booked).exclude(went=-F("amount_fen"), kept=-F("kept_fen")):
        yield Difference("refund", str(refund.source), -refund.amount_fen, refund.went)
    waiting = rows.exclude(booked)
    # A refund of before shares its key with others of its payment.
    for refund in waiting.filter(payment=None).exclude(went=0):
        yield Difference("not refunded", str(refund.source), 0, refund.went)
    gone = Refund.objects.filter(payment=OuterRef("pk"), booked_at__isnull=False).order_by().values("payment")
    moved = Payment.objects.filter(moved_from=OuterRef("pk")).values("amount_fen")
    fen = Coalesce(Subquery(gone.annotate(fen=Sum("amount_fen")).values("fen")), 0)
    payments = Payment.objects.annotate(gone=fen + Coalesce(Subquery(moved), 0))
    for payment in payments.exclude(gone=F("back_fen")):
        yield Difference("gone of the payment", payment.reference, payment.back_fen, payment.gone)


def lines_gave_back_what_they_say() -> Iterator[Difference]:
    """Yields lines of payments of which refunds, or a move, took another sum than the line says."""
    gone = RefundLine.objects.filter(line=OuterRef("pk"), refund__booked_at__isnull=False).order_by()
    fen = Coalesce(Subquery(gone.values("line").annotate(fen=Sum("amount_fen")).values("fen")), 0)
    rows = PaymentLine.objects.annotate(gone=fen).select_related("payment", "bill")
    moved = Q(payment__status=Payment.Status.MOVED)
    for line in rows.exclude(moved).exclude(gone=F("back_fen")):
        yield Difference(
            "gone of the bill", f"{line.payment.reference} → {line.bill.reference}", line.back_fen, line.gone
        )
    for line in rows.filter(moved).exclude(back_fen=F("applied_fen")):
        yield Difference(
            "moved off the bill",
            f"{line.payment.reference} → {line.bill.reference}",
            line.back_fen,
            line.applied_fen,
        )


def payments_went_where_they_say() -> Iterator[Difference]:
    """Yields lines and rests of payments that differ from the bills' and prepayments' entries."""
    own_key = Concat(Value("payment:"), Cast(OuterRef("payment"), CharField()))
    on_bill = Entry.objects.filter(
        transaction__key=own_key, bill=OuterRef("bill"), account__kind=Account.Kind.RECEIVABLE
    )
    lines = PaymentLine.objects.annotate(taken=-_sum_of(on_bill, "bill")).select_related("payment", "bill")
    for line in lines.exclude(taken=F("applied_fen")):
        of = f"{line.payment.reference} → {line.bill.reference}"
        yield Difference("taken by the bill", of, line.applied_fen, line.taken)
    applied = PaymentLine.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    rest = Payment.objects.filter(status__in=RECEIVED).exclude(channel=Payment.PREPAYMENT)
    rows = rest.annotate(
        rest=F("amount_fen") - Coalesce(Subquery(applied.annotate(fen=Sum("applied_fen")).values("fen")), 0),
        kept=-_of_key("payment", account__kind__in=HELD, amount_fen__lt=0),
    )
    for payment in rows.exclude(rest=F("kept")):
        yield Difference("rest of the payment", payment.reference, payment.rest, payment.kept)


def openings_are_booked() -> Iterator[Difference]:
    """Yields openings whose bills do not have their sum, and prepayments that are not booked or not reversed."""
    for opening in Opening.objects.annotate(fen=Coalesce(Sum("bills__amount_fen"), 0)).exclude(
        fen=F("arrears_fen")
    ):
        yield Difference("arrears of the opening", str(opening), opening.arrears_fen, opening.fen)
    kept = {"account__kind": Account.Kind.PREPAYMENT}
    rows = OpeningPrepayment.objects.annotate(
        booked=-_of_key("opening", **kept), reversed=_of_key("opening_undone", **kept)
    )
    for row in rows.exclude(booked=F("amount_fen")):
        yield Difference("opening prepayment", str(row), row.amount_fen, row.booked)
    undone = Q(opening__status=Opening.Status.UNDONE)
    for row in rows.filter(undone).exclude(reversed=F("amount_fen")):
        yield Difference("opening undone", str(row), row.amount_fen, row.reversed)
    for row in rows.exclude(undone).exclude(reversed=0):
        yield Difference("opening not undone", str(row), 0, row.reversed)


def money_is_reported() -> Iterator[Difference]:
    """Yields entries of money in a kind of transaction that no report counts."""
    known = (*takings.TAKEN, *takings.PAID_BACK, *takings.ELSEWHERE)
    strays = Entry.objects.filter(account__kind__in=Account.MONEY).exclude(transaction__kind__in=known)
    for entry in strays.select_related("transaction"):
        yield Difference(f"kind {entry.transaction.kind}", entry.transaction.key, 0, entry.amount_fen)


def tills_hold_what_was_counted() -> Iterator[Difference]:
    """Yields closed shifts whose counted cash is not the float and all cash that was booked in them."""
    cash = Entry.objects.filter(transaction__shift=OuterRef("pk"), account__kind=Account.Kind.CASH)
    rows = Shift.objects.filter(status=Shift.Status.CLOSED).select_related("cashier")
    rows = rows.annotate(books=F("float_fen") + _sum_of(cash, "transaction__shift"))
    for shift in rows.exclude(books=F("counted_fen")):
        yield Difference("cash of the shift", str(shift), shift.counted_fen or 0, shift.books)


def receipts_are_without_gap() -> Iterator[Difference]:
    """Yields series of receipts of which a number was taken and no receipt has it; counts, not fen."""
    rows = ReceiptSeries.objects.annotate(used=Count("receipts"))
    for series in rows.exclude(used=F("next_number") - F("first")):
        yield Difference("numbers of receipts", str(series), series.next_number - series.first, series.used)


def fees_of_providers_are_booked() -> Iterator[Difference]:
    """Yields agreed days whose fees are not booked for each estate, and fees of days that nobody agreed to."""
    agreed = MatchingLine.objects.filter(day__status=MatchingDay.Status.AGREED).exclude(estate=None)
    sums = agreed.order_by().values("day", "estate").annotate(fen=Sum("fee_fen"))
    says = {f"fee:{row['day']}:{row['estate']}": row["fen"] for row in sums if row["fen"]}
    fees = Entry.objects.filter(account__kind=Account.Kind.PROVIDER_FEE, transaction__kind=Kind.FEE)
    kept = fees.order_by().values("transaction__key")
    books = {row["transaction__key"]: row["fen"] for row in kept.annotate(fen=Sum("amount_fen"))}
    for key in sorted(says | books):
        if says.get(key, 0) != books.get(key, 0):
            yield Difference("fee of a provider", key, says.get(key, 0), books.get(key, 0))


def reversals_are_opposite() -> Iterator[Difference]:
    """Yields reversals whose entries are not the opposite of what they reverse, account by account."""
    rows = LedgerReversal.objects.exclude(booked=None).select_related("booked")
    for row in rows:
        both = Entry.objects.filter(transaction__in=[row.reversed_id, row.booked_id]).order_by()
        for odd in both.values("account", "bill").annotate(fen=Sum("amount_fen")).exclude(fen=0):
            assert row.booked is not None
            yield Difference("reversal", row.booked.key, 0, odd["fen"])


def funds_hold_their_lines() -> Iterator[Difference]:
    """Yields funds that hold another sum than their entries, and lines in the books with another amount."""
    funds = Account.objects.filter(kind=Account.Kind.FUND).annotate(
        books=_sum_of(Entry.objects.filter(account=OuterRef("pk")), "account")
    )
    for account in funds.exclude(books=F("held_fen")):
        yield Difference("held by the fund", account.key, account.held_fen, account.books)
    lines = FundLine.objects.annotate(books=_of_key("fund", account__kind=Account.Kind.FUND))
    booked = Q(status=FundLine.Status.BOOKED)
    for line in lines.filter(booked & ~Q(books=F("amount_fen")), is_spending=False):
        yield Difference("line of the fund", f"fund:{line.pk}", line.money_fen, line.books)
    for line in lines.filter(booked & ~Q(books=-F("amount_fen")), is_spending=True):
        yield Difference("line of the fund", f"fund:{line.pk}", line.money_fen, line.books)
    for line in lines.exclude(booked).exclude(books=0):
        yield Difference("line that is not booked", f"fund:{line.pk}", 0, line.books)


def funds_are_apart() -> Iterator[Difference]:
    """Yields entries of other money in transactions of a fund, and of a fund in other transactions."""
    of_fund = Q(account__kind__in=(Account.Kind.FUND, Account.Kind.FUND_FLOW))
    in_fund = Q(transaction__kind=LedgerTransaction.Kind.FUND)
    strays = Entry.objects.filter((of_fund & ~in_fund) | (in_fund & ~of_fund)).select_related("transaction")
    for entry in strays:
        yield Difference("a fund with other money", entry.transaction.key, 0, entry.amount_fen)


def signed_sheets_are_the_books() -> Iterator[Difference]:
    """Yields signed sheets whose stored sums are not those of the ledger, or not those of their checksum."""
    for sheet in ClosingSheet.objects.signed().select_related("estate"):
        span = sheet.span
        sums = takings.totals(sheet.estate, span)
        if sheet.left_fen != sums.fen:
            yield Difference("takings of the sheet", str(sheet), sheet.left_fen, sums.fen)
        if sheet.digest != digest_of(sheet.estate, sheet.kind, span, sheet.figures):
            yield Difference("checksum of the sheet", str(sheet), 0, 1)


CHECKS: list[Callable[[], Iterator[Difference]]] = [
    transactions_sum_to_zero,
    transactions_stay_in_their_estate,
    bills_are_booked,
    bills_are_their_lines,
    bills_are_paid_as_they_say,
    bills_have_the_state_of_their_sum,
    entries_stay_with_the_home,
    prepayments_hold_their_sum,
    deposits_are_held_or_gone,
    payments_are_booked,
    refunds_are_booked,
    lines_gave_back_what_they_say,
    payments_went_where_they_say,
    openings_are_booked,
    money_is_reported,
    tills_hold_what_was_counted,
    receipts_are_without_gap,
    fees_of_providers_are_booked,
    reversals_are_opposite,
    funds_hold_their_lines,
    funds_are_apart,
    signed_sheets_are_the_books,
]
