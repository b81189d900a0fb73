"""Orders at payment providers: opened for one payment of a bill at a time, asked about, closed."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move
from services.fees import policies, providers
from services.fees.actions.crediting import credit_answer
from services.fees.actions.payment_requests import next_ask
from services.fees.actions.steps import notify_open_pages, tell_payer
from services.fees.models import Bill, LiveOrder, Payment, PaymentLine
from services.fees.providers.base import Client, Order, ProviderDown, ProviderRefused, Result, State

logger = logging.getLogger(__name__)
Status = Payment.Status
TRIES = 5
# How long an order can be paid; the provider is told.
PAYABLE_FOR = timedelta(minutes=30)


def open_order(*, payment: Payment, client: Client, now: datetime) -> Order:
    """Creates the order at the payment's provider, once, and returns what the page needs.

    Before, any other order for the same bills is closed, so that one alone can be paid. Do not call it inside
    a transaction. Raises ``ActionError``: ``provider_down`` if a provider does not answer, ``payment_ended``, and
    with the payment closed ``provider_refused``, and ``paid_meanwhile`` if a bill was paid otherwise.
    """
    if payment.expires_at and payment.expires_at <= now:
        close_payment(payment=payment, now=now)
    _claim_bills(payment, now=now)
    try:
        return providers.named(payment.channel).create(payment, client)
    except ProviderDown:
        raise _down() from None
    except ProviderRefused as refusal:
        logger.error("fees: %s refuses %s: %s", payment.channel, payment.order_number, refusal.code)
        # An order that was begun in another browser cannot go on in this one; a new payment can.
        close_payment(payment=payment, now=now)
        raise ActionError(
            "provider_refused",
            _("This way to pay does not work right now. Please begin again, or choose another."),
        ) from refusal


def _down() -> ActionError:
    return ActionError(
        "provider_down", _("The payment service does not answer. Please try again in a minute.")
    )


def _claim_bills(payment: Payment, *, now: datetime) -> None:
    for _try in range(TRIES):
        _close_others(payment, now=now)
        payment.refresh_from_db()
        if payment.status != Status.PENDING:
            raise ActionError("payment_ended", _("This payment has ended. Please begin again."))
        if _is_overtaken(payment):
            close_payment(payment=payment, now=now)
            raise ActionError(
                "paid_meanwhile", _("Some of this was paid meanwhile. Please look again what is left.")
            )
        # Another page has claimed one of the bills since: close that one and try again.
        with suppress(IntegrityError):
            if _write_claims(payment):
                return
    raise _down()


def _close_others(payment: Payment, *, now: datetime) -> None:
    bills = payment.lines.values("bill")
    others = Payment.objects.filter(live_orders__bill__in=bills).exclude(pk=payment.pk).distinct()
    for other in others.select_related("home", "payer", "made_by", "merchant"):
        close_payment(payment=other, now=now)
        if other.status == Status.PENDING:
            raise _down()


def _is_overtaken(payment: Payment) -> bool:
    """Whether a bill owes less by now than the payment has for it."""
    return payment.lines.filter(amount_fen__gt=F("bill__amount_fen") - F("bill__paid_fen")).exists() or (
        payment.lines.exclude(bill__status=Bill.Status.OPEN).exists()
    )


def _write_claims(payment: Payment) -> bool:
    """Writes that the payment alone can pay its bills; returns False if it has ended meanwhile."""
    with transaction.atomic():
        # The row is locked, so that no request can end the payment before its claims are there to delete.
        if not Payment.objects.filter(pk=payment.pk, status=Status.PENDING).update(asks=F("asks")):
            return False
        mine = set(payment.live_orders.values_list("bill", flat=True))
        missing = [bill for bill in payment.lines.values_list("bill", flat=True) if bill not in mine]
        LiveOrder.objects.bulk_create(LiveOrder(bill_id=bill, payment=payment) for bill in missing)
    return True


def end_payment(payment: Payment, to: str, *, by: User | None = None, now: datetime, tells: str = "") -> None:
    """Moves a waiting payment to its end; a payment that has ended already stays as it is.

    Money that comes all the same is still credited.
    """
    try:
        with transaction.atomic():
            move(payment, to, by=by, now=now)
            LiveOrder.objects.filter(payment=payment).delete()
            if tells:
                tell_payer(payment, tells, now=now)
            notify_open_pages(payment)
    except AlreadyMoved:
        payment.refresh_from_db()


def fail_payment(*, payment: Payment, now: datetime) -> None:
    """Marks a payment as failed. Repeating it changes nothing."""
    end_payment(payment, Status.FAILED, now=now, tells="payment_failed")


def close_payment(*, payment: Payment, now: datetime, by: User | None = None) -> None:
    """Closes a payment that nobody will pay: at the provider first, then here.

    A payment that was paid meanwhile is credited. If the provider does not answer, the payment stays open and
    is queried later; for a user this raises ``ActionError`` (``provider_down``). ``by=None`` is the system.
    Raises ``Forbidden`` if ``by`` may neither act for the payer nor take money at the counter, and
    ``AlreadyMoved`` as ``credit`` does.
    """
    if by is not None and not policies.may_give_up(by, payment):
        raise Forbidden
    if payment.status != Status.PENDING:
        return
    try:
        result = providers.named(payment.channel).close(payment)
    except ProviderDown:
        if by is not None:
            raise _down() from None
        return
    apply_answer(payment, result, by=by, now=now)


def close_overtaken(*, bills: list[int], now: datetime) -> None:
    """Closes the orders that ask more for one of these bills than it still owes. Call it outside of any
    transaction. Checks no permission: the system calls it. Raises ``AlreadyMoved`` as ``credit`` does.
    """
    asks_more = Q(amount_fen__gt=F("bill__amount_fen") - F("bill__paid_fen"))
    lines = PaymentLine.objects.filter(asks_more | ~Q(bill__status=Bill.Status.OPEN), bill__in=bills)
    overtaken = Payment.objects.waiting().filter(live_orders__bill__in=bills, lines__in=lines)
    for payment in overtaken.distinct():
        close_payment(payment=payment, now=now)


def query_provider(*, payment: Payment, now: datetime) -> bool:
    """Queries the provider about a waiting payment and applies the answer; returns False without an answer.

    Raises ``AlreadyMoved`` as ``credit`` does.
    """
    if payment.status != Status.PENDING:
        return True
    Payment.objects.filter(pk=payment.pk, status=Status.PENDING).update(
        asks=F("asks") + 1, ask_at=next_ask(payment.asks + 1, now)
    )
    try:
        result = providers.named(payment.channel).query(payment)
    except ProviderDown:
        return False
    apply_answer(payment, result, by=None, now=now)
    return True


def apply_answer(payment: Payment, result: Result, *, by: User | None, now: datetime) -> None:
    """Applies a provider's answer about a payment. Raises ``AlreadyMoved`` as ``credit`` does."""
    if result.state == State.PAID:
        credit_answer(payment, result, now=now)
    elif result.state == State.FAILED:
        fail_payment(payment=payment, now=now)
    elif result.state == State.CLOSED:
        end_payment(payment, Status.CLOSED, by=by, now=now)
