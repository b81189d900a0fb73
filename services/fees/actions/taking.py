"""What a bill takes of a payment, and gives back: decided by one conditional UPDATE of the bill.

Who pays the same bill at the same moment is decided there, on every database. Bills are taken in the
order of their keys, so that two payments cannot wait for each other.
"""

from datetime import datetime

from accounts.models import User
from community.core.events import bill_settled
from community.core.transitions import AlreadyMoved, move
from services.fees.models import Bill

Status = Bill.Status


def take(bill_pk: int, fen: int, *, by: User | None, now: datetime) -> int:
    """Let an open bill take up to ``fen``; returns what it still needed of them, 0 if nothing.

    Raises nothing: a bill that another payment has settled meanwhile takes less.
    """
    while True:
        bill = Bill.objects.get(pk=bill_pk)
        taken = min(fen, bill.unpaid_fen)
        if not taken:
            return 0
        if _pay(bill, bill.paid_fen + taken, by=by, now=now):
            return taken


def _pay(bill: Bill, paid_fen: int, *, by: User | None, now: datetime) -> bool:
    """False if the bill was changed since it was read."""
    if paid_fen < bill.amount_fen:
        as_read = Bill.objects.filter(pk=bill.pk, status=Status.OPEN, paid_fen=bill.paid_fen)
        return bool(as_read.update(paid_fen=paid_fen))
    try:
        move(bill, Status.SETTLED, by=by, now=now, only_if={"paid_fen": bill.paid_fen}, paid_fen=paid_fen)
    except AlreadyMoved:
        return False
    bill_settled.send(bill=bill, now=now)
    return True


def give_back(bill_pk: int, fen: int, *, by: User | None, now: datetime, reason: str = "") -> bool:
    """Take ``fen`` off what was paid on a bill; a settled one opens again. False for a voided one."""
    while True:
        bill = Bill.objects.get(pk=bill_pk)
        if bill.status == Status.VOIDED:
            return False
        paid_fen = bill.paid_fen - fen
        if bill.status == Status.OPEN:
            as_read = Bill.objects.filter(pk=bill.pk, status=Status.OPEN, paid_fen=bill.paid_fen)
            if as_read.update(paid_fen=paid_fen):
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
