"""What providers say of themselves, and what they are asked."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, limits
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import FORGED_NOTICE
from community.core.transitions import AlreadyMoved, move
from community.notifications import live
from services.fees import policies, providers
from services.fees.actions.charging import check_reason
from services.fees.actions.paying import credit
from services.fees.actions.steps import notify_open_pages, takings_topic, tell_payer
from services.fees.models import Payment, ProviderNotice
from services.fees.providers.base import Notice, ProviderDown, Result, State

logger = logging.getLogger(__name__)
Status = Payment.Status
Outcome = ProviderNotice.Outcome


def hear(*, provider: str, notice: Notice, now: datetime) -> str:
    """A provider's call, its signature checked: do what it says, once, and keep it. Returns the outcome."""
    payment = Payment.objects.filter(channel=provider).with_order_number(notice.order_number).first()
    if payment is None:
        outcome: str = Outcome.UNKNOWN
    elif notice.is_paid:
        outcome = credit(
            payment=payment, provider_number=notice.number, amount_fen=notice.amount_fen, now=now
        )
    else:
        outcome = Outcome.NOT_PAID
        fail(payment=payment, now=now)
    _note(provider, notice.order_number, notice, outcome=outcome, payment=payment, now=now)
    return outcome


def _note(
    provider: str,
    order_number: str,
    answer: Notice | Result,
    *,
    outcome: str,
    payment: Payment | None,
    now: datetime,
) -> None:
    """Write down what a provider said; a doubt is noted once, and shown to the cashiers."""
    said = ProviderNotice(
        provider=provider,
        reference=order_number[:40],
        provider_number=answer.number[:64],
        amount_fen=answer.amount_fen,
        outcome=outcome,
        payment=payment,
        at=now,
    )
    if said.outcome in ProviderNotice.DOUBTS and said.payment:
        same = ProviderNotice.objects.filter(payment=said.payment, outcome=said.outcome)
        if same.filter(provider_number=said.provider_number, amount_fen=said.amount_fen).exists():
            return
    if said.outcome not in {Outcome.CREDITED, Outcome.REPEATED, Outcome.NOT_PAID}:
        logger.error("fees: %s says of %s: %s", said.provider, said.reference, said.outcome)
    said.save()
    if said.payment:
        live.notify_open_pages(takings_topic(said.payment.estate_id))


def see_to(*, notice: ProviderNotice, words: str, by: User, now: datetime) -> None:
    """A doubt was looked into; ``words`` say what was done. The first one who says so has done it.

    A payment that still waited is closed: nobody asks about it any more, and its money, if it comes after
    all, is credited.
    """
    assert notice.payment is not None
    policies.require("see_to", by, notice.payment.estate_id)
    check_reason(words)
    with transaction.atomic():
        open_still = ProviderNotice.objects.in_doubt().filter(pk=notice.pk)
        if not open_still.update(seen_by=by, seen_at=now, seen_words=words.strip()):
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


def keep_forged(*, provider: str, now: datetime) -> None:
    """A call whose signature is wrong does nothing; a few an hour are kept, so that nobody fills our tables."""
    try:
        limits.hit(FORGED_NOTICE, provider)
    except ActionError:
        logger.warning("fees: another call with a wrong signature for %s", provider)
        return
    ProviderNotice.objects.create(provider=provider, outcome=Outcome.BAD_SIGNATURE, at=now)


def fail(*, payment: Payment, now: datetime) -> None:
    """It was not paid. Money that comes all the same is still credited."""
    _end(payment, Status.FAILED, by=None, now=now, tells="payment_failed")


def give_up(*, payment: Payment, now: datetime, by: User | None = None) -> None:
    """Nobody is going to pay it any more: it is closed at the provider first, then here.

    Whoever has paid it meanwhile, has paid. Where the provider does not answer it stays open, and is
    asked about later. ``by=None`` is the clock.
    """
    if by is not None and not policies.stands_for_payer(by, payment):
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
    _follow(payment, result, by=by, now=now)


def ask_provider(*, payment: Payment, now: datetime) -> bool:
    """Ask how a waiting payment stands, and do what the answer says. False if there was no answer."""
    if payment.status != Status.PENDING:
        return True
    try:
        result = providers.named(payment.channel).query(payment.order_number)
    except ProviderDown:
        return False
    _follow(payment, result, by=None, now=now)
    return True


def _follow(payment: Payment, result: Result, *, by: User | None, now: datetime) -> None:
    if result.state == State.PAID:
        outcome = credit(
            payment=payment, provider_number=result.number, amount_fen=result.amount_fen, now=now
        )
        if outcome in ProviderNotice.DOUBTS:
            _note(payment.channel, payment.order_number, result, outcome=outcome, payment=payment, now=now)
    elif result.state == State.FAILED:
        fail(payment=payment, now=now)
    elif result.state == State.CLOSED:
        _end(payment, Status.CLOSED, by=by, now=now)


def _end(payment: Payment, to: str, *, by: User | None, now: datetime, tells: str = "") -> None:
    """Not if it has ended already, in whatever way."""
    try:
        with transaction.atomic():
            move(payment, to, by=by, now=now)
            if tells:
                tell_payer(payment, tells, now=now)
            notify_open_pages(payment)
    except AlreadyMoved:
        payment.refresh_from_db()
