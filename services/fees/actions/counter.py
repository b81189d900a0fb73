"""Payments at the cashier's counter: in part or above the amount owed, and use of prepayments."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, changes
from community.core.errors import ActionError
from community.estates.models import Estate, Home
from services.fees import policies, providers
from services.fees.actions import tills
from services.fees.actions.orders import PAYABLE_FOR
from services.fees.actions.payment_requests import PaymentRequest, check_lines, create_payment, find_or_make
from services.fees.actions.receipt_numbers import issue_receipt
from services.fees.actions.steps import AtCounter, notify_open_pages, receive
from services.fees.models import Account, Bill, Payment
from services.fees.prepayment import covered_fen, prepayment_accounts
from services.fees.providers.base import Client

MAX_NAME = 40
# The cashier's screen, as a provider needs to know it.
AT_COUNTER = Client("", at_counter=True)


@dataclass(frozen=True)
class CounterPayment:
    """A payment at the counter for bills of one home; ``amounts`` are fen by the bill's key.

    ``payer`` is a resident of the estate; ``payer_name`` names any other payer. ``key`` identifies the
    payment: using it again returns the same one. ``channel`` is one of ``Payment.AT_COUNTER``, ``slip_number``
    the number that it has there, which only cash has not.
    """

    home: Home
    amounts: dict[int, int]
    payer: User | None
    payer_name: str
    key: UUID
    channel: str = Payment.CASH
    slip_number: str = ""


def take_payment(counter_payment: CounterPayment, *, extra_fen: int, by: User, now: datetime) -> Payment:
    """Takes money for bills of a home, and ``extra_fen`` as its prepayment; returns the payment, which is
    PAID.

    The money belongs to the open shift of ``by``, and the payment gets the next receipt number. Repeating it
    with the same ``key`` returns the same payment. If a bill is paid by phone at the same moment, the money
    that it cannot take becomes prepayment. Raises ``Forbidden``, ``NoShift`` without an open shift, and
    ``ActionError`` with the field for wrong bills or amounts, a payer who is no resident, a way without its
    number and a key of another person; without a field if the receipt numbers are used up.
    """
    policies.require("take_payment", by, counter_payment.home.estate.pk)

    def take() -> Payment:
        check_way(counter_payment)
        request = payment_request(
            counter_payment, extra_fen=extra_fen, by=by, channel=counter_payment.channel
        )
        return create_and_receive(request, "fees.cash_taken", now=now)

    return find_or_make(counter_payment.key, by, take)


def use_prepayment(counter_payment: CounterPayment, *, by: User, now: datetime) -> Payment:
    """Pays bills of a home from its prepayments, for residents who come to the counter; returns the payment.

    The household's prepayment pays the household's bills, a person's own the bills in their name. Repeating
    it with the same ``key`` returns the same payment. Raises ``Forbidden``, ``ActionError`` with the field as
    ``take_payment`` does and if the prepayment is too small, and ``AlreadyMoved`` if a bill was paid or the
    prepayment used at the same moment; nothing is booked then.
    """
    policies.require("use_prepayment", by, counter_payment.home.estate.pk)

    def use() -> Payment:
        request = payment_request(counter_payment, by=by, channel=Payment.PREPAYMENT)
        if covered_fen(prepayment_accounts(counter_payment.home), request.lines) < request.amount_fen:
            raise ActionError("prepayment_short", _("There is not enough prepayment left."), field="amounts")
        return create_and_receive(request, "fees.prepayment_used", now=now)

    return find_or_make(counter_payment.key, by, use)


def begin_code_payment(
    counter_payment: CounterPayment, *, extra_fen: int, by: User, now: datetime
) -> Payment:
    """Begins a payment of a home's bills by a code that the payer scans at the counter; returns it, waiting.

    ``channel`` is a provider's name; the money goes to the company's account there, to no till, and
    ``open_order`` gives the code. Repeating it with the same ``key`` returns the same payment. Raises
    ``Forbidden``, and ``ActionError`` with the field as ``take_payment`` does and for a provider that the
    estate does not use at the counter.
    """
    estate = counter_payment.home.estate
    policies.require("take_payment", by, estate.pk)

    def begin() -> Payment:
        if counter_payment.channel not in providers.names_for(estate, AT_COUNTER):
            raise ActionError("no_such_way", _("Please choose another way to pay."), field="channel")
        request = payment_request(
            counter_payment, extra_fen=extra_fen, by=by, channel=counter_payment.channel
        )
        merchant = providers.merchant_for(counter_payment.channel, estate)
        with transaction.atomic():
            payment = create_payment(
                replace(request, merchant=merchant, slip_number="", expires_at=now + PAYABLE_FOR), now=now
            )
            notify_open_pages(payment)
        return payment

    return find_or_make(counter_payment.key, by, begin)


def payment_request(
    counter_payment: CounterPayment, *, extra_fen: int = 0, by: User, channel: str
) -> PaymentRequest:
    """Returns the request of a payment at the counter. Raises ``ActionError`` with the field."""
    _check_payer(counter_payment.payer, counter_payment.payer_name, counter_payment.home.estate)
    return PaymentRequest(
        home=counter_payment.home,
        payer=counter_payment.payer,
        by=by,
        channel=channel,
        key=counter_payment.key,
        lines=check_lines(Bill.objects.filter(home=counter_payment.home), counter_payment.amounts),
        extra_fen=extra_fen,
        payer_name=counter_payment.payer_name.strip(),
        slip_number=""
        if channel in (Payment.CASH, Payment.PREPAYMENT)
        else counter_payment.slip_number.strip(),
    )


def create_and_receive(
    request: PaymentRequest,
    act: str,
    *,
    rest_to: Callable[[Payment], Account] | None = None,
    now: datetime,
) -> Payment:
    """Creates the payment and receives its money in one transaction; returns the payment.

    ``rest_to`` opens the account of a deposit that takes the money.
    """
    with transaction.atomic():
        shift = None
        if request.channel != Payment.PREPAYMENT:
            shift = tills.use_till(request.by, request.home.estate.pk)
        payment = create_payment(request, now=now)
        account = rest_to(payment) if rest_to else None
        receive(payment, at_counter=AtCounter(shift, account), by=request.by, now=now)
        _record(act, payment, by=request.by)
        notify_open_pages(payment)
        if shift is not None:
            issue_receipt(payment, shift=shift, by=request.by, now=now)
    return payment


def check_way(counter_payment: CounterPayment) -> None:
    """Checks how it is paid. Raises ``ActionError`` with the field."""
    if counter_payment.channel not in Payment.AT_COUNTER:
        raise ActionError("unknown_way", _("Please choose how it is paid."), field="channel")
    if counter_payment.channel == Payment.CASH:
        return
    number = counter_payment.slip_number.strip()
    if not number:
        raise ActionError("slip_missing", _("Please type the number on the slip."), field="slip_number")
    if len(number) > MAX_NAME:
        raise ActionError("too_long", _("Please keep it under 40 characters."), field="slip_number")


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
    """Records that a receipt is printed at the counter; returns True if it was printed before.

    One conditional UPDATE decides which of two prints at the same moment is the first. Raises ``Forbidden``,
    and ``ActionError`` for a payment that was not paid.
    """
    policies.require("print_receipt", by, payment.estate_id)
    if payment.paid_at is None:
        raise ActionError("not_paid", _("This payment was not paid."))
    with changes.covering(Payment):
        first = Payment.objects.filter(pk=payment.pk, printed_at=None).update(printed_at=now)
    audit.record(
        "fees.receipt_printed",
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
    )
    return not first
