"""Refunds: all of a payment goes back the way that it came."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, background
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import outbox
from services.fees import policies, providers
from services.fees.actions import ledger, tills
from services.fees.actions.bills import take_off_bill
from services.fees.actions.ledger import Line
from services.fees.actions.reasons import check_reason
from services.fees.actions.receipt_numbers import void_of_refunded
from services.fees.actions.steps import message_params, notify_open_pages, payment_path, tell_payer
from services.fees.models import Account, Entry, LedgerTransaction, Payment, Refund, Shift
from services.fees.providers.base import ProviderDown, State

PAY_BACK = "services.fees.tasks.pay_back"
Status = Refund.Status


def request_refund(*, payment: Payment, by: User, reason: str = "", now: datetime) -> Refund:
    """Refunds a payment; returns the refund, also one that exists already.

    The books are written first, so that the money is not spent meanwhile: its bills open again, and the part
    that had become prepayment is taken from there. A provider is asked afterwards, until it answers. Cash
    waits for a second person (``approve_refund``), and nothing is booked before. Raises ``Forbidden``, and
    ``ActionError`` for a payment from prepayment, one that was not paid or whose time has passed, a missing
    reason and a prepayment that was used since.
    """
    _check_refundable(payment, by, reason, now)
    made = Refund.objects.filter(payment=payment).first()
    if made is not None and made.status != Status.DECLINED:
        return made
    if payment.is_at_counter:
        return _request_approval(payment, made, by=by, reason=reason.strip(), now=now)
    try:
        with transaction.atomic():
            move(payment, Payment.Status.REFUNDED, by=by, now=now, reason=reason.strip())
            refund = _create_refund(payment, by=by, reason=reason, now=now)
            _post_refund(payment, by=by, now=now)
            _record("fees.refunded", refund, by=by)
            notify_open_pages(payment)
    except ActionError:
        payment.refresh_from_db()
        made = Refund.objects.filter(payment=payment).first()
        if made is None:
            raise
        return made
    return refund


def _check_refundable(payment: Payment, by: User, reason: str, now: datetime) -> None:
    """Raises ``Forbidden`` or ``ActionError`` if this person may not have the payment refunded now."""
    is_cashier = policies.may_refund(by, payment)
    if not is_cashier and not policies.may_act_for_payer(by, payment):
        raise Forbidden
    if payment.channel == Payment.PREPAYMENT:
        raise ActionError("paid_ahead", _("This was paid from prepayment, so there is nothing to pay back."))
    if payment.status not in {Payment.Status.PAID, Payment.Status.REFUNDED}:
        raise ActionError("not_paid", _("This payment was not paid."))
    if policies.may_still_take_back(by, payment, now):
        return
    if is_cashier:
        check_reason(reason)
    elif payment.is_at_counter:
        raise ActionError("refund_at_counter", _("This was paid at the counter. Please come there."))
    else:
        raise ActionError(
            "refund_too_late",
            _("A payment can be taken back for 10 minutes. Please call or come to the counter."),
        )


def _create_refund(payment: Payment, *, by: User, reason: str, now: datetime) -> Refund:
    refund = Refund.objects.create(
        payment=payment,
        amount_fen=payment.amount_fen,
        reason=reason.strip()[:200],
        made_by=by,
        status_changed_at=now,
        created_at=now,
        booked_at=now,
    )
    record_first_status(refund, by=by, now=now, on_behalf_of=payment.payer)
    transaction.on_commit(lambda: background.queue(PAY_BACK, [(refund.pk,)]))
    return refund


def _post_refund(payment: Payment, *, shift: Shift | None = None, by: User, now: datetime) -> None:
    """Posts the refund: bills in the order of their keys; fen of a bill that was voided since are prepayment."""
    owed = ledger.receivable(payment.home, payment.estate_id)
    lines, prepaid = [], _prepaid_by_account(payment)
    for line in payment.lines.select_related("bill__home").filter(applied_fen__gt=0).order_by("bill"):
        if take_off_bill(line.bill_id, line.applied_fen, by=by, now=now):
            lines.append(Line(owed, line.applied_fen, line.bill))
        else:
            account = ledger.prepayment_for(line.bill)
            prepaid[account] = prepaid.get(account, 0) + line.applied_fen
    for account, fen in sorted(prepaid.items(), key=lambda row: row[0].person_id or 0):
        if not ledger.take_from_prepayment(account, fen):
            raise ActionError(
                "prepayment_used",
                _("What was paid too much was used for other bills since. Please void those first."),
            )
    ledger.post(
        kind=LedgerTransaction.Kind.REFUND,
        key=f"refund:{payment.pk}",
        estate_id=payment.estate_id,
        lines=[
            *lines,
            *(Line(account, fen) for account, fen in prepaid.items()),
            Line(ledger.money_account(payment.channel, payment.estate_id), -payment.amount_fen, shift=shift),
        ],
        by=by,
        now=now,
    )


def _prepaid_by_account(payment: Payment) -> dict[Account, int]:
    """Returns the fen of a payment that became prepayment when it was received, by account, from the books."""
    prepaid_entries = Entry.objects.filter(
        transaction__key=f"payment:{payment.pk}", account__kind=Account.Kind.PREPAYMENT
    )
    return {entry.account: -entry.amount_fen for entry in prepaid_entries.select_related("account")}


def send_refund(*, refund: Refund, now: datetime) -> bool:
    """Has the provider refund the money; returns False without an answer, so that a task tries again.

    Repeating it changes nothing. Call it outside of any transaction.
    """
    if refund.status != Status.PENDING:
        return True
    try:
        result = providers.named(refund.payment.channel).refund(refund)
    except ProviderDown:
        return False
    is_done = result.state == State.PAID
    try:
        with transaction.atomic():
            to = Status.DONE if is_done else Status.FAILED
            move(refund, to, by=None, now=now, provider_number=result.number)
            if is_done:
                tell_payer(refund.payment, "refund_done", sms=True, now=now)
            notify_open_pages(refund.payment)
    except AlreadyMoved:
        refund.refresh_from_db()
    return True


def try_refund_again(*, refund: Refund, by: User, now: datetime) -> None:
    """Queues a refund again that the provider had refused. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` for a refund that is neither refused nor on its way.
    """
    policies.require("refund", by, refund.payment.estate_id)
    if refund.status == Status.PENDING:
        return
    with transaction.atomic():
        move(refund, Status.PENDING, by=by, now=now)
        transaction.on_commit(lambda: background.queue(PAY_BACK, [(refund.pk,)]))
        notify_open_pages(refund.payment)


# -- Cash: a second person approves


def _request_approval(
    payment: Payment, declined: Refund | None, *, by: User, reason: str, now: datetime
) -> Refund:
    """Requests approval of a cash refund; two requests at the same moment make one."""
    try:
        with transaction.atomic():
            refund = _create_or_reopen(payment, declined, by=by, reason=reason, now=now)
            _record("fees.refund_asked", refund, by=by)
            _tell_approvers(refund, now=now)
            notify_open_pages(payment)
    except (IntegrityError, AlreadyMoved):
        return Refund.objects.get(payment=payment)
    return refund


def _create_or_reopen(
    payment: Payment, declined: Refund | None, *, by: User, reason: str, now: datetime
) -> Refund:
    if declined is not None:
        move(declined, Status.ASKED, by=by, now=now, reason=reason, made_by=by, approved_by=None)
        declined.reason = reason
        declined.save(update_fields=["reason"])
        return declined
    refund = Refund.objects.create(
        payment=payment,
        amount_fen=payment.amount_fen,
        reason=reason,
        made_by=by,
        status=Status.ASKED,
        status_changed_at=now,
        created_at=now,
    )
    record_first_status(refund, by=by, now=now, on_behalf_of=payment.payer, reason=reason)
    return refund


def approve_refund(*, refund: Refund, by: User, now: datetime) -> None:
    """Approves a cash refund as the second person: the cash is handed out and the household notified.

    Refused for the person who requested it and for their own money, whatever their role. Repeating it changes
    nothing. Raises ``Forbidden``, ``ActionError`` (``needs_another``) for those, ``ActionError`` if money
    that had become prepayment was used since, ``NoShift`` for cash if neither of the two has an open shift,
    and ``AlreadyMoved`` for a refund that was declined.
    """
    payment = refund.payment
    policies.require("approve_refund", by, payment.estate_id)
    if refund.status == Status.DONE:
        return
    if not policies.may_approve(by, refund):
        raise ActionError("needs_another", _("Somebody else has to agree to this."))
    with transaction.atomic():
        move(refund, Status.DONE, by=by, now=now, approved_by=by, booked_at=now)
        move(payment, Payment.Status.REFUNDED, by=by, now=now, reason=refund.reason)
        shift = _till_of(refund, by)
        _post_refund(payment, shift=shift, by=by, now=now)
        void_of_refunded(payment, shift, reason=refund.reason, by=by, now=now)
        _record("fees.refunded", refund, by=by, asked_by=refund.made_by_id)
        _tell_household(payment, "cash_given_back", now=now)
        notify_open_pages(payment)


def _till_of(refund: Refund, by: User) -> Shift | None:
    """Returns the till that pays the refund: of the person who asked for it, else of the second person.

    Money that is not cash also goes back without an open till.
    """
    estate_id = refund.payment.estate_id
    shift = tills.use_till_if_open([refund.made_by, by], estate_id)
    if shift is None and refund.payment.channel == Payment.CASH:
        raise tills.NoShift
    return shift


def decline_refund(*, refund: Refund, by: User, reason: str, now: datetime) -> None:
    """Declines a cash refund with a reason, or withdraws the actor's own request; it can be requested again.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` for a missing or too long reason, and
    ``AlreadyMoved`` for a refund that was approved.
    """
    policies.require("refund", by, refund.payment.estate_id)
    check_reason(reason)
    if refund.status == Status.DECLINED:
        return
    with transaction.atomic():
        step = move(refund, Status.DECLINED, by=by, now=now, reason=reason.strip())
        _record("fees.refund_declined", refund, by=by)
        if by.pk != refund.made_by_id:
            _tell_asker(refund, step.pk, now=now)
        notify_open_pages(refund.payment)


def _record(act: str, refund: Refund, *, by: User, **detail: Any) -> None:
    payment = refund.payment
    audit.record(
        act,
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
        fen=refund.amount_fen,
        **detail,
    )


def _tell_approvers(refund: Refund, *, now: datetime) -> None:
    """Notifies everyone in the estate who may approve; once for each time the refund is requested."""
    payment = refund.payment
    step = refund.history.latest("pk")
    people = User.objects.filter(
        staff_roles__estate=payment.estate_id,
        staff_roles__role__in=policies.ROLES_BY_VERB["approve_refund"],
        is_active=True,
    ).exclude(pk=refund.made_by_id)
    for person in people.distinct():
        outbox.queue_message(
            person,
            "refund_asked",
            key=f"refund:{refund.pk}:{step.pk}",
            params=message_params(payment) | {"name": str(refund.made_by)},
            url=_staff_path(payment),
            now=now,
        )


def _tell_asker(refund: Refund, step: int, *, now: datetime) -> None:
    outbox.queue_message(
        refund.made_by,
        "refund_declined",
        key=f"refund:{refund.pk}:{step}",
        params=message_params(refund.payment),
        url=_staff_path(refund.payment),
        now=now,
    )


def _tell_household(payment: Payment, template: str, *, now: datetime) -> None:
    """Notifies the payer, also by SMS, and the residents unless all bills are in a person's name."""
    lines = list(payment.lines.select_related("bill__charged_to"))
    people = {line.bill.charged_to for line in lines if line.bill.charged_to is not None}
    if not lines or any(line.bill.charged_to is None for line in lines):
        living = {"residencies__home": payment.home_id, "residencies__status": "active"}
        people |= set(User.objects.filter(**living))
    if payment.payer is not None:
        people.add(payment.payer)
    for person in sorted(people, key=lambda person: person.pk):
        seen = Payment.objects.visible_to(person).filter(pk=payment.pk).exists()
        outbox.queue_message(
            person,
            template,
            key=f"payment:{payment.pk}:{template}",
            params=message_params(payment),
            url=payment_path(payment) if seen else "",
            sms=person == payment.payer,
            now=now,
        )


def _staff_path(payment: Payment) -> str:
    return reverse("fees_payment", args=[payment.pk])
