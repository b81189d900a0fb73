"""Money goes back to whoever paid: all of a payment, the way that it came."""

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
from services.fees.actions import ledger
from services.fees.actions.charging import check_reason
from services.fees.actions.ledger import Line
from services.fees.actions.steps import message_params, notify_open_pages, page_of, tell_payer
from services.fees.actions.taking import give_back
from services.fees.models import Account, Entry, LedgerTransaction, Payment, Refund
from services.fees.providers.base import ProviderDown, State

PAY_BACK = "services.fees.tasks.pay_back"
Status = Refund.Status


def ask_back(*, payment: Payment, by: User, reason: str = "", now: datetime) -> Refund:
    """Pay a payment back. The books are written first, so that the money is not spent meanwhile.

    Its bills open again; what of it had become prepayment is taken from there, and if that was used
    since, it is refused. A provider is asked afterwards, until it has answered. Cash waits for a second
    person (``approve_refund``), and nothing is booked before. Repeated it returns the refund that is
    under way.
    """
    _check(payment, by, reason, now)
    made = Refund.objects.filter(payment=payment).first()
    if made is not None and made.status != Status.DECLINED:
        return made
    if payment.channel == Payment.CASH:
        return _ask_second(payment, made, by=by, reason=reason.strip(), now=now)
    try:
        with transaction.atomic():
            move(payment, Payment.Status.REFUNDED, by=by, now=now, reason=reason.strip())
            refund = _open(payment, by=by, reason=reason, now=now)
            _book(payment, by=by, now=now)
            _record("fees.refunded", refund, by=by)
            notify_open_pages(payment)
    except ActionError:
        payment.refresh_from_db()
        made = Refund.objects.filter(payment=payment).first()
        if made is None:
            raise
        return made
    return refund


def _check(payment: Payment, by: User, reason: str, now: datetime) -> None:
    is_cashier = policies.may_refund(by, payment)
    if not is_cashier and not policies.stands_for_payer(by, payment):
        raise Forbidden
    if payment.channel == Payment.PREPAYMENT:
        raise ActionError("paid_ahead", _("This was paid from prepayment, so there is nothing to pay back."))
    if payment.status not in {Payment.Status.PAID, Payment.Status.REFUNDED}:
        raise ActionError("not_paid", _("This payment was not paid."))
    if policies.is_taken_back_in_time(by, payment, now):
        return
    if is_cashier:
        check_reason(reason)
    elif payment.channel == Payment.CASH:
        raise ActionError("refund_at_counter", _("This was paid in cash. Please come to the counter."))
    else:
        raise ActionError(
            "refund_too_late",
            _("A payment can be taken back for 10 minutes. Please call or come to the counter."),
        )


def _open(payment: Payment, *, by: User, reason: str, now: datetime) -> Refund:
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


def _book(payment: Payment, *, by: User, now: datetime) -> None:
    """Bills in the order of their keys; what was on a bill withdrawn since is prepayment already."""
    owed = ledger.receivable(payment.home, payment.estate_id)
    lines, kept = [], _kept_of(payment)
    for line in payment.lines.select_related("bill__home").filter(applied_fen__gt=0).order_by("bill"):
        if give_back(line.bill_id, line.applied_fen, by=by, now=now):
            lines.append(Line(owed, line.applied_fen, line.bill))
        else:
            account = ledger.prepayment_for(line.bill)
            kept[account] = kept.get(account, 0) + line.applied_fen
    for account, fen in sorted(kept.items(), key=lambda one: one[0].person_id or 0):
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
            *(Line(account, fen) for account, fen in kept.items()),
            Line(ledger.money(payment.channel, payment.estate_id), -payment.amount_fen),
        ],
        by=by,
        now=now,
    )


def _kept_of(payment: Payment) -> dict[Account, int]:
    """What of a payment became prepayment when it came, as the books say."""
    put_aside = Entry.objects.filter(
        transaction__key=f"payment:{payment.pk}", account__kind=Account.Kind.PREPAYMENT
    )
    return {entry.account: -entry.amount_fen for entry in put_aside.select_related("account")}


