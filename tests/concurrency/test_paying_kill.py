"""SIGKILL between a provider's answer and our commit: all of it is there or nothing, and the clock completes it."""

import random
import signal
import subprocess
import sys

import pytest

from community.core import clock
from services.fees import actions, tasks
from services.fees.models import LiveOrder, Payment, Refund, SandboxOrder, SandboxRefund
from services.fees.providers import sandbox
from tests.factories import make_bill, make_cashier, make_payment
from tests.support import paying
from tests.support.books import assert_in_balance
from tests.support.processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ("query", "notice", "refund", "close")
# Statements that a step has at least between the answer and the end of its transaction.
FEWEST = {"query": 20, "notice": 20, "close": 20, "refund": 5}


def killed(step: str, pk: int, at: int, environment: dict[str, str]) -> bool:
    command = [sys.executable, "-m", "tests.support.asker", step, str(pk), str(at)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


def paid_there() -> Payment:
    payment = make_payment(bills=[make_bill()])
    paying.open_order(payment)
    order = SandboxOrder.objects.get(order_number=payment.order_number)
    sandbox.press_button(order, "pay", now=clock.now())
    return payment


def assert_credited_once(payment: Payment) -> None:
    payment.refresh_from_db()
    bill = payment.lines.get().bill
    assert (payment.status, bill.status, bill.paid_fen) == ("paid", "settled", bill.amount_fen)
    assert bill.history.filter(to_status="settled").count() == 1
    assert not LiveOrder.objects.filter(payment=payment).exists()
    assert_in_balance()


def kill_while_paying(step: str, at: int, environment: dict[str, str]) -> bool:
    payment = paid_there()
    was_killed = killed(step, payment.pk, at, environment)
    payment.refresh_from_db()
    # Whole or not at all.
    assert (payment.status == "paid") == (payment.lines.get().bill.status == "settled")
    assert_in_balance()
    paying.let_pass(5, payment)
    tasks.ask_providers()
    assert_credited_once(payment)
    return was_killed


def kill_while_paying_back(at: int, environment: dict[str, str]) -> bool:
    payment = paid_there()
    actions.query_provider(payment=payment, now=clock.now())
    refund = paying.give_back(payment, asks=make_cashier(estate=payment.estate))
    # As if the queue had lost it: it was never sent.
    SandboxRefund.objects.all().delete()
    Refund.objects.filter(pk=refund.pk).update(status=Refund.Status.PENDING, asks=0, ask_at=None)
    was_killed = killed("refund", refund.pk, at, environment)
    assert_in_balance()
    paying.let_pass(5, payment)
    tasks.sweep_refunds()
    refund.refresh_from_db()
    assert refund.status == "done"
    order = SandboxOrder.objects.get(order_number=payment.order_number)
    assert SandboxRefund.objects.get(order=order).amount_fen == refund.amount_fen
    assert_in_balance()
    return was_killed


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.long)])
def test_paying__killed_after_the_answer__is_complete_in_the_end(
    kills: int, process_env: dict[str, str]
) -> None:
    chance = random.Random(kills)
    died = 0
    for number in range(kills):
        step = STEPS[number % len(STEPS)]
        at = chance.randint(1, FEWEST[step])
        if step == "refund":
            died += kill_while_paying_back(at, process_env)
        else:
            died += kill_while_paying(step, at, process_env)
    assert died == kills, "a step was over before it could be killed: this proves little"
