"""The cashier's counter: cash, in part too, and more than is owed; and what is paid ahead."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError
from community.estates.models import Estate, Home
from services.fees import policies
from services.fees.actions.payment_requests import PaymentRequest, check_lines, create_payment, find_or_make
from services.fees.actions.steps import notify_open_pages, receive
from services.fees.models import Bill, Payment
from services.fees.prepayment import covered_fen, kept_in_home

MAX_NAME = 40


def take_cash(
    *,
    home: Home,
    amounts: dict[int, int],
    extra_fen: int,
    payer: User | None,
    payer_name: str,
    by: User,
    key: UUID,
    now: datetime,
) -> Payment:
    """Cash for bills of a home (fen by the bill's key), and ``extra_fen`` as its prepayment.

    The same ``key`` again returns the payment that it made. What a phone pays at the same moment is paid
    once: what a bill does not take any more becomes prepayment. Raises ``ActionError`` with the field.
    """
    policies.require("take_cash", by, home.estate.pk)

    def take() -> Payment:
        request = _payment_request(home, amounts, payer, payer_name, by=by, key=key, channel=Payment.CASH)
        return _book(replace(request, extra_fen=extra_fen), "fees.cash_taken", now=now)

    return find_or_make(key, by, take)


def use_prepayment(
    *,
    home: Home,
    amounts: dict[int, int],
    payer: User | None,
    payer_name: str,
    by: User,
    key: UUID,
    now: datetime,
) -> Payment:
    """Pay bills of a home from what is paid ahead for it, for whoever has no other way to say so.

    The household's pays its bills, a person's own those in their name. The same ``key`` again returns the
    payment that it made. What a phone has just paid, or spent, is refused: nothing is booked.
    """
    policies.require("use_prepayment", by, home.estate.pk)

    def use() -> Payment:
        request = _payment_request(
            home, amounts, payer, payer_name, by=by, key=key, channel=Payment.PREPAYMENT
        )
        if covered_fen(kept_in_home(home), request.lines) < request.amount_fen:
            raise ActionError("prepayment_short", _("There is not enough prepayment left."), field="amounts")
        return _book(request, "fees.prepayment_used", now=now)

    return find_or_make(key, by, use)


def _payment_request(
    home: Home,
    amounts: dict[int, int],
    payer: User | None,
    payer_name: str,
    *,
    by: User,
    key: UUID,
    channel: str,
) -> PaymentRequest:
    _check_payer(payer, payer_name, home.estate)
    return PaymentRequest(
        home=home,
        payer=payer,
        by=by,
        channel=channel,
        key=key,
        lines=check_lines(Bill.objects.filter(home=home), amounts),
        payer_name=payer_name.strip(),
    )


def _book(request: PaymentRequest, act: str, *, now: datetime) -> Payment:
    with transaction.atomic():
        payment = create_payment(request, now=now)
        receive(payment, by=request.by, now=now)
        _record(act, payment, by=request.by)
        notify_open_pages(payment)
    return payment


def _check_payer(payer: User | None, payer_name: str, estate: Estate) -> None:
    if len(payer_name.strip()) > MAX_NAME:
        raise ActionError("too_long", _("Please keep it under 40 characters."), field="payer_name")
    here = Estate.objects.filter(pk=estate.pk)
    if payer is not None and not User.objects.filter(pk=payer.pk).living_in(here).exists():
        raise ActionError("not_a_resident", _("Please choose a resident of this estate."), field="payer")


def _record(act: str, payment: Payment, *, by: User) -> None:
    audit.record(
        act,
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
        fen=payment.amount_fen,
    )
