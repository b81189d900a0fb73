"""Moves a payment or deposit that was booked to the wrong home to the right one; both keep their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move
from community.estates.models import Home
from community.notifications import outbox
from services.fees import policies
from services.fees.actions import ledger, tills
from services.fees.actions.bills import apply_to_bill
from services.fees.actions.deposits import open_deposit
from services.fees.actions.ledger import Line
from services.fees.actions.payment_requests import PaymentRequest, create_payment
from services.fees.actions.reasons import check_reason
from services.fees.actions.receipt_numbers import issue_receipt, void_receipts
from services.fees.actions.refund_books import take_held, take_off_lines, take_out, take_rest
from services.fees.actions.refund_messages import people_of
from services.fees.actions.steps import message_params, notify_open_pages, payment_path
from services.fees.models import Bill, Deposit, LedgerTransaction, Payment, PaymentLine, Refund

MAX_NAME = 40


@dataclass(frozen=True)
class Move:
    """The home to which a payment belongs: ``bills`` of the right home are paid in the order of their months.

    ``payer`` and ``payer_name`` are who paid it, of a payment at the counter; one by phone keeps its payer.
    """

    home: Home
    bills: Sequence[int]
    payer: User | None
    payer_name: str
    reason: str


def move_payment(*, payment: Payment, to: Move, by: User, now: datetime) -> Payment:
    """Moves all that is left of a payment to another home of the estate; returns the payment there.

    The bills of the first home open again. Bills of the right home are settled, the rest becomes its
    prepayment. A deposit that is held as a whole becomes one of the right home. The money itself does not
    move. Repeating it returns the same payment. Raises ``Forbidden``, and ``ActionError`` with the field for the
    same home, one of another estate, a bill of another home, a missing reason, a payment without money left,
    bills for a deposit, a deposit that was paid back in part, a refund that waits, prepayment that was used
    since, and a payment that was moved to another home already.
    """
    if not policies.may_move(by, payment, to.home.pk):
        raise Forbidden
    made = Payment.objects.filter(moved_from=payment).first()
    if made is not None:
        return _same_or_refused(made, to)
    _check(payment, to)
    bills = _bills(to)
    try:
        with transaction.atomic():
            return _move(payment, to, bills, by=by, now=now)
    except (IntegrityError, ActionError):
        made = Payment.objects.filter(moved_from=payment).first()
        if made is None:
            raise
        return _same_or_refused(made, to)


def _same_or_refused(made: Payment, to: Move) -> Payment:
    if made.home_id != to.home.pk:
        raise ActionError("payment_moved", _("This was moved to another home before."))
    return made


def _check(payment: Payment, to: Move) -> None:
    check_reason(to.reason)
    if payment.channel == Payment.PREPAYMENT:
        raise ActionError("paid_ahead", _("This was paid from prepayment. It cannot be moved."))
    if not movable_fen(payment):
        if policies.is_deposit(payment):
            words = _("A part of this deposit was paid back already. It cannot be moved.")
            raise ActionError("deposit_used", words)
        raise ActionError("nothing_left", _("Nothing is left of this payment."))
    if to.bills and policies.is_deposit(payment):
        raise ActionError("is_deposit", _("A deposit pays no bills."), field="bills")
    if to.home.estate.pk != payment.estate_id:
        raise ActionError("not_of_estate", _("This home is not in this estate."), field="home")
    if to.home.pk == payment.home_id:
        raise ActionError("same_home", _("It is booked to this home."), field="home")
    refunds = Refund.objects.waiting_for_second()
    if refunds.filter(Q(payment=payment) | Q(deposit__payment=payment)).exists():
        raise ActionError(
            "refund_waits", _("A refund of it waits for a second person. Please see to it first.")
        )
    if len(to.payer_name.strip()) > MAX_NAME:
        raise ActionError("too_long", _("Please keep it under 40 characters."), field="payer_name")
    if payment.origin.is_at_counter and to.payer is None and not to.payer_name.strip():
        raise ActionError("payer_missing", _("Please type who pays."), field="payer_name")


def movable_fen(payment: Payment) -> int:
    """Returns the fen of a payment that a move would take along; of a deposit, all of it or nothing."""
    deposit = Deposit.objects.select_related("account").filter(payment=payment).first()
    if deposit and deposit.held_fen != deposit.amount_fen:
        return 0
    return payment.left_fen


def _bills(to: Move) -> list[Bill]:
    """Returns the chosen bills that are open, the oldest first; raises ``ActionError`` for any other home's."""
    found = Bill.objects.filter(home=to.home, pk__in=to.bills).order_by("period", "pk")
    if len(found) != len(set(to.bills)):
        raise ActionError("not_your_bill", _("Please choose bills of this home."), field="bills")
    return [bill for bill in found if bill.unpaid_fen]


