"""Applies money to bills and takes it off again, each by one conditional UPDATE of the bill.

The UPDATE decides between two payments of one bill at the same moment, on every database. Callers apply to
bills in the order of their keys, so that two payments cannot deadlock.
"""

from datetime import datetime

from accounts.models import User
from community.core import changes
from community.core.events import bill_settled
from community.core.transitions import AlreadyMoved, move
from services.fees.models import Bill

Status = Bill.Status


def apply_to_bill(bill_pk: int, fen: int, *, by: User | None, now: datetime) -> int:
    """Applies up to ``fen`` to an open bill; returns the fen that it took, 0 for a bill that is not open.

    A bill that another payment has settled meanwhile takes less.
    """
    while True:
        bill = Bill.objects.get(pk=bill_pk)
        taken = min(fen, bill.unpaid_fen)
        if not taken:
            return 0
        if _set_paid(bill, bill.paid_fen + taken, by=by, now=now):
            return taken


def _set_paid(bill: Bill, paid_fen: int, *, by: User | None, now: datetime) -> bool:
    """Sets the paid fen; returns False if the bill was changed since it was read."""
    if paid_fen < bill.amount_fen:
        as_read = Bill.objects.filter(pk=bill.pk, status=Status.OPEN, paid_fen=bill.paid_fen)
        with changes.of(bill):
            return bool(as_read.update(paid_fen=paid_fen))
    try:
        # A late fee may have grown since.
        amounts = {"paid_fen": bill.paid_fen, "amount_fen": bill.amount_fen}
        move(bill, Status.SETTLED, by=by, now=now, only_if=amounts, paid_fen=paid_fen)
    except AlreadyMoved:
        return False
    bill_settled.send(bill=bill, now=now)
    return True


def take_off_bill(bill_pk: int, fen: int, *, by: User | None, now: datetime, reason: str = "") -> bool:
    """Takes ``fen`` off a bill; a settled bill opens again. Returns False for a voided bill."""
    while True:
        bill = Bill.objects.get(pk=bill_pk)
        if bill.status == Status.VOIDED:
            return False
        paid_fen = bill.paid_fen - fen
        if bill.status == Status.OPEN:
            as_read = Bill.objects.filter(pk=bill.pk, status=Status.OPEN, paid_fen=bill.paid_fen)
            with changes.of(bill):
                is_as_read = as_read.update(paid_fen=paid_fen)
            if is_as_read:
                return True
            continue
        try:
            move(
                bill,
                Status.OPEN,
                by=by,
                now=now,
                reason=reason,
                only_if={"paid_fen": bill.paid_fen},
                paid_fen=paid_fen,
            )
        except AlreadyMoved:
            continue
        return True
