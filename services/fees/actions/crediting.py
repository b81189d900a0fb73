"""Credits the money that payment providers report."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F

from community.core.transitions import AlreadyMoved
from community.notifications import live
from services.fees.actions.payment_requests import PaymentRequest, create_payment
from services.fees.actions.steps import notify_open_pages, receive, takings_topic
from services.fees.models import LiveOrder, Payment, ProviderNotice
from services.fees.providers.base import Result

logger = logging.getLogger(__name__)
Outcome = ProviderNotice.Outcome
TRIES = 5


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
            LiveOrder.objects.filter(payment=payment).delete()
        else:
            received, outcome = _open_second(payment, provider_number, now=now), Outcome.SECOND
        receive(received, provider_number=provider_number, repeats=payment, by=None, now=now)
        notify_open_pages(received)
    if outcome == Outcome.CREDITED and _has_rest(received):
        return Outcome.LATE
    return outcome


def _has_rest(payment: Payment) -> bool:
    """Whether a bill took less than was meant for it: it was paid or voided otherwise meanwhile."""
    return payment.lines.filter(applied_fen__lt=F("amount_fen")).exists()


def credit_answer(payment: Payment, result: Result, *, now: datetime) -> None:
    """Credits what a provider answers about a payment, and stores a doubt. Raises as ``credit`` does."""
    outcome = credit(payment=payment, provider_number=result.number, amount_fen=result.amount_fen, now=now)
    if outcome in ProviderNotice.DOUBTS:
        report = Report(payment.channel, payment.order_number, result.number, result.amount_fen)
        record_report(report, outcome=outcome, payment=payment, now=now)


def _open_second(payment: Payment, provider_number: str, *, now: datetime) -> Payment:
    request = PaymentRequest(
        home=payment.home,
        payer=payment.payer,
        by=payment.made_by,
        channel=payment.channel,
        key=_key_of_second(payment, provider_number),
        extra_fen=payment.amount_fen,
        merchant=payment.merchant,
    )
    return create_payment(request, now=now)


def _key_of_second(payment: Payment, provider_number: str) -> UUID:
    return uuid5(payment.key, provider_number)


@dataclass(frozen=True)
class Report:
    """A provider's report of an order, by its own number; ``amount_fen`` is None where it names no sum."""

    provider: str
    order_number: str
    number: str = ""
    amount_fen: int | None = None


def record_report(report: Report, *, outcome: str, payment: Payment | None, now: datetime) -> None:
    """Stores a provider's report; a doubt is stored once, and shown to the cashiers."""
    row = ProviderNotice(
        provider=report.provider,
        reference=report.order_number[:40],
        provider_number=report.number[:64],
        amount_fen=report.amount_fen,
        outcome=outcome,
        payment=payment,
        at=now,
    )
    if outcome in ProviderNotice.DOUBTS and payment:
        same = ProviderNotice.objects.filter(payment=payment, outcome=outcome)
        if same.filter(provider_number=row.provider_number, amount_fen=row.amount_fen).exists():
            return
    if outcome not in {Outcome.CREDITED, Outcome.REPEATED, Outcome.NOT_PAID}:
        logger.error("fees: %s says of %s: %s", row.provider, row.reference, outcome)
    row.save()
    if payment:
        live.notify_open_pages(takings_topic(payment.estate_id))