def pay_back(*, refund: Refund, now: datetime) -> bool:
    """Have the provider pay it back. False if it has not answered: the clock tries again."""
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
    """The provider had refused; a cashier has it asked once more."""
    policies.require("refund", by, refund.payment.estate_id)
    if refund.status == Status.PENDING:
        return
    with transaction.atomic():
        move(refund, Status.PENDING, by=by, now=now)
        transaction.on_commit(lambda: background.queue(PAY_BACK, [(refund.pk,)]))
        notify_open_pages(refund.payment)


# -- Cash: one asks, another agrees


def _ask_second(payment: Payment, declined: Refund | None, *, by: User, reason: str, now: datetime) -> Refund:
    """Ask the others who may for their yes. Two askers at once make one request."""
    try:
        with transaction.atomic():
            refund = _request(payment, declined, by=by, reason=reason, now=now)
            _record("fees.refund_asked", refund, by=by)
            _tell_approvers(refund, now=now)
            notify_open_pages(payment)
    except (IntegrityError, AlreadyMoved):
        return Refund.objects.get(payment=payment)
    return refund


def _request(payment: Payment, declined: Refund | None, *, by: User, reason: str, now: datetime) -> Refund:
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
    """The second person agrees: the cash goes over the counter, and the household is told.

    Never the one who asked, nor somebody whose own money it is, whatever their role. Repeating it
    returns quietly. Raises ``AlreadyMoved`` for one that was declined, ``ActionError`` if what had
    become prepayment was used since.
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
        _book(payment, by=by, now=now)
        _record("fees.refunded", refund, by=by, asked_by=refund.made_by_id)
        _tell_household(payment, "cash_given_back", now=now)
        notify_open_pages(payment)


def decline_refund(*, refund: Refund, by: User, reason: str, now: datetime) -> None:
    """Say no with a reason, or take one's own request back; it can be asked for again."""
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
    """Everybody of the estate who may be the second person. Once for each time it is asked for."""
    payment = refund.payment
    step = refund.history.latest("pk")
    people = User.objects.filter(
        staff_roles__estate=payment.estate_id,
        staff_roles__role__in=policies.VERBS["approve_refund"],
        is_active=True,
    ).exclude(pk=refund.made_by_id)
    for person in people.distinct():
        outbox.queue_message(
            person,
            "refund_asked",
            key=f"refund:{refund.pk}:{step.pk}",
            params=message_params(payment) | {"name": str(refund.made_by)},
            url=_desk_page(payment),
            now=now,
        )


def _tell_asker(refund: Refund, step: int, *, now: datetime) -> None:
    outbox.queue_message(
        refund.made_by,
        "refund_declined",
        key=f"refund:{refund.pk}:{step}",
        params=message_params(refund.payment),
        url=_desk_page(refund.payment),
        now=now,
    )


def _tell_household(payment: Payment, template: str, *, now: datetime) -> None:
    """The payer by SMS too; and those who live there, unless it was a bill in somebody's own name."""
    lines = list(payment.lines.select_related("bill__charged_to"))
    people = {line.bill.charged_to for line in lines if line.bill.charged_to is not None}
    if not lines or any(line.bill.charged_to is None for line in lines):
        living = {"residencies__home": payment.home_id, "residencies__status": "active"}
        people |= set(User.objects.filter(**living))
    if payment.payer is not None:
        people.add(payment.payer)
    for person in sorted(people, key=lambda one: one.pk):
        seen = Payment.objects.visible_to(person).filter(pk=payment.pk).exists()
        outbox.queue_message(
            person,
            template,
            key=f"payment:{payment.pk}:{template}",
            params=message_params(payment),
            url=page_of(payment) if seen else "",
            sms=person == payment.payer,
            now=now,
        )


def _desk_page(payment: Payment) -> str:
    return reverse("fees_payment", args=[payment.pk])
