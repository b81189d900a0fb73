"""Handles the notices of payment providers, and the doubts that they leave."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from community.core import audit, changes, limits
from community.core.errors import ActionError
from community.core.limit_table import FORGED_NOTICE
from community.notifications import live
from services.fees import policies
from services.fees.actions.crediting import Report, credit, record_report
from services.fees.actions.orders import end_payment, fail_payment
from services.fees.actions.reasons import check_reason
from services.fees.actions.refunds import apply_refund_answer
from services.fees.actions.steps import takings_topic
from services.fees.models import MerchantAccount, Payment, ProviderNotice, Refund
from services.fees.providers.base import Notice, RefundNotice

logger = logging.getLogger(__name__)
Status = Payment.Status
Outcome = ProviderNotice.Outcome


def handle_notice(
    *,
    provider: str,
    notice: Notice | RefundNotice,
    merchant: MerchantAccount | None = None,
    now: datetime,
) -> str:
    """Handles a provider's notice, its signature checked, and stores it: credits or fails a payment, or ends
    a refund, once. ``merchant`` is the account to whose address it came: an order of another is unknown.

    Returns a ``ProviderNotice.Outcome``. Raises ``AlreadyMoved`` as ``credit`` does.
    """
    payments = Payment.objects.filter(channel=provider, merchant=merchant)
    payment = payments.with_order_number(notice.order_number).first()
    if isinstance(notice, RefundNotice):
        return _handle_refund(provider, notice, payment, now=now)
    if payment is None:
        outcome: str = Outcome.UNKNOWN
    elif notice.is_paid:
        outcome = credit(
            payment=payment, provider_number=notice.number, amount_fen=notice.amount_fen, now=now
        )
    else:
        outcome = Outcome.NOT_PAID
        if notice.is_over:
            fail_payment(payment=payment, now=now)
    report = Report(provider, notice.order_number, notice.number, notice.amount_fen)
    record_report(report, outcome=outcome, payment=payment, now=now)
    return outcome


def _handle_refund(provider: str, notice: RefundNotice, payment: Payment | None, *, now: datetime) -> str:
    refund = Refund.objects.with_source().with_order_number(notice.refund_number).first() if payment else None
    result = notice.result
    if refund is None or refund.of_payment.origin != payment:
        outcome: str = Outcome.UNKNOWN
    elif result.amount_fen and result.amount_fen != refund.amount_fen:
        outcome = Outcome.WRONG_AMOUNT
    else:
        outcome = Outcome.REFUND
        apply_refund_answer(refund, result, now=now)
    report = Report(provider, notice.refund_number, result.number, result.amount_fen or None)
    record_report(report, outcome=outcome, payment=payment, now=now)
    return outcome


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
            end_payment(notice.payment, Status.CLOSED, by=by, now=now)


def record_forged_notice(*, provider: str, now: datetime) -> None:
    """Stores a notice with a wrong signature: a few an hour, so that a stranger cannot fill the table."""
    try:
        limits.hit(FORGED_NOTICE, provider)
    except ActionError:
        logger.warning("fees: another call with a wrong signature for %s", provider)
        return
    ProviderNotice.objects.create(provider=provider, outcome=Outcome.BAD_SIGNATURE, at=now)
