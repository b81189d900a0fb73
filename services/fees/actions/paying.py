"""A resident pays: a payment begins, its money arrives once, or it is given up."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from services.fees import policies, providers
from services.fees.actions.opening import Wanted, check_amount, check_lines, once, open_payment
from services.fees.actions.steps import notify_open_pages, receive
from services.fees.models import Bill, Payment, ProviderNotice
from services.fees.providers.base import ProviderDown
from services.fees.purse import Lines, Purse, purse_of

Outcome = ProviderNotice.Outcome
TRIES = 5


def begin_payment(
    *,
    bills: Iterable[Bill],
    payer: User,
    by: User,
    channel: str,
    key: UUID,
    now: datetime,
    amounts: Mapping[int, int] | None = None,
    use_prepayment: bool = False,
) -> Payment:
    """Begin to pay bills of one home: all that is owed on them, or ``amounts`` (fen by the bill's key).

    ``channel`` is a provider's name or ``Payment.PREPAYMENT``. With ``use_prepayment`` what is paid ahead
    (by the household for its bills, by the payer for those in their own name) goes first, in a payment of
    its own; if that is enough it is the one that is returned, and it is PAID. Otherwise the payment waits
    for its provider: send the person where ``providers.named(payment.channel).create(payment)`` says. The
    same ``key`` again returns the same payment. Raises ``Forbidden`` before anything is looked at, and
    ``ActionError`` with the field.
    """
    chosen = list(bills)
    estates = {bill.estate_id for bill in chosen}
    if not all(policies.may_pay_for(by, payer, estate) for estate in estates):
        raise Forbidden

    def start() -> Payment:
        lines = _lines(chosen, amounts, payer)
        home = lines[0][0].home
        wanted = Wanted(home=home, payer=payer, by=by, channel=channel, key=key, lines=lines)
        check_amount(wanted)
        with transaction.atomic():
            payment = _begin(wanted, use_prepayment=use_prepayment, now=now)
            notify_open_pages(payment)
        return payment

    return once(key, by, start)


def _lines(bills: list[Bill], amounts: Mapping[int, int] | None, payer: User) -> Lines:
    """Fresh from the database, of the payer's own list, all of one home."""
    if not bills:
        raise ActionError("nothing_to_pay", _("Please choose what is to be paid."), field="bills")
    _check_one_home(bills)
    given = amounts or {}
    fen = {bill.pk: given.get(bill.pk) for bill in bills}
    if not set(given) <= set(fen):
        # An amount names no bill that was not chosen: whose it is was never asked.
        raise ActionError("not_your_bill", _("Please choose bills of this home."), field="bills")
    mine = Bill.objects.of_resident(payer).select_related("home__entrance__building__estate")
    lines = check_lines(mine, fen)
    _check_one_home(bill for bill, _fen in lines)
    return lines


def _check_one_home(bills: Iterable[Bill]) -> None:
    if len({bill.home_id for bill in bills}) > 1:
        raise ActionError("several_homes", _("Please pay one home at a time."), field="bills")


def _check_provider(channel: str) -> None:
    if not providers.names():
        raise ActionError("no_such_way", _("Please pay at the counter."), field="channel")
    if channel not in providers.names():
        raise ActionError("no_such_way", _("Please choose another way to pay."), field="channel")


def _begin(wanted: Wanted, *, use_prepayment: bool, now: datetime) -> Payment:
    if wanted.channel == Payment.PREPAYMENT:
        return _pay_from_prepayment(wanted, now=now)
    first, rest = _purse(wanted).split(wanted.lines) if use_prepayment else ([], wanted.lines)
    if not rest:
        # Nothing is left for a provider, so there need not be one.
        return _pay_from_prepayment(replace(wanted, channel=Payment.PREPAYMENT), now=now)
    _check_provider(wanted.channel)
    if first:
        own_key = uuid5(wanted.key, Payment.PREPAYMENT)
        _pay_from_prepayment(replace(wanted, channel=Payment.PREPAYMENT, key=own_key, lines=first), now=now)
    return open_payment(replace(wanted, lines=rest), now=now)


def _purse(wanted: Wanted) -> Purse:
    assert wanted.payer is not None
    return purse_of(wanted.payer, wanted.home)


def _pay_from_prepayment(wanted: Wanted, *, now: datetime) -> Payment:
    _covered, rest = _purse(wanted).split(wanted.lines)
    if rest:
        raise ActionError("prepayment_short", _("There is not enough prepayment left."), field="channel")
    payment = open_payment(wanted, now=now)
    receive(payment, by=wanted.by, now=now)
    return payment


def way_to_pay(*, payment: Payment) -> str:
    """Open the order at the payment's provider and say where to send the person; not in a transaction."""
    try:
        return providers.named(payment.channel).create(payment)
    except ProviderDown:
        raise ActionError(
            "provider_down", _("The payment service does not answer. Please try again in a minute.")
        ) from None


def credit(*, payment: Payment, provider_number: str, amount_fen: int, now: datetime) -> str:
    """A provider says that the money of a payment is there. The only way in which it becomes PAID.

    Whatever is repeated, late, or after giving up, it is credited once; returns a
    ``ProviderNotice.Outcome``. Another amount than was asked for credits nothing. The same payment paid
    a second time, under another number of the provider, becomes a payment of its own, as prepayment of
    whose bills they were.
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
        # Whoever was faster has changed the payment, or has written the number: look again.
        with suppress(AlreadyMoved, IntegrityError):
            return _receive(payment, provider_number, now=now)
    raise AlreadyMoved


def _receive(payment: Payment, provider_number: str, *, now: datetime) -> str:
    with transaction.atomic():
        if payment.paid_at is None:
            received, outcome = payment, Outcome.CREDITED
        else:
            received, outcome = _open_second(payment, provider_number, now=now), Outcome.SECOND
        receive(received, provider_number=provider_number, like=payment, by=None, now=now)
        notify_open_pages(received)
    return outcome


def _open_second(payment: Payment, provider_number: str, *, now: datetime) -> Payment:
    wanted = Wanted(
        home=payment.home,
        payer=payment.payer,
        by=payment.made_by,
        channel=payment.channel,
        key=_key_of_second(payment, provider_number),
        extra_fen=payment.amount_fen,
    )
    return open_payment(wanted, now=now)


def _key_of_second(payment: Payment, provider_number: str) -> UUID:
    return uuid5(payment.key, provider_number)
