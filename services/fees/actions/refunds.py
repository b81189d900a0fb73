"""Refunds of payments, whole or in part: asked by one, approved by another; refunds of all kinds are approved here.

A payer's own take-back within ten minutes needs nobody's approval.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import background
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.fees import policies, providers
from services.fees.actions import refund_messages as told
from services.fees.actions import tills
from services.fees.actions.payment_requests import next_ask
from services.fees.actions.reasons import check_reason
from services.fees.actions.receipt_numbers import void_receipts
from services.fees.actions.refund_books import book_refund, more_than_left
from services.fees.models import Payment, PaymentLine, Refund, RefundLine, Shift
from services.fees.providers.base import ProviderDown, Result, State

PAY_BACK = "services.fees.tasks.pay_back"
Status = Refund.Status


@dataclass(frozen=True)
class RefundParts:
    """The parts of a payment that go back: fen by the key of its line, and fen of what had become prepayment."""

    lines: dict[int, int] = field(default_factory=dict)
    rest_fen: int = 0


def request_refund(
    *,
    payment: Payment,
    by: User,
    reason: str = "",
    parts: RefundParts | None = None,
    key: UUID | None = None,
    now: datetime,
) -> Refund:
    """Asks for a refund of a payment, of all that is left of it without ``parts``; returns it.

    The payer's take-back is booked at once, so that the money is not spent meanwhile: its bills open again,
    and the part that had become prepayment is taken from there; the provider is asked afterwards, until it
    answers. What staff ask for waits for a second person (``approve_refund``), and nothing is booked before.
    Repeating it with the same ``key``, or for all of it, returns the same refund. Raises ``Forbidden``, and
    ``ActionError`` with the field for a payment from prepayment, a deposit, one that was not paid or whose
    time has passed, more than is left, another refund that waits, a missing reason and a prepayment that was
    used since.
    """
    takes_back = _check_refundable(payment, by, reason, now)
    made = _existing_refund(payment, key, is_whole=parts is None, waits=not takes_back)
    if made is not None:
        return made
    try:
        with transaction.atomic():
            refund = _create_refund(
                payment, parts, key=key, waits=not takes_back, by=by, reason=reason, now=now
            )
            if takes_back:
                _book_take_back(refund, by=by, now=now)
            else:
                ask_second(refund, now=now)
    except (IntegrityError, ActionError) as error:
        payment.refresh_from_db()
        made = _existing_refund(payment, key, is_whole=parts is None, waits=not takes_back)
        if made is not None:
            return made
        if isinstance(error, IntegrityError):
            raise waits_already() from error
        raise
    return refund


def _check_refundable(payment: Payment, by: User, reason: str, now: datetime) -> bool:
    """Returns whether it is a take-back by the payer, which needs nobody; checks whoever else asks.

    Raises ``Forbidden`` or ``ActionError`` if this person may not have the payment refunded now.
    """
    is_cashier = policies.may_refund(by, payment)
    if not is_cashier and not policies.may_act_for_payer(by, payment):
        raise Forbidden
    if payment.channel == Payment.PREPAYMENT:
        raise ActionError("paid_ahead", _("This was paid from prepayment, so there is nothing to pay back."))
    if payment.status == Payment.Status.MOVED:
        raise ActionError("payment_moved", _("This was moved to another home. Please pay it back there."))
    if payment.status not in Payment.RECEIVED:
        raise ActionError("not_paid", _("This payment was not paid."))
    if policies.is_deposit(payment):
        raise ActionError("is_deposit", _("This is a deposit. Please pay it back on the deposit's page."))
    if policies.may_still_take_back(by, payment, now):
        return True
    if is_cashier:
        check_reason(reason)
        return False
    if payment.origin.is_at_counter:
        raise ActionError("refund_at_counter", _("This was paid at the counter. Please come there."))
    raise ActionError(
        "refund_too_late",
        _("A payment can be taken back for 10 minutes. Please call or come to the counter."),
    )


def _existing_refund(payment: Payment, key: UUID | None, *, is_whole: bool, waits: bool) -> Refund | None:
    """Returns the refund that was asked for with this key or, if all is wanted, the one that is all of it."""
    made = Refund.objects.filter(payment=payment).exclude(status=Status.DECLINED).order_by("-pk")
    if key is not None and (same := made.filter(key=key).first()):
        return same
    if not is_whole:
        return None
    if payment.status == Payment.Status.REFUNDED:
        return made.first()
    waiting = made.filter(status=Status.ASKED).first() if waits else None
    return waiting if waiting and waiting.amount_fen == payment.left_fen else None


def waits_already() -> ActionError:
    """Returns the refusal of a second request while the first waits."""
    return ActionError("refund_waits", _("Another refund of it waits for a second person already."))


def _create_refund(
    payment: Payment,
    parts: RefundParts | None,
    *,
    key: UUID | None,
    waits: bool,
    by: User,
    reason: str,
    now: datetime,
) -> Refund:
    lines, rest_fen = _planned(payment, parts)
    refund = Refund(
        estate_id=payment.estate_id,
        home_id=payment.home_id,
        payment=payment,
        key=key,
        amount_fen=rest_fen + sum(fen for _line, fen in lines),
        channel=payment.origin.channel,
        reason=reason.strip()[:200],
    )
    create_refund(refund, waits=waits, by=by, now=now)
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line=line, amount_fen=fen) for line, fen in lines if fen
    )
    return refund


def create_refund(refund: Refund, *, waits: bool, by: User, now: datetime) -> None:
    """Saves a new refund with the first step of its history. Call it inside a transaction."""
    refund.made_by, refund.status = by, Status.ASKED if waits else Status.PENDING
    refund.status_changed_at = refund.created_at = now
    refund.booked_at = None if waits else now
    refund.save()
    payer = refund.of_payment.payer if not refund.account else refund.account.person
    record_first_status(refund, by=by, now=now, on_behalf_of=payer, reason=refund.reason)


def _planned(payment: Payment, parts: RefundParts | None) -> tuple[list[tuple[PaymentLine, int]], int]:
    """Returns the fen that go back of each line, and of the rest. Raises ``ActionError`` with the field."""
    lines = list(payment.lines.select_related("bill").order_by("bill"))
    rest_left = payment.left_fen - sum(line.left_fen for line in lines)
    if parts is None:
        planned, rest_fen = [(line, line.left_fen) for line in lines], rest_left
    else:
        by_key = {line.pk: line for line in lines}
        if set(parts.lines) - set(by_key):
            raise ActionError("not_your_bill", _("Please choose bills of this payment."), field="amounts")
        planned = [(by_key[pk], fen) for pk, fen in sorted(parts.lines.items()) if fen]
        rest_fen = parts.rest_fen
    if rest_fen < 0 or any(fen < 0 for _line, fen in planned):
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amounts")
    for line, fen in planned:
        if fen > line.left_fen:
            raise more_than_left(line.left_fen, "amounts")
    if rest_fen > rest_left:
        raise more_than_left(rest_left, "rest")
    if not rest_fen + sum(fen for _line, fen in planned):
        raise ActionError("nothing_left", _("Please type what is to be paid back."), field="amounts")
    return planned, rest_fen


def _book_take_back(refund: Refund, *, by: User, now: datetime) -> None:
    book_refund(refund, by=by, now=now)
    told.record("fees.refunded", refund, by=by)
    _queue_sending(refund)
    told.notify_open_pages(refund)


def _queue_sending(refund: Refund) -> None:
    transaction.on_commit(lambda: background.queue(PAY_BACK, [(refund.pk,)]))


def ask_second(refund: Refund, *, now: datetime) -> None:
    """Records a request and notifies those who may approve it. Call it inside its transaction."""
    told.record("fees.refund_asked", refund, by=refund.made_by)
    told.tell_approvers(refund, now=now)
    told.notify_open_pages(refund)


# -- The second person


def approve_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """Approves a refund as the second person: it is booked, handed out or sent, and the household notified.

    Refused for the person who requested it and for their own money, whatever their role. Repeating it changes
    nothing. Raises ``Forbidden``, ``ActionError`` (``needs_another``) for those, ``ActionError`` if less is
    left by now or money that had become prepayment was used since, ``NoShift`` for cash if neither of the two
    has an open shift, and ``AlreadyMoved`` for a refund that was declined.
    """
    policies.require("approve_refund", by, refund.estate_id)
    if refund.status in {Status.DONE, Status.PENDING}:
        return
    if not policies.may_approve(by, refund):
        raise ActionError("needs_another", _("Somebody else has to agree to this."))
    to = Status.PENDING if refund.is_by_provider else Status.DONE
    with transaction.atomic():
        move(refund, to, by=by, now=now, approved_by=by, booked_at=now)
        shift = _till_of(refund, by)
        book_refund(refund, shift=shift, by=by, now=now)
        if refund.payment and not refund.payment.left_fen:
            void_receipts(refund.payment, shift, reason=refund.reason, by=by, now=now)
        told.record("fees.refunded", refund, by=by, asked_by=refund.made_by_id)
        if refund.is_by_provider:
            _queue_sending(refund)
        else:
            told.tell_household(refund, now=now)
        told.notify_open_pages(refund)


def _till_of(refund: Refund, by: User) -> Shift | None:
    """Returns the till that pays the refund: of the person who asked for it, else of the second person.

    Money that is not cash also goes back without an open till.
    """
    if refund.is_by_provider or not refund.amount_fen:
        return None
    shift = tills.use_till_if_open([refund.made_by, by], refund.estate_id)
    if shift is None and refund.channel == Payment.CASH:
        raise tills.NoShift
    return shift


def decline_refund(*, refund: Refund, by: User, reason: str, now: datetime) -> None:
    """Declines a refund with a reason, or withdraws the actor's own request; another can be asked for.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` for a missing or too long reason, and
    ``AlreadyMoved`` for a refund that was approved.
    """
    policies.require("refund", by, refund.estate_id)
    check_reason(reason)
    if refund.status == Status.DECLINED:
        return
    with transaction.atomic():
        step = move(refund, Status.DECLINED, by=by, now=now, reason=reason.strip())
        told.record("fees.refund_declined", refund, by=by)
        if by.pk != refund.made_by_id:
            told.tell_asker(refund, step.pk, now=now)
        told.notify_open_pages(refund)


# -- The provider


def send_refund(*, refund: Refund, now: datetime) -> bool:
    """Has the provider refund the money, or asks about a refund that it has accepted; returns False without an
    answer, so that a task tries again.

    Repeating it changes nothing. Call it outside of any transaction.
    """
    if refund.status != Status.PENDING:
        return True
    Refund.objects.filter(pk=refund.pk, status=Status.PENDING).update(
        asks=F("asks") + 1, ask_at=next_ask(refund.asks + 1, now)
    )
    provider = providers.named(refund.channel)
    try:
        result = provider.query_refund(refund) if refund.accepted_at else provider.refund(refund)
    except ProviderDown:
        return False
    apply_refund_answer(refund, result, now=now)
    return True


def apply_refund_answer(refund: Refund, result: Result, *, now: datetime) -> None:
    """Applies what a provider says of a refund that was sent: on its way, done or refused, each once."""
    if result.state == State.WAITING:
        pending = Refund.objects.filter(pk=refund.pk, status=Status.PENDING)
        pending.filter(accepted_at=None).update(accepted_at=now)
        return
    is_done = result.state == State.PAID
    try:
        with transaction.atomic():
            to = Status.DONE if is_done else Status.FAILED
            move(refund, to, by=None, now=now, provider_number=result.number)
            if is_done:
                told.tell_payer_done(refund, now=now)
            told.notify_open_pages(refund)
    except AlreadyMoved:
        refund.refresh_from_db()


def try_refund_again(*, refund: Refund, by: User, now: datetime) -> None:
    """Queues a refund again that the provider had refused. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` for a refund that is neither refused nor on its way.
    """
    policies.require("refund", by, refund.estate_id)
    if refund.status == Status.PENDING:
        return
    with transaction.atomic():
        move(refund, Status.PENDING, by=by, now=now, accepted_at=None, asks=0)
        _queue_sending(refund)
        told.notify_open_pages(refund)
