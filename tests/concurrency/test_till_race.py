"""One till and one series of receipts from several sides at once: nothing is left out, no number used twice."""

from uuid import uuid4

import pytest

from community.core import clock
from community.estates.models import Home
from services.fees import actions
from services.fees.counter.actions import Count, close_shift, open_shift
from services.fees.models import IssuedReceipt, Payment, Shift
from services.fees.reconciliation import differences
from tests.factories import make_cashier, make_home
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.draws import few_or

pytestmark = pytest.mark.django_db(transaction=True)


def test_receipts__several_cashiers_at_once__have_numbers_without_gap() -> None:
    home = make_home()
    cashiers = [make_cashier(estate=home.estate) for _n in range(4)]

    def take(cashier):
        paid = actions.CounterPayment(home, {}, payer=None, payer_name="王秀英", key=uuid4())
        return lambda: actions.take_payment(paid, extra_fen=100, by=cashier, now=clock.now())

    assert at_once(*[take(cashier) for cashier in cashiers * 2]) == ["ok"] * 8
    used = IssuedReceipt.objects.order_by("number").values_list("number", flat=True)
    assert list(used) == list(range(1, 9))
    assert_in_balance()


@few_or(10)
def test_close__while_cash_is_taken__counts_it_or_refuses_it(rounds: int) -> None:
    home = make_home()
    for _n in range(rounds):
        _take_and_close_at_once(home)
    assert [str(difference) for difference in differences()] == []


def _take_and_close_at_once(home: Home) -> None:
    cashier = make_cashier(estate=home.estate)
    shift = Shift.objects.get(cashier=cashier)
    paid = actions.CounterPayment(home, {}, payer=None, payer_name="王秀英", key=uuid4())
    outcomes = at_once(
        lambda: actions.take_payment(paid, extra_fen=100, by=cashier, now=clock.now()),
        lambda: close_shift(shift=shift, count=Count(0, words="未清点"), by=cashier, now=clock.now()),
    )
    shift.refresh_from_db()
    came = Payment.objects.filter(made_by=cashier).count()
    assert (shift.status, shift.expected_fen) == ("closed", 100 * came)
    assert outcomes == (["ok", "ok"] if came else ["no_shift", "ok"])


def test_shift__opened_and_closed_by_several_taps_at_once__is_one() -> None:
    cashier = make_cashier(float_fen=None)
    estate = cashier.staff_roles.get().estate
    given = {"by": cashier, "now": clock.now()}
    assert at_once(*[lambda: open_shift(estate=estate, float_fen=500, **given)] * 4) == ["ok"] * 4
    shift = Shift.objects.get()

    def close():
        close_shift(shift=Shift.objects.get(pk=shift.pk), count=Count(500), **given)

    assert at_once(*[close] * 4) == ["already_moved"] * 3 + ["ok"]
    assert shift.history.count() == 2
