"""Handles messages of payment providers: the notices they send, and their answers to queries."""

import logging
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, changes, limits
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import FORGED_NOTICE
from community.core.transitions import AlreadyMoved, move
from community.notifications import live
from services.fees import policies, providers
from services.fees.actions.payment_requests import PaymentRequest, create_payment
from services.fees.actions.reasons import check_reason
from services.fees.actions.steps import notify_open_pages, receive, takings_topic, tell_payer
from services.fees.models import Payment, ProviderNotice
from services.fees.providers.base import Notice, ProviderDown, Result, State

logger = logging.getLogger(__name__)
Status = Payment.Status
Outcome = ProviderNotice.Outcome
TRIES = 5


def handle_notice(*, provider: str, notice: Notice, now: datetime) -> str:
    """Handles a provider's notice, its signature checked: credits or fails the payment once, and stores the
    notice.

    Returns a ``ProviderNotice.Outcome``. Raises ``AlreadyMoved`` as ``credit`` does.
    """
    payment = Payment.objects.filter(channel=provider).with_order_number(notice.order_number).first()
    if payment is None:
        outcome: str = Outcome.UNKNOWN
    elif notice.is_paid:
        outcome = credit(
            payment=payment, provider_number=notice.number, amount_fen=notice.amount_fen, now=now
        )
    else:
        outcome = Outcome.NOT_PAID
        fail_payment(payment=payment, now=now)
    _record_notice(provider, notice.order_number, notice, outcome=outcome, payment=payment, now=now)
    return outcome


def credit(*, payment: Payment, provider_number: str, amount_fen: int, now: datetime) -> str:
    """Credits the money of a payment, in fen, that a provider reports; returns a ``ProviderNotice.Outcome``.

    The only way in which a payment of a provider becomes PAID. Repeated or late reports, also of a closed
    payment, are credited once. Another amount than requested credits nothing. The same payment paid a second
    time, under another number of the provider, becomes a payment of its own: a prepayment of the bills'
    owner. Raises ``AlreadyMoved`` if other requests changed the payment at every try.
    """
    if not provider_number:
        return Outcome.NOT_PAID
    if amount_fen != payment.amount_fen:
        return Outcome.WRONG_AMOUNT
    for _try in range(TRIES):
        payment.refresh_from_db()
        holder = Payment.objects.filter(channel=payment.channel, provider_number=provider_number).first()
        if holder is not None:
            is_ours = holder.pk == payment.pk or holder.key == _key_of_second(payment, provider_number)
            return Outcome.REPEATED if is_ours else Outcome.NUMBER_USED
        # Another request has changed the payment, or has written the number: look again.
        with suppress(AlreadyMoved, IntegrityError):
            return _receive(payment, provider_number, now=now)
    raise AlreadyMoved


def _receive(payment: Payment, provider_number: str, *, now: datetime) -> str:
    with transaction.atomic():
        if payment.paid_at is None:
            received, outcome = payment, Outcome.CREDITED
        else:
            received, outcome = _open_second(payment, provider_number, now=now), Outcome.SECOND
        receive(received, provider_number=provider_number, repeats=payment, by=None, now=now)
        notify_open_pages(received)
    return outcome


def _open_second(payment: Payment, provider_number: str, *, now: datetime) -> Payment:
    request = PaymentRequest(
        home=payment.home,
        payer=payment.payer,
        by=payment.made_by,
        channel=payment.channel,
        key=_key_of_second(payment, provider_number),
        extra_fen=payment.amount_fen,
    )
    return create_payment(request, now=now)


def _key_of_second(payment: Payment, provider_number: str) -> UUID:
    return uuid5(payment.key, provider_number)


def _record_notice(
    provider: str,
    order_number: str,
    answer: Notice | Result,
    *,
    outcome: str,
    payment: Payment | None,
    now: datetime,
) -> None:
    """Stores a provider's report; a doubt is stored once, and shown to the cashiers."""
    report = ProviderNotice(
        provider=provider,
        reference=order_number[:40],
        provider_number=answer.number[:64],
        amount_fen=answer.amount_fen,
        outcome=outcome,
        payment=payment,
        at=now,
    )
    if report.outcome in ProviderNotice.DOUBTS and report.payment:
        same = ProviderNotice.objects.filter(payment=report.payment, outcome=report.outcome)
        if same.filter(provider_number=report.provider_number, amount_fen=report.amount_fen).exists():
            return
    if report.outcome not in {Outcome.CREDITED, Outcome.REPEATED, Outcome.NOT_PAID}:
        logger.error("fees: %s says of %s: %s", report.provider, report.reference, report.outcome)
    report.save()
    if report.payment:
        live.notify_open_pages(takings_topic(report.payment.estate_id))


