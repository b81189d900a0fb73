"""Lowers the amount of a bill, with its books: a waived late fee, a bill that was too high."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import changes
from community.core.errors import ActionError
from community.core.events import bill_settled
from community.core.transitions import AlreadyMoved, move
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.billing.actions.charges import notify_open_pages
from services.fees.models import Bill, BillLine, LedgerTransaction

Status = Bill.Status


def lower_bill(bill: Bill, fen: int, *, key: str, by: User, now: datetime) -> None:
    """Takes ``fen`` off the amount of a bill; what was paid above it becomes prepayment of its owner.

    ``key`` names the cause (``dispute:7``), so that it is booked once. Checks no permission: the caller has.
    Call it inside the transaction of the cause. Raises ``ActionError`` with the field for fen that are not
    positive or leave nothing, and ``AlreadyMoved`` if the bill was paid, grown or voided since it was read.
    """
    if fen <= 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount")
    if fen >= bill.amount_fen:
        raise ActionError("nothing_left", _("Please void the bill if nothing of it is owed."), field="amount")
    if bill.status == Status.VOIDED:
        raise AlreadyMoved
    amount_fen = bill.amount_fen - fen
    paid_fen = min(bill.paid_fen, amount_fen)
    released_fen = bill.paid_fen - paid_fen
    with transaction.atomic():
        _set_amount(bill, amount_fen, paid_fen, by=by, now=now)
        last = bill.lines.aggregate(last=Max("number"))["last"]
        BillLine.objects.create(
            bill=bill, number=(last or 0) + 1, kind=BillLine.Kind.LOWERED, amount_fen=-fen
        )
        _post(bill, fen, released_fen, key=key, by=by, now=now)
        bill.amount_fen, bill.paid_fen = amount_fen, paid_fen
        notify_open_pages(bill)


def _set_amount(bill: Bill, amount_fen: int, paid_fen: int, *, by: User, now: datetime) -> None:
    as_read = {"amount_fen": bill.amount_fen, "paid_fen": bill.paid_fen}
    if bill.status == Status.OPEN and paid_fen == amount_fen:
        settled = Status.SETTLED
        move(bill, settled, by=by, now=now, only_if=as_read, amount_fen=amount_fen, paid_fen=paid_fen)
        bill_settled.send(bill=bill, now=now)
        return
    with changes.of(bill):
        found = Bill.objects.filter(pk=bill.pk, status=bill.status, **as_read)
        if not found.update(amount_fen=amount_fen, paid_fen=paid_fen):
            raise AlreadyMoved


def _post(bill: Bill, fen: int, released_fen: int, *, key: str, by: User, now: datetime) -> None:
    owed = ledger.receivable(bill.home, bill.estate_id)
    ledger.post(
        kind=LedgerTransaction.Kind.LOWER,
        key=f"lower:{key}",
        estate_id=bill.estate_id,
        lines=[Line(owed, -fen, bill), Line(ledger.income(bill.item), fen, bill)],
        by=by,
        now=now,
    )
    if released_fen:
        prepayment = ledger.prepayment_for(bill)
        ledger.post(
            kind=LedgerTransaction.Kind.RELEASE,
            key=f"release:{key}",
            estate_id=bill.estate_id,
            lines=[Line(owed, released_fen, bill), ledger.add_to_prepayment(prepayment, released_fen)],
            by=by,
            now=now,
        )
