"""Short ways to pay in tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees import actions
from services.fees.actions import ledger
from services.fees.models import Bill, Deposit, Payment, Refund
from services.fees.providers.base import Client, Order
from tests.factories import (
    make_cashier,
)
from tests.support.arguments import grouped


def begin(bills: list[Bill], payer: User, **overrides: Any) -> Payment:
    asked = {"by": payer, "channel": "sandbox", "key": uuid4(), "now": clock.now()}
    checkout, rest = grouped(actions.Checkout, asked | overrides | {"bills": bills, "payer": payer})
    return actions.begin_payment(checkout, **rest)


def open_order(payment: Payment, client: Client | None = None) -> Order:
    """Creates the payment's order at its provider, as its page does."""
    return actions.open_order(payment=payment, client=client or Client("203.0.113.9"), now=clock.now())


def let_pass(minutes: int, *payments: Payment) -> None:
    """Moves payments and refunds back in time as if they had begun so long ago; all without ``payments``."""
    ago = timedelta(minutes=minutes)
    rows = Payment.objects.filter(pk__in=[one.pk for one in payments]) if payments else Payment.objects.all()
    rows.update(created_at=F("created_at") - ago, ask_at=F("ask_at") - ago, expires_at=F("expires_at") - ago)
    refunds = Refund.objects.filter(payment__in=payments) if payments else Refund.objects.all()
    refunds.update(status_changed_at=F("status_changed_at") - ago, ask_at=F("ask_at") - ago)


def credit(payment: Payment, number: str = "N1", **overrides: Any) -> str:
    asked = {"provider_number": number, "amount_fen": payment.amount_fen, "now": clock.now()}
    return actions.credit(payment=payment, **(asked | overrides))


def take_payment(home: Home, amounts: dict[int, int], **overrides: Any) -> Payment:
    asked = {
        "extra_fen": 0,
        "payer": None,
        "payer_name": "",
        "key": uuid4(),
        "now": clock.now(),
    }
    if "by" not in overrides:
        asked["by"] = make_cashier(estate=home.estate)
    given = {"home": home, "amounts": amounts} | asked | overrides
    payment, rest = grouped(actions.CounterPayment, given)
    return actions.take_payment(payment, **rest)


def give_back(payment: Payment, *, asks: User, agrees: User | None = None, **parts: Any) -> Refund:
    """Refunds a payment: ``asks`` requests it, a colleague confirms; ``parts`` as of ``RefundParts``."""
    part = actions.RefundParts(**parts) if parts else None
    refund = actions.request_refund(payment=payment, by=asks, reason="缴错", parts=part, now=clock.now())
    second = agrees or make_cashier(estate=payment.estate)
    actions.approve_refund(refund=refund, by=second, now=clock.now())
    return refund


def take_deposit(home: Home, fen: int, *, by: User, **overrides: Any) -> Deposit:
    """Takes a fit-out deposit in cash from somebody who is not registered."""
    asked: dict[str, Any] = {"payer": None, "payer_name": "王强", "key": uuid4()} | overrides
    kind = asked.pop("kind", Deposit.Kind.FIT_OUT)
    paid = actions.CounterPayment(home=home, amounts={}, **asked)
    taken = actions.DepositTaken(kind=kind, words="", amount_fen=fen, paid=paid)
    return actions.take_deposit(taken, by=by, now=clock.now())


def payout(fen: int, **overrides: Any) -> actions.Payout:
    """Returns a payout in cash."""
    asked: dict[str, Any] = {
        "channel": Payment.CASH,
        "slip_number": "",
        "payee_name": "王强",
        "reason": "退",
        "key": uuid4(),
    }
    return actions.Payout(amount_fen=fen, **(asked | overrides))


def move_payment(
    payment: Payment, home: Home, *, by: User, bills: Sequence[Bill] = (), **overrides: Any
) -> Payment:
    """Moves a payment to another home of the estate, for somebody who is not registered."""
    asked: dict[str, Any] = {"payer": None, "payer_name": "王强", "reason": "房号记错"} | overrides
    to = actions.Move(home=home, bills=[bill.pk for bill in bills], **asked)
    return actions.move_payment(payment=payment, to=to, by=by, now=clock.now())


def held(home: Home) -> int:
    return ledger.prepayment(home, home.estate.pk).held_fen
