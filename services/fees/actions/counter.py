"""The cashier's counter: cash, in part too, and more than is owed; and what is paid ahead."""

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class CounterPayment:
    """A payment at the counter: bills of one home, as fen by the bill's key.

    ``payer`` is a resident of the estate; ``payer_name`` is written down where it is somebody else. The
    same ``key`` again is the same payment.
    """

    home: Home
    amounts: dict[int, int]
    payer: User | None
    payer_name: str
    key: UUID


def take_cash(asked: CounterPayment, *, extra_fen: int, by: User, now: datetime) -> Payment:
    """Take cash for bills of a home, and ``extra_fen`` as its prepayment.

    The same ``key`` again returns the payment that it made. What a phone pays at the same moment is paid
    once: what a bill does not take any more becomes prepayment. Raises ``ActionError`` with the field.
    """
    policies.require("take_cash", by, asked.home.estate.pk)

    def take() -> Payment:
        request = _payment_request(asked, by=by, channel=Payment.CASH)
        return _book(replace(request, extra_fen=extra_fen), "fees.cash_taken", now=now)

    return find_or_make(asked.key, by, take)


def use_prepayment(asked: CounterPayment, *, by: User, now: datetime) -> Payment:
    """Pay bills of a home from what is paid ahead for it, for whoever has no other way to say so.

    The household's pays its bills, a person's own those in their name. The same ``key`` again returns the
    payment that it made. What a phone has just paid, or spent, is refused: nothing is booked.
    """
    policies.require("use_prepayment", by, asked.home.estate.pk)

    def use() -> Payment:
        request = _payment_request(asked, by=by, channel=Payment.PREPAYMENT)
        if covered_fen(kept_in_home(asked.home), request.lines) < request.amount_fen:
            raise ActionError("prepayment_short", _("There is not enough prepayment left."), field="amounts")
        return _book(request, "fees.prepayment_used", now=now)

    return find_or_make(asked.key, by, use)


def _payment_request(asked: CounterPayment, *, by: User, channel: str) -> PaymentRequest:
    _check_payer(asked.payer, asked.payer_name, asked.home.estate)
    return PaymentRequest(
        home=asked.home,
        payer=asked.payer,
        by=by,
        channel=channel,
        key=asked.key,
        lines=check_lines(Bill.objects.filter(home=asked.home), asked.amounts),
        payer_name=asked.payer_name.strip(),
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


def print_receipt(*, payment: Payment, by: User, now: datetime) -> bool:
    """Note that a receipt is printed at the counter, to be handed out. True if it was printed before.

    One conditional UPDATE decides which of two prints at the same moment is the first.
    """
    policies.require("print_receipt", by, payment.estate_id)
    if payment.paid_at is None:
        raise ActionError("not_paid", _("This payment was not paid."))
    first = Payment.objects.filter(pk=payment.pk, printed_at=None).update(printed_at=now)
    audit.record(
        "fees.receipt_printed",
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
    )
    return not first
