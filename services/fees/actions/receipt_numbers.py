"""Numbers of receipts: taken from the estate's series one after another, voided with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, changes
from community.core.errors import ActionError
from services.fees import policies
from services.fees.actions import tills
from services.fees.actions.reasons import check_reason
from services.fees.models import IssuedReceipt, Payment, ReceiptSeries, Shift


def issue_receipt(payment: Payment, *, shift: Shift | None, by: User, now: datetime) -> IssuedReceipt:
    """Gives a payment the next number of its estate's series and returns the receipt.

    Call it last in the transaction of its cause: the series stays locked until the commit, so that no number
    is left out or used twice. Raises ``ActionError`` (``receipts_used_up``) if no series has a number left.
    """
    series, number = _take_number(payment, now=now)
    return IssuedReceipt.objects.create(
        series=series, number=number, payment=payment, shift=shift, issued_by=by, issued_at=now
    )


def _take_number(payment: Payment, *, now: datetime) -> tuple[ReceiptSeries, int]:
    """Takes a number by one conditional UPDATE; an estate without a series gets one that begins at 1."""
    all_series = ReceiptSeries.objects.filter(estate=payment.estate_id)
    if not all_series.exists():
        ReceiptSeries.objects.bulk_create(
            [ReceiptSeries(estate_id=payment.estate_id, created_at=now)], ignore_conflicts=True
        )
    for pk in all_series.with_numbers_left().order_by("pk").values_list("pk", flat=True):
        row = ReceiptSeries.objects.filter(pk=pk)
        if row.with_numbers_left().update(next_number=F("next_number") + 1):
            series = row.get()
            return series, series.next_number - 1
    raise ActionError(
        "receipts_used_up", _("The block of receipt numbers is used up. Please set up the next one.")
    )


def void_receipt(
    *, receipt: IssuedReceipt, reason: str, by: User, now: datetime, replace: bool = True
) -> IssuedReceipt | None:
    """Voids a receipt, such as one that the printer spoiled, and returns the one with the next number.

    With ``replace=False`` no other takes its place, as its money goes back. Raises ``Forbidden``, and
    ``ActionError`` for a missing reason, a receipt that is voided already, and used up numbers.
    """
    estate_id = receipt.payment.estate_id
    policies.require("void_receipt", by, estate_id)
    check_reason(reason)
    with transaction.atomic():
        shift = tills.use_till_if_open([by], estate_id)
        if not _mark_voided(receipt, shift, reason=reason.strip(), by=by, now=now):
            raise ActionError("receipt_voided", _("This receipt is void already."))
        audit.record(
            "fees.receipt_voided",
            by=by,
            target=receipt.payment,
            estate_id=estate_id,
            reference=receipt.text,
            fen=receipt.payment.amount_fen,
        )
        if not replace:
            return None
        with changes.covering(Payment):
            Payment.objects.filter(pk=receipt.payment_id).update(printed_at=None)
        return issue_receipt(receipt.payment, shift=shift, by=by, now=now)


def void_receipts(payment: Payment, shift: Shift | None, *, reason: str, by: User, now: datetime) -> None:
    """Voids the receipt of a payment of which nothing is left: paid back or moved. Call it in that transaction."""
    for receipt in payment.receipts.valid():
        _mark_voided(receipt, shift, reason=reason, by=by, now=now)


def _mark_voided(
    receipt: IssuedReceipt, shift: Shift | None, *, reason: str, by: User, now: datetime
) -> bool:
    """Voids a receipt by one conditional UPDATE; returns False if it was void."""
    valid = IssuedReceipt.objects.valid().filter(pk=receipt.pk)
    return bool(valid.update(voided_at=now, voided_by=by, voided_in=shift, void_reason=reason[:200]))
