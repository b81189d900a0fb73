"""Books refunds and takes the money of a payment out of it again; each step is a conditional UPDATE."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.money import as_yuan
from community.core.transitions import AlreadyMoved, move
from services.fees.actions import ledger
from services.fees.actions.bills import take_off_bill
from services.fees.actions.ledger import Line
from services.fees.models import Account, Entry, LedgerTransaction, Payment, PaymentLine, Refund, Shift

Status = Payment.Status


def book_refund(refund: Refund, *, shift: Shift | None = None, by: User, now: datetime) -> None:
    """Takes the money out of the payment, prepayment or deposit and posts the refund, from the till of ``shift``.

    Call it inside a transaction.

    Raises ``ActionError`` if less is left of it by now than goes back.
    """
    if refund.payment:
        taken = _take_of_payment(refund, refund.payment, by=by, now=now)
    else:
        account = refund.deposit.account if refund.deposit else refund.account
        assert account is not None
        taken = [take_held(account, refund.amount_fen + refund.kept_fen)]
    kept = [Line(ledger.income(refund.kept_item), -refund.kept_fen)] if refund.kept_item else []
    ledger.post(
        kind=LedgerTransaction.Kind.REFUND,
        key=f"payback:{refund.pk}",
        estate_id=refund.estate_id,
        lines=[
            *taken,
            *kept,
            Line(ledger.money_account(refund.channel, refund.estate_id), -refund.amount_fen, shift=shift),
        ],
        by=by,
        now=now,
    )


def _take_of_payment(refund: Refund, payment: Payment, *, by: User, now: datetime) -> list[Line]:
    take_out(payment, refund.amount_fen, reason=refund.reason, by=by, now=now)
    parts = [(part.line, part.amount_fen) for part in refund.lines.select_related("line__bill__home")]
    lines = take_off_lines(payment, parts, by=by, now=now)
    return lines + take_rest(payment, refund.amount_fen - sum(fen for _line, fen in parts))


def take_held(account: Account, fen: int) -> Line:
    """Takes fen out of a prepayment or deposit; returns the line for the books.

    Raises ``ActionError`` (``more_than_left``) if it holds less by now.
    """
    if not ledger.take_from_prepayment(account, fen):
        account.refresh_from_db(fields=["held_fen"])
        raise more_than_left(account.held_fen)
    return Line(account, fen)


def more_than_left(left_fen: int, field: str = "amount") -> ActionError:
    """Returns the refusal of an amount above what is left."""
    words = _("Only %(left)s is left.") % {"left": as_yuan(left_fen)}
    return ActionError("more_than_left", words, field=field)


def take_out(
    payment: Payment, fen: int, *, to: str = "", reason: str, by: User | None, now: datetime
) -> None:
    """Counts fen of a received payment as gone, once: one conditional UPDATE on what is left decides.

    ``to`` is its state afterwards; without it, partly or wholly paid back. Raises ``ActionError``
    (``more_than_left``) if less is left.
    """
    while True:
        payment.refresh_from_db(fields=["status", "back_fen"])
        if fen > payment.left_fen:
            raise more_than_left(payment.left_fen)
        before, back_fen = payment.back_fen, payment.back_fen + fen
        state = to or (Status.REFUNDED if back_fen == payment.amount_fen else Status.PARTLY)
        try:
            move(
                payment,
                state,
                by=by,
                now=now,
                reason=reason,
                only_if={"back_fen": before},
                back_fen=back_fen,
            )
        except AlreadyMoved:
            continue
        return


def take_off_lines(
    payment: Payment, parts: Iterable[tuple[PaymentLine, int]], *, by: User | None, now: datetime
) -> list[Line]:
    """Takes fen off the bills of a payment, in the order of their keys; returns the lines for the books.

    Bills open again; fen of a bill that was voided since come from the prepayment. Raises ``ActionError`` if
    the bill has less of this payment by now, or the prepayment was used.
    """
    owed = ledger.receivable(payment.home, payment.estate_id)
    lines, prepaid = [], dict[Account, int]()
    for line, fen in sorted(parts, key=lambda part: part[0].bill_id):
        enough = PaymentLine.objects.filter(pk=line.pk, applied_fen__gte=F("back_fen") + fen)
        if not enough.update(back_fen=F("back_fen") + fen):
            raise more_than_left(line.left_fen)
        if take_off_bill(line.bill_id, fen, by=by, now=now):
            lines.append(Line(owed, fen, line.bill))
        else:
            account = ledger.prepayment_for(line.bill)
            prepaid[account] = prepaid.get(account, 0) + fen
    return lines + _take_prepaid(prepaid)


def take_rest(payment: Payment, fen: int) -> list[Line]:
    """Takes back fen of what had become prepayment when the payment was received; returns the lines for the
    books.

    Raises ``ActionError`` if the prepayment was used since.
    """
    if not fen:
        return []
    taken, prepaid = _rest_taken_before(payment, fen), dict[Account, int]()
    for account, kept in _prepaid_by_account(payment).items():
        skipped = min(taken, kept)
        part = min(fen, kept - skipped)
        taken, fen = taken - skipped, fen - part
        if part:
            prepaid[account] = part
    return _take_prepaid(prepaid)


def _rest_taken_before(payment: Payment, fen: int) -> int:
    """Returns the fen of the rest that earlier refunds took; ``take_out`` has counted ``fen`` already."""
    on_bills = sum(line.back_fen for line in payment.lines.all())
    return Payment.objects.get(pk=payment.pk).back_fen - fen - on_bills


def _prepaid_by_account(payment: Payment) -> dict[Account, int]:
    """Returns the fen that became prepayment when the payment was received, by account, from the books."""
    kept = Entry.objects.filter(
        transaction__key=f"payment:{payment.pk}", account__kind=Account.Kind.PREPAYMENT, amount_fen__lt=0
    )
    rows = kept.select_related("account").order_by("account")
    return {entry.account: -entry.amount_fen for entry in rows}


def _take_prepaid(prepaid: dict[Account, int]) -> list[Line]:
    for account, fen in sorted(prepaid.items(), key=lambda row: row[0].pk):
        if not ledger.take_from_prepayment(account, fen):
            raise ActionError(
                "prepayment_used",
                _("What was paid too much was used for other bills since. Please void those first."),
            )
    return [Line(account, fen) for account, fen in prepaid.items()]
