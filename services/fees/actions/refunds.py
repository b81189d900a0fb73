"""Money goes back to whoever paid: all of a payment, the way that it came."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, background
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, begin, move
from services.fees import policies, providers
from services.fees.actions import ledger
from services.fees.actions.charging import check_reason
from services.fees.actions.ledger import Line
from services.fees.actions.steps import changed, tell
from services.fees.actions.taking import give_back
from services.fees.models import Account, Entry, LedgerTransaction, Payment, Refund
from services.fees.providers.base import ProviderDown, State

PAY_BACK = "services.fees.tasks.pay_back"
Status = Refund.Status


def ask_back(*, payment: Payment, by: User, reason: str = "", now: datetime) -> Refund:
    """Pay a payment back. The books are written first, so that the money is not spent meanwhile.

    Its bills open again; what of it had become prepayment is taken from there, and if that was used
    since, it is refused. A provider is asked afterwards, until it has answered; cash goes over the
    counter at once. Repeated it returns the refund that is under way.
    """
    _check(payment, by, reason, now)
    made = Refund.objects.filter(payment=payment).first()
    if made is not None:
        return made
    try:
        with transaction.atomic():
            move(payment, Payment.Status.REFUNDED, by=by, now=now, reason=reason.strip())
            refund = _open(payment, by=by, reason=reason, now=now)
            _book(payment, by=by, now=now)
            audit.record(
                "fees.refunded",
                by=by,
                target=payment,
                estate_id=payment.estate_id,
                reference=payment.reference,
                fen=payment.amount_fen,
            )
            if refund.status == Status.DONE:
                tell(payment, "refund_done", now=now)
            changed(payment)
    except ActionError:
        payment.refresh_from_db()
        made = Refund.objects.filter(payment=payment).first()
        if made is None:
            raise
        return made
    return refund


def _check(payment: Payment, by: User, reason: str, now: datetime) -> None:
    is_cashier = policies.may("refund", by, payment.estate_id)
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
    is_cash = payment.channel == Payment.CASH
    refund = Refund.objects.create(
        payment=payment,
        amount_fen=payment.amount_fen,
        reason=reason.strip()[:200],
        made_by=by,
        status=Status.DONE if is_cash else Status.PENDING,
        status_changed_at=now,
        created_at=now,
    )
    begin(refund, by=by, now=now, on_behalf_of=payment.payer)
    if not is_cash:
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
                tell(refund.payment, "refund_done", sms=True, now=now)
            changed(refund.payment)
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
        changed(refund.payment)
