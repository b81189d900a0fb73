"""The same rest of a payment, prepayment or deposit wanted by two at the same moment: one of them gets it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from community.core import clock
from services.fees import actions
from services.fees.actions import ledger
from services.fees.models import Account, Bill, Deposit, LedgerTransaction, Payment, Refund
from tests.factories import make_bill, make_cashier, make_home, make_item, make_payment, make_resident
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.draws import few_or
from tests.support.paying import held, move_payment, payout, take_deposit, take_payment

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent


def agree(refund: Refund, by: User) -> Callable[[], object]:
    mine = Refund.objects.with_source().get(pk=refund.pk)
    return lambda: actions.approve_refund(refund=mine, by=by, now=clock.now())


def take_back(payment: Payment, parts: actions.RefundParts | None = None) -> Callable[[], object]:
    mine = Payment.objects.get(pk=payment.pk)
    return lambda: actions.request_refund(payment=mine, by=payment.payer, parts=parts, now=clock.now())  # type: ignore[arg-type]


@few_or(10)
def test_two_parts_of_the_same_rest__at_once__never_more_than_was_paid(rounds: int) -> None:
    """A colleague agrees to 150 of 231.48 while the payer takes 150 back by phone."""
    home = make_home()
    item, payer = make_item(estate=home.estate), make_resident(home=home)
    asks, agrees = make_cashier(estate=home.estate), make_cashier(estate=home.estate)
    for number in range(rounds):
        payment = make_payment(
            bills=[make_bill(home=home, item=item, subject=f"{number}")], payer=payer, paid=True
        )
        part = actions.RefundParts({payment.lines.get().pk: 15000})
        refund = actions.request_refund(payment=payment, by=asks, reason="多缴", parts=part, now=clock.now())
        outcomes = at_once(agree(refund, agrees), take_back(payment, part))
        assert outcomes == ["more_than_left", "ok"]
        payment.refresh_from_db()
        line = payment.lines.get()
        assert (payment.status, payment.back_fen, line.back_fen) == ("partly", 15000, 15000)
        assert Bill.objects.get(pk=line.bill_id).paid_fen == 23148 - 15000
    assert LedgerTransaction.objects.filter(kind="refund").count() == rounds
    assert_in_balance()


@few_or(10)
def test_refund_and_move__at_once__the_money_goes_one_way(rounds: int) -> None:
    bill = make_bill(amount_fen=100000)
    to, payer = make_home(estate=bill.estate), make_resident(home=bill.home)
    by = make_cashier(estate=bill.estate)
    for _round in range(rounds):
        payment = make_payment(bills=[bill], payer=payer, paid=True)
        here = Payment.objects.get(pk=payment.pk)
        outcomes = at_once(take_back(payment), lambda here=here: move_payment(here, to, by=by))
        assert outcomes[1] == "ok"
        assert outcomes[0] in {"more_than_left", "nothing_left", "payment_moved", "ok"}
        payment.refresh_from_db()
        gone_to = Payment.objects.filter(moved_from=payment).count()
        assert (gone_to, payment.refunds.count()) in {(1, 0), (0, 1)}
        bill.refresh_from_db()
        assert (payment.back_fen, bill.paid_fen) == (payment.amount_fen, 0)
    assert_in_balance()


def test_one_refund__agreed_to_by_4_at_once__is_booked_once() -> None:
    bill = make_bill()
    payment = take_payment(bill.home, {bill.pk: 23148})
    refund = actions.request_refund(
        payment=payment, by=make_cashier(estate=bill.estate), reason="缴错", now=clock.now()
    )
    others = [make_cashier(estate=bill.estate) for _n in range(4)]
    outcomes = at_once(*[agree(refund, other) for other in others])
    assert (outcomes.count("ok"), set(outcomes)) == (1, {"ok", "already_moved"})
    assert LedgerTransaction.objects.filter(kind="refund").count() == 1
    assert_in_balance()


@few_or(10)
def test_deposit__asked_for_twice_at_once__one_waits_and_goes_back_once(rounds: int) -> None:
    home = make_home()
    by, agrees = make_cashier(estate=home.estate), make_cashier(estate=home.estate)

    def ask(deposit: Deposit) -> Callable[[], object]:
        mine = Deposit.objects.with_row().get(pk=deposit.pk)
        return lambda: actions.ask_deposit_back(
            deposit=mine, payout=payout(50000), deduction=actions.Deduction(), by=by, now=clock.now()
        )

    for _round in range(rounds):
        deposit = take_deposit(home, 50000, by=by)
        assert at_once(ask(deposit), ask(deposit)) == ["ok", "refund_waits"]
        refund = Refund.objects.get(deposit=deposit)
        assert at_once(agree(refund, agrees), agree(refund, agrees))[-1] == "ok"
        assert Deposit.objects.with_row().get(pk=deposit.pk).held_fen == 0
    assert LedgerTransaction.objects.filter(kind="refund").count() == rounds
    assert_in_balance()


@few_or(10)
def test_prepayment__paid_out_and_spent_at_once__is_gone_once(rounds: int) -> None:
    home = make_home()
    item, payer = make_item(estate=home.estate), make_resident(home=home)
    by, agrees = make_cashier(estate=home.estate), make_cashier(estate=home.estate)
    for number in range(rounds):
        bill = make_bill(home=home, item=item, subject=f"{number}", amount_fen=30000)
        account = held_account(take_payment(home, {}, extra_fen=30000, by=by))
        refund = actions.ask_payout(account=account, payout=payout(30000), by=by, now=clock.now())
        outcomes = at_once(
            agree(refund, agrees),
            lambda bill=bill: actions.begin_payment(
                actions.Checkout(bills=[bill], payer=payer, channel=Payment.PREPAYMENT, key=payout(1).key),
                by=payer,
                now=clock.now(),
            ),
        )
        assert outcomes in (["more_than_left", "ok"], ["already_moved", "ok"], ["ok", "prepayment_short"])
        assert held(home) == 0
        if fresh(refund).status == "asked":
            actions.decline_refund(refund=fresh(refund), by=agrees, reason="已用", now=clock.now())
    assert_in_balance()


def held_account(payment: Payment) -> Account:
    return ledger.prepayment(payment.home, payment.estate_id)


def fresh(refund: Refund) -> Refund:
    return Refund.objects.with_source().get(pk=refund.pk)


def test_agree__killed_in_the_middle__nothing_went_and_it_can_be_agreed_to_again(
    process_env: dict[str, str],
) -> None:
    bill = make_bill()
    payment = take_payment(bill.home, {bill.pk: 23148}, extra_fen=500)
    part = actions.RefundParts({payment.lines.get().pk: 10000}, 200)
    refund = actions.request_refund(
        payment=payment, by=make_cashier(estate=bill.estate), reason="缴错", parts=part, now=clock.now()
    )
    agrees = make_cashier(estate=bill.estate)
    command = [sys.executable, "-m", "tests.support.agreer", str(refund.pk), str(agrees.pk)]
    done = subprocess.run(command, cwd=ROOT, env=process_env, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    payment.refresh_from_db()
    assert (fresh(refund).status, payment.status, payment.back_fen) == ("asked", "paid", 0)
    assert (Bill.objects.get().paid_fen, held(bill.home)) == (23148, 500)
    assert_in_balance()
    agree(refund, agrees)()
    payment.refresh_from_db()
    assert (payment.status, payment.back_fen) == ("partly", 10200)
    assert (Bill.objects.get().paid_fen, held(bill.home)) == (13148, 300)
    assert_in_balance()
