"""A provider, the counter and several phones at the same moment: one settles the bill, the rest is prepayment."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db.models import F

from accounts.models import User
from community.core import clock
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import Account, Bill, LiveOrder, Payment, ProviderNotice, SandboxOrder
from services.fees.providers.base import Notice
from tests.factories import make_bill, make_cashier, make_home, make_payment, make_resident
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.draws import few_or
from tests.support.paying import begin, open_order, take_payment

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = 50
PHONES = 4


def call(payment: Payment) -> Callable[[], object]:
    notice = Notice(payment.order_number, True, f"N{payment.pk}", payment.amount_fen)
    return lambda: actions.handle_notice(provider="sandbox", notice=notice, now=clock.now())


def held(bill: Bill) -> int:
    return ledger.prepayment(bill.home, bill.estate_id).held_fen


def test_looking_first_and_writing_then__without_protection__keeps_the_money_twice() -> None:
    """What two calls would do if each looked at the state of the payment and then wrote: the money is doubled."""
    payment = make_payment()
    account = ledger.prepayment(payment.home, payment.estate_id)
    have_looked = threading.Barrier(2)

    def credit_unprotected() -> None:
        found = Payment.objects.get(pk=payment.pk)
        have_looked.wait(timeout=10)
        if found.status == Payment.Status.PENDING:
            Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + payment.amount_fen)
            Payment.objects.filter(pk=payment.pk).update(status=Payment.Status.PAID, paid_at=clock.now())

    assert at_once(credit_unprotected, credit_unprotected) == ["ok", "ok"]
    account.refresh_from_db()
    assert account.held_fen == 2 * payment.amount_fen


@few_or(10)
def test_call__50_times_at_once_while_the_counter_takes_cash__one_settles(rounds: int) -> None:
    for _round in range(min(rounds, 3)):
        bill = make_bill()
        payment = make_payment(bills=[bill])
        cashier = make_cashier(estate=bill.estate)
        asked = {bill.pk: bill.amount_fen}
        outcomes = at_once(*[call(payment)] * CALLS, lambda: take_payment(bill.home, asked, by=cashier))  # noqa: B023
        assert outcomes in (["ok"] * (CALLS + 1), ["bill_settled", *["ok"] * CALLS])
        bill.refresh_from_db()
        payment.refresh_from_db()
        assert (bill.status, bill.paid_fen, payment.status) == ("settled", bill.amount_fen, "paid")
        assert bill.history.filter(to_status="settled").count() == 1
        came = sum(Payment.objects.filter(home=bill.home, status="paid").values_list("amount_fen", flat=True))
        assert held(bill) == came - bill.amount_fen
        found = ProviderNotice.objects.filter(payment=payment)
        credited = found.filter(outcome__in=["credited", "late"]).count()
        assert (credited, found.filter(outcome="repeated").count()) == (1, CALLS - 1)
    assert_in_balance()


def phone(bill: Bill, payer: User) -> Callable[[], object]:
    return lambda: open_order(begin([bill], payer, key=uuid4()))


@few_or(10)
def test_phones__open_an_order_for_one_bill_at_once__one_can_be_paid(rounds: int) -> None:
    for _round in range(min(rounds, 3)):
        home = make_home()
        payer, bill = make_resident(home=home), make_bill(home=home)
        at_once(*[phone(bill, payer)] * PHONES)
        waiting = Payment.objects.filter(home=home).waiting()
        live = LiveOrder.objects.get(bill=bill).payment
        open_there = set(
            SandboxOrder.objects.filter(
                status="open", order_number__in=[one.order_number for one in waiting]
            ).values_list("order_number", flat=True)
        )
        # One that lost may wait on, but can be paid nowhere.
        assert open_there <= {live.order_number}
        assert live in waiting
        last = begin([bill], payer)
        open_order(last)
        assert LiveOrder.objects.get(bill=bill).payment == last


def test_counter__takes_the_money_of_a_live_order__closes_it() -> None:
    home = make_home()
    bill = make_bill(home=home)
    payment = begin([bill], make_resident(home=home))
    open_order(payment)
    take_payment(home, {bill.pk: bill.amount_fen}, by=make_cashier(estate=home.estate))
    payment.refresh_from_db()
    assert (payment.status, SandboxOrder.objects.get().status) == ("closed", "closed")
    assert not LiveOrder.objects.exists()
    assert_in_balance()


def test_bill__voided_with_a_live_order__closes_it() -> None:
    home = make_home()
    bill = make_bill(home=home)
    payment = begin([bill], make_resident(home=home))
    open_order(payment)
    billing.void_bill(bill=bill, reason="重复", by=make_cashier(estate=home.estate), now=clock.now())
    payment.refresh_from_db()
    assert (payment.status, SandboxOrder.objects.get().status) == ("closed", "closed")
    assert not LiveOrder.objects.exists()
