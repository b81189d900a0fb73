"""Shifts of the demo's cashiers in the past weeks, and their receipts: one shift open, one closed with a difference."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F, Sum

from accounts.models import User
from community.core import clock
from community.demo.fee_books import sql
from community.estates.models import Estate
from services.fees.actions.ledger import Line, money_account, over_short, post
from services.fees.actions.receipt_numbers import void_receipt
from services.fees.models import (
    Account,
    Entry,
    IssuedReceipt,
    LedgerTransaction,
    Payment,
    ReceiptSeries,
    Shift,
    ShiftChange,
)

DAYS = 21
FLOAT_FEN = 50_000
OPENS, CLOSES = time(8, 30), time(18, 30)
OPEN_AT_LEAST = timedelta(hours=4)
SHORT_FEN, WORDS = 500, "找零时多给了五元"
PREFIX = "XF"


def open_shifts(now: datetime) -> None:
    """Creates a shift for each day of the past weeks, before the books: the last one of each estate is open."""
    for estate in Estate.objects.all():
        cashier = _cashier(estate)
        if cashier is not None:
            _open_shifts_of(estate, cashier, now)


def _cashier(estate: Estate) -> User | None:
    """Returns the cashier who took the demo's money in this estate."""
    taken = Payment.objects.filter(estate=estate).filter(merchant=None).order_by("pk").first()
    return taken.made_by if taken else None


def _open_shifts_of(estate: Estate, cashier: User, now: datetime) -> None:
    today = clock.today(now)
    shifts = [
        _shift(estate, cashier, opened_at=_at(today - timedelta(days=ago), OPENS), status=Shift.Status.CLOSED)
        for ago in range(DAYS, 0, -1)
    ]
    for shift in shifts:
        shift.closed_at = shift.status_changed_at = shift.opened_at + (_at(today, CLOSES) - _at(today, OPENS))
        # Until the books are written, which say what was expected.
        shift.expected_fen = shift.counted_fen = FLOAT_FEN
    opened_at = min(_at(today, OPENS), now - OPEN_AT_LEAST)
    shifts = [shift for shift in shifts if shift.closed_at and shift.closed_at <= opened_at]
    shifts.append(_shift(estate, cashier, opened_at=opened_at, status=Shift.Status.OPEN))
    Shift.objects.bulk_create(shifts)


def _shift(estate: Estate, cashier: User, *, opened_at: datetime, status: str) -> Shift:
    return Shift(
        estate=estate,
        cashier=cashier,
        float_fen=FLOAT_FEN,
        status=status,
        opened_at=opened_at,
        status_changed_at=opened_at,
    )


def _at(day: Any, moment: time) -> datetime:
    return clock.midnight(day) + timedelta(hours=moment.hour, minutes=moment.minute)


def hand_over_tills(now: datetime) -> None:
    """Counts the closed shifts by the books, numbers the receipts, and voids one of each estate."""
    for estate in Estate.objects.filter(pk__in=Shift.objects.values("estate")):
        _count_tills(estate)
        _number_receipts(estate, now)
        shift = Shift.objects.open().get(estate=estate)
        spoilt = IssuedReceipt.objects.filter(shift=shift).order_by("pk").last()
        if spoilt is not None:
            void_receipt(receipt=spoilt, reason="打印机卡纸", by=shift.cashier, now=now)


def _count_tills(estate: Estate) -> None:
    cash = Entry.objects.filter(account__kind=Account.Kind.CASH, transaction__shift__estate=estate).order_by()
    taken = dict(
        cash.values("transaction__shift")
        .annotate(fen=Sum("amount_fen"))
        .values_list("transaction__shift", "fen")
    )
    closed = list(Shift.objects.filter(estate=estate, status=Shift.Status.CLOSED).order_by("opened_at"))
    for shift in closed:
        shift.expected_fen = shift.counted_fen = shift.float_fen + taken.get(shift.pk, 0)
    short = closed[-3:][0] if closed else None
    if short is not None and short.counted_fen:
        short.counted_fen -= SHORT_FEN
    Shift.objects.bulk_update(closed, ["expected_fen", "counted_fen"])
    for shift in [*closed, Shift.objects.open().get(estate=estate)]:
        steps = [ShiftChange(shift=shift, to_status="open", actor=shift.cashier, at=shift.opened_at)]
        if shift.closed_at:
            words = WORDS if shift is short else ""
            steps.append(
                ShiftChange(
                    shift=shift,
                    from_status="open",
                    to_status="closed",
                    actor=shift.cashier,
                    reason=words,
                    at=shift.closed_at,
                )
            )
        ShiftChange.objects.bulk_create(steps)
    if short is not None and short.closed_at:
        post(
            kind=LedgerTransaction.Kind.SHIFT,
            key=f"shift:{short.pk}",
            estate_id=estate.pk,
            lines=[
                Line(money_account("cash", estate.pk), -SHORT_FEN, shift=short),
                Line(over_short(estate.pk), SHORT_FEN),
            ],
            by=short.cashier,
            now=short.closed_at,
        )


def _number_receipts(estate: Estate, now: datetime) -> None:
    """Gives the payments of the shifts the numbers of the estate's series, in the order of their time."""
    series = ReceiptSeries.objects.create(
        estate=estate, prefix=PREFIX, last=5000, created_at=now - timedelta(days=DAYS)
    )
    sql(
        """INSERT INTO fees_issuedreceipt
            (series_id, number, payment_id, shift_id, issued_by_id, issued_at, void_reason)
        SELECT %(series)s, row_number() OVER (ORDER BY p.paid_at, p.id), p.id, t.shift_id, p.made_by_id, p.paid_at, ''
        FROM fees_payment p JOIN fees_ledgertransaction t ON t.key = 'payment:' || p.id AND t.shift_id IS NOT NULL
        WHERE p.estate_id = %(estate)s""",
        series=series.pk,
        estate=estate.pk,
    )
    ReceiptSeries.objects.filter(pk=series.pk).update(next_number=F("first") + series.receipts.count())
