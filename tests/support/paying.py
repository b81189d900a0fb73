"""Short ways to pay in tests."""

from typing import Any
from uuid import uuid4

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees import actions
from services.fees.actions import ledger
from services.fees.models import Bill, Payment, Refund
from tests.factories import (
    make_cashier,
)
from tests.support.arguments import grouped


def begin(bills: list[Bill], payer: User, **overrides: Any) -> Payment:
    asked = {"by": payer, "channel": "sandbox", "key": uuid4(), "now": clock.now()}
    checkout, rest = grouped(actions.Checkout, asked | overrides | {"bills": bills, "payer": payer})
    return actions.begin_payment(checkout, **rest)


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


def give_back_cash(payment: Payment, *, asks: User, agrees: User | None = None) -> Refund:
    """Refunds cash: ``asks`` requests it, a colleague confirms."""
    refund = actions.request_refund(payment=payment, by=asks, reason="缴错", now=clock.now())
    second = agrees or make_cashier(estate=payment.estate)
    actions.approve_refund(refund=refund, by=second, now=clock.now())
    return refund


def held(home: Home) -> int:
    return ledger.prepayment(home, home.estate.pk).held_fen