def _move(payment: Payment, to: Move, bills: list[Bill], *, by: User, now: datetime) -> Payment:
    left_fen = movable_fen(payment)
    deposit = Deposit.objects.select_related("account").filter(payment=payment).first()
    parts = [(line, line.left_fen) for line in payment.lines.select_related("bill__home") if line.left_fen]
    rest_fen = left_fen - sum(fen for _line, fen in parts)
    take_out(payment, left_fen, to=Payment.Status.MOVED, reason=to.reason.strip(), by=by, now=now)
    if deposit:
        taken = [take_held(deposit.account, left_fen)]
    else:
        taken = take_off_lines(payment, parts, by=by, now=now) + take_rest(payment, rest_fen)
    moved = create_payment(_request(payment, to, left_fen, bills, by), moved_from=payment, now=now)
    move(moved, Payment.Status.PAID, by=by, now=now, reason=to.reason.strip(), paid_at=now)
    _book(moved, taken, deposit, by=by, now=now)
    _replace_receipt(payment, moved, reason=to.reason.strip(), by=by, now=now)
    audit.record(
        "fees.payment_moved",
        by=by,
        target=moved,
        estate_id=moved.estate_id,
        reference=moved.reference,
        of=payment.reference,
        fen=left_fen,
    )
    _tell(payment, moved, now=now)
    notify_open_pages(payment)
    notify_open_pages(moved)
    return moved


def _replace_receipt(payment: Payment, moved: Payment, *, reason: str, by: User, now: datetime) -> None:
    """Voids the receipt of the first home and issues one for the right home; a payment by phone has none."""
    if not payment.receipts.valid().exists():
        return
    shift = tills.use_till_if_open([by], payment.estate_id)
    void_receipts(payment, shift, reason=reason, by=by, now=now)
    issue_receipt(moved, shift=shift, by=by, now=now)


def _request(payment: Payment, to: Move, fen: int, bills: list[Bill], by: User) -> PaymentRequest:
    """Returns the request of the payment of the right home, with the fen meant for each bill."""
    lines, left = [], fen
    for bill in bills:
        part = min(left, bill.unpaid_fen)
        left -= part
        if part:
            lines.append((bill, part))
    at_counter = payment.origin.is_at_counter
    return PaymentRequest(
        home=to.home,
        payer=to.payer if at_counter else payment.payer,
        by=by,
        channel=Payment.OTHER_HOME,
        key=uuid4(),
        lines=lines,
        extra_fen=left,
        payer_name=to.payer_name.strip() if at_counter and to.payer is None else "",
        slip_number=payment.slip_number,
    )


def _book(moved: Payment, taken: list[Line], deposit: Deposit | None, *, by: User, now: datetime) -> None:
    """Applies the money to the bills, in the order of their keys; the rest is prepayment of the household.

    What was held of a deposit is held as one of the right home.
    """
    owed = ledger.receivable(moved.home, moved.estate_id)
    lines = []
    for line in moved.lines.select_related("bill__home").order_by("bill"):
        line.applied_fen = apply_to_bill(line.bill_id, line.amount_fen, by=by, now=now)
        if line.applied_fen:
            PaymentLine.objects.filter(pk=line.pk).update(applied_fen=line.applied_fen)
            lines.append(Line(owed, -line.applied_fen, line.bill))
    rest = moved.amount_fen + sum(line.fen for line in lines)
    if deposit:
        to = open_deposit(moved, kind=deposit.kind, words=deposit.words, now=now).account
    else:
        to = ledger.prepayment(moved.home, moved.estate_id)
    lines.append(ledger.add_to_prepayment(to, rest))
    ledger.post(
        kind=LedgerTransaction.Kind.MOVE,
        key=f"payment:{moved.pk}",
        estate_id=moved.estate_id,
        lines=[*taken, *lines],
        by=by,
        now=now,
    )


def _tell(payment: Payment, moved: Payment, *, now: datetime) -> None:
    """Notifies the payers and residents of both homes; neither learns of the other's address."""
    for one, template in ((payment, "payment_moved_away"), (moved, "payment_moved_here")):
        given = message_params(one) | {"fen": moved.amount_fen}
        for person in sorted(people_of(one), key=lambda person: person.pk):
            seen = Payment.objects.visible_to(person).filter(pk=one.pk).exists()
            outbox.queue_message(
                person,
                template,
                key=f"payment:{one.pk}:{template}",
                params=given,
                url=payment_path(one) if seen else "",
                now=now,
            )