def resolve_doubt(*, notice: ProviderNotice, words: str, by: User, now: datetime) -> None:
    """Marks a doubt as resolved; ``words`` say what was done. Does nothing if it was resolved before.

    A payment that still waits is closed: the provider is not queried about it any more, and late money is still
    credited. Raises ``Forbidden``, and ``ActionError`` without words.
    """
    assert notice.payment is not None
    policies.require("resolve_doubt", by, notice.payment.estate_id)
    check_reason(words)
    with transaction.atomic():
        open_still = ProviderNotice.objects.in_doubt().filter(pk=notice.pk)
        with changes.of(notice):
            is_open = open_still.update(seen_by=by, seen_at=now, seen_words=words.strip())
        if not is_open:
            return
        audit.record(
            "fees.doubt_seen_to",
            by=by,
            target=notice.payment,
            estate_id=notice.payment.estate_id,
            reference=notice.payment.reference,
        )
        live.notify_open_pages(takings_topic(notice.payment.estate_id))
        if notice.payment.status == Status.PENDING:
            _end(notice.payment, Status.CLOSED, by=by, now=now)


def record_forged_notice(*, provider: str, now: datetime) -> None:
    """Stores a notice with a wrong signature: a few an hour, so that a stranger cannot fill the table."""
    try:
        limits.hit(FORGED_NOTICE, provider)
    except ActionError:
        logger.warning("fees: another call with a wrong signature for %s", provider)
        return
    ProviderNotice.objects.create(provider=provider, outcome=Outcome.BAD_SIGNATURE, at=now)


def fail_payment(*, payment: Payment, now: datetime) -> None:
    """Marks a payment as failed. Money that comes all the same is still credited. Repeating it changes
    nothing.
    """
    _end(payment, Status.FAILED, by=None, now=now, tells="payment_failed")


def close_payment(*, payment: Payment, now: datetime, by: User | None = None) -> None:
    """Closes a payment that nobody will pay: at the provider first, then here.

    A payment that was paid meanwhile is credited. If the provider does not answer, the payment stays open and
    is queried later; for a user this raises ``ActionError`` (``provider_down``). ``by=None`` is the system.
    Raises ``Forbidden`` if ``by`` may not act for the payer, and ``AlreadyMoved`` as ``credit`` does.
    """
    if by is not None and not policies.may_act_for_payer(by, payment):
        raise Forbidden
    if payment.status != Status.PENDING:
        return
    try:
        result = providers.named(payment.channel).close(payment.order_number)
    except ProviderDown:
        if by is not None:
            raise ActionError(
                "provider_down", _("The payment service does not answer. Please try again in a minute.")
            ) from None
        return
    _apply_answer(payment, result, by=by, now=now)


def query_provider(*, payment: Payment, now: datetime) -> bool:
    """Queries the provider about a waiting payment and applies the answer; returns False without an answer.

    Raises ``AlreadyMoved`` as ``credit`` does.
    """
    if payment.status != Status.PENDING:
        return True
    try:
        result = providers.named(payment.channel).query(payment.order_number)
    except ProviderDown:
        return False
    _apply_answer(payment, result, by=None, now=now)
    return True


def _apply_answer(payment: Payment, result: Result, *, by: User | None, now: datetime) -> None:
    if result.state == State.PAID:
        outcome = credit(
            payment=payment, provider_number=result.number, amount_fen=result.amount_fen, now=now
        )
        if outcome in ProviderNotice.DOUBTS:
            _record_notice(
                payment.channel, payment.order_number, result, outcome=outcome, payment=payment, now=now
            )
    elif result.state == State.FAILED:
        fail_payment(payment=payment, now=now)
    elif result.state == State.CLOSED:
        _end(payment, Status.CLOSED, by=by, now=now)


def _end(payment: Payment, to: str, *, by: User | None, now: datetime, tells: str = "") -> None:
    """Moves a waiting payment to its end; a payment that has ended already stays as it is."""
    try:
        with transaction.atomic():
            move(payment, to, by=by, now=now)
            if tells:
                tell_payer(payment, tells, now=now)
            notify_open_pages(payment)
    except AlreadyMoved:
        payment.refresh_from_db()
