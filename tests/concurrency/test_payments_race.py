"""The same money from several sides at the same moment: it is credited once, and no bill takes it twice."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.models import User
from community.core import clock
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import Bill, LedgerTransaction, Payment, ProviderNotice
from services.fees.providers.base import Notice
from tests.factories import make_bill, make_cashier, make_home, make_item, make_payment, make_resident
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.draws import few_or

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = 16


def call(payment: Payment, number: str) -> Callable[[], object]:
    notice = Notice(payment.order_number, True, number, payment.amount_fen)
    return lambda: actions.handle_notice(provider="sandbox", notice=notice, now=clock.now())


def counter(bill: Bill, cashier: User) -> Callable[[], object]:
    def take() -> Payment:
        return actions.take_payment(
            actions.CounterPayment(
                home=bill.home,
                amounts={bill.pk: bill.amount_fen},
                payer=None,
                payer_name="王秀英",
                key=uuid4(),
            ),
            extra_fen=0,
            by=cashier,
            now=clock.now(),
        )

    return take


def held(bill: Bill) -> int:
    return ledger.prepayment(bill.home, bill.estate_id).held_fen


def test_call__16_times_at_once__is_credited_once() -> None:
    for number in range(3):
        payment = make_payment()
        assert at_once(*[call(payment, f"N{number}")] * CALLS) == ["ok"] * CALLS
        payment.refresh_from_db()
        bill = payment.lines.get().bill
        assert (payment.status, bill.status, bill.paid_fen) == ("paid", "settled", bill.amount_fen)
        assert LedgerTransaction.objects.filter(key=f"payment:{payment.pk}").count() == 1
        assert bill.history.filter(to_status="settled").count() == 1
        outcomes = list(ProviderNotice.objects.filter(payment=payment).values_list("outcome", flat=True))
        assert sorted(outcomes) == ["credited"] + ["repeated"] * (CALLS - 1)
    assert Payment.objects.count() == 3
    assert_in_balance()


def test_second_number__16_times_at_once__is_one_payment_ahead() -> None:
    payment = make_payment(paid=True)
    bill = payment.lines.get().bill
    assert at_once(*[call(payment, "SECOND")] * CALLS) == ["ok"] * CALLS
    assert Payment.objects.count() == 2
    assert held(bill) == payment.amount_fen
    assert_in_balance()


@few_or(10)
def test_counter_and_phone__same_bill_at_once__the_bill_takes_one_and_the_other_is_paid_ahead(
    rounds: int,
) -> None:
    home = make_home()
    item, cashier, payer = (
        make_item(estate=home.estate),
        make_cashier(estate=home.estate),
        make_resident(home=home),
    )
    for number in range(rounds):
        bill = make_bill(home=home, item=item, subject=f"{number}")
        payment = make_payment(bills=[bill], payer=payer)
        before = held(bill)
        outcomes = at_once(call(payment, f"P{number}"), counter(bill, cashier))
        # The cashier who comes too late to take it is told so; who had looked before keeps the rest ahead.
        assert outcomes in (["ok", "ok"], ["bill_settled", "ok"])
        bill.refresh_from_db()
        payment.refresh_from_db()
        assert (bill.status, bill.paid_fen, payment.status) == ("settled", bill.amount_fen, "paid")
        assert bill.history.filter(to_status="settled").count() == 1
        assert held(bill) - before == bill.amount_fen * (outcomes.count("ok") - 1)
    assert_in_balance()


@few_or(10)
def test_two_bills__paid_in_either_order_at_once__neither_waits_for_ever(rounds: int) -> None:
    home = make_home()
    item, payer = make_item(estate=home.estate), make_resident(home=home)
    for number in range(rounds):
        bills = [make_bill(home=home, item=item, subject=f"{number}-{part}") for part in "ab"]
        one = make_payment(bills=bills, payer=payer)
        other = make_payment(bills=bills[::-1], payer=payer)
        assert at_once(call(one, f"A{number}"), call(other, f"B{number}")) == ["ok", "ok"]
        assert {Bill.objects.get(pk=bill.pk).status for bill in bills} == {"settled"}
    assert held(bills[0]) == rounds * one.amount_fen
    assert_in_balance()


def test_counter__same_tap_4_times_at_once__is_taken_once() -> None:
    bill = make_bill()
    cashier, key = make_cashier(estate=bill.estate), uuid4()

    def tap() -> Payment:
        return actions.take_payment(
            actions.CounterPayment(
                home=bill.home, amounts={bill.pk: 5000}, payer=None, payer_name="", key=key
            ),
            extra_fen=100,
            by=cashier,
            now=clock.now(),
        )

    assert at_once(tap, tap, tap, tap) == ["ok"] * 4
    assert Payment.objects.get().amount_fen == 5100
    assert (Bill.objects.get().paid_fen, held(bill)) == (5000, 100)
    assert_in_balance()


@few_or(10)
def test_prepayment__two_spend_it_at_once__is_spent_once(rounds: int) -> None:
    home = make_home()
    item, payer = make_item(estate=home.estate), make_resident(home=home)
    for number in range(rounds):
        bills = [make_bill(home=home, item=item, subject=f"{number}-{part}") for part in "ab"]
        kept = actions.take_payment(
            actions.CounterPayment(home=home, amounts={}, payer=payer, payer_name="", key=uuid4()),
            extra_fen=bills[0].amount_fen,
            by=make_cashier(estate=home.estate),
            now=clock.now(),
        )
        outcomes = at_once(
            *(
                lambda bill=bill: actions.begin_payment(
                    actions.Checkout(bills=[bill], payer=payer, channel=Payment.PREPAYMENT, key=uuid4()),
                    by=payer,
                    now=clock.now(),
                )
                for bill in bills
            )
        )
        assert outcomes in (["ok", "prepayment_short"], ["already_moved", "ok"])
        assert held(bills[0]) == 0
        paid = sum(Bill.objects.get(pk=bill.pk).paid_fen for bill in bills)
        assert paid == kept.amount_fen
    assert_in_balance()


@few_or(10)
def test_refund_and_void__at_once__the_money_goes_one_way(rounds: int) -> None:
    for _round in range(rounds):
        payment = make_payment(paid=True)
        bill, cashier = payment.lines.get().bill, make_cashier(estate=payment.estate)
        refund = actions.request_refund(payment=payment, by=cashier, reason="付错", now=clock.now())
        second = make_cashier(estate=payment.estate)
        outcomes = at_once(
            lambda refund=refund, by=second: actions.approve_refund(refund=refund, by=by, now=clock.now()),
            lambda bill=bill, by=cashier: billing.void_bill(bill=bill, by=by, reason="重复", now=clock.now()),
        )
        # Void first: the refund comes from the prepayment. Refund first: the page of the bill is too old.
        assert outcomes in (["ok", "ok"], ["already_moved", "ok"])
        payment.refresh_from_db()
        assert (payment.status, held(bill)) == ("refunded", 0)
    assert_in_balance()
