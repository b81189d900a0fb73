"""Begins a resident's payment. The money arrives in ``provider_notices``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, Forbidden
from services.fees import policies, providers
from services.fees.actions.orders import PAYABLE_FOR
from services.fees.actions.payment_requests import (
    PaymentRequest,
    check_amount,
    check_lines,
    create_payment,
    find_or_make,
)
from services.fees.actions.steps import notify_open_pages, receive
from services.fees.models import Bill, Payment
from services.fees.prepayment import Lines, Prepayment, prepayment_of


@dataclass(frozen=True)
class Checkout:
    """The bills of one home that a resident pays: all that is owed, or ``amounts`` (fen by bill key).

    ``channel`` is a provider's name or ``Payment.PREPAYMENT``. With ``use_prepayment`` prepayments are used
    first: the household's for its bills, the payer's for those in their own name. ``key`` identifies the
    payment: using it again returns the same one.
    """

    bills: Iterable[Bill]
    payer: User
    channel: str
    key: UUID
    amounts: Mapping[int, int] | None = None
    use_prepayment: bool = False


def begin_payment(checkout: Checkout, *, by: User, now: datetime) -> Payment:
    """Begins a payment and returns it; the same key again returns the same payment.

    The part covered by prepayment becomes a payment of its own; if it covers everything, that one is returned
    and is PAID. Otherwise the payment waits for its provider: see ``open_order``.
    Raises ``Forbidden`` before any other check, ``ActionError`` with the field for wrong bills, amounts or
    channels, a prepayment that is too small and a key of another person, and ``AlreadyMoved`` if the
    prepayment is used at the same moment.
    """
    chosen, payer, key = list(checkout.bills), checkout.payer, checkout.key
    estates = {bill.estate_id for bill in chosen}
    if not all(policies.may_pay_for(by, payer, estate) for estate in estates):
        raise Forbidden

    def start() -> Payment:
        lines = _lines(chosen, checkout.amounts, payer)
        home = lines[0][0].home
        request = PaymentRequest(
            home=home, payer=payer, by=by, channel=checkout.channel, key=key, lines=lines
        )
        check_amount(request)
        with transaction.atomic():
            payment = _begin(request, use_prepayment=checkout.use_prepayment, now=now)
            notify_open_pages(payment)
        return payment

    return find_or_make(key, by, start)


def _lines(bills: list[Bill], amounts: Mapping[int, int] | None, payer: User) -> Lines:
    """Returns the bills, read again, of the payer's own list and of one home, with the fen meant for each."""
    if not bills:
        raise ActionError("nothing_to_pay", _("Please choose what is to be paid."), field="bills")
    _check_one_home(bills)
    given = amounts or {}
    fen = {bill.pk: given.get(bill.pk) for bill in bills}
    if not set(given) <= set(fen):
        # Permission was checked for the estates of the chosen bills only.
        raise ActionError("not_your_bill", _("Please choose bills of this home."), field="bills")
    mine = Bill.objects.of_resident(payer).select_related("home__entrance__building__estate")
    lines = check_lines(mine, fen)
    _check_one_home(bill for bill, _fen in lines)
    return lines


def _check_one_home(bills: Iterable[Bill]) -> None:
    if len({bill.home_id for bill in bills}) > 1:
        raise ActionError("several_homes", _("Please pay one home at a time."), field="bills")


def _check_provider(request: PaymentRequest) -> None:
    ways = providers.names_for(request.home.estate)
    if not ways:
        raise ActionError("no_such_way", _("Please pay at the counter."), field="channel")
    if request.channel not in ways:
        raise ActionError("no_such_way", _("Please choose another way to pay."), field="channel")


def _begin(request: PaymentRequest, *, use_prepayment: bool, now: datetime) -> Payment:
    if request.channel == Payment.PREPAYMENT:
        return _pay_from_prepayment(request, now=now)
    first, rest = (
        _prepayment_of_payer(request).split(request.lines) if use_prepayment else ([], request.lines)
    )
    if not rest:
        # The prepayment covers everything, so no provider is needed.
        return _pay_from_prepayment(replace(request, channel=Payment.PREPAYMENT), now=now)
    _check_provider(request)
    if first:
        own_key = uuid5(request.key, Payment.PREPAYMENT)
        _pay_from_prepayment(replace(request, channel=Payment.PREPAYMENT, key=own_key, lines=first), now=now)
    merchant = providers.merchant_for(request.channel, request.home.estate)
    ordered = replace(request, lines=rest, merchant=merchant, expires_at=now + PAYABLE_FOR)
    return create_payment(ordered, now=now)


def _prepayment_of_payer(request: PaymentRequest) -> Prepayment:
    assert request.payer is not None
    return prepayment_of(request.payer, request.home)


def _pay_from_prepayment(request: PaymentRequest, *, now: datetime) -> Payment:
    _covered, rest = _prepayment_of_payer(request).split(request.lines)
    if rest:
        raise ActionError("prepayment_short", _("There is not enough prepayment left."), field="channel")
    payment = create_payment(request, now=now)
    receive(payment, by=request.by, now=now)
    return payment
