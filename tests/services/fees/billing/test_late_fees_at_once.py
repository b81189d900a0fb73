"""The nightly task twice at the same moment, and against a payment of the late fee."""

from datetime import date

import pytest

from services.fees.billing.late_fees import actions as late_fees
from services.fees.models import Bill, LateFeeDay
from tests.services.fees.billing.late import charge, late_bills, night, overdue_bill, pay, set_rule
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db(transaction=True)


def test_late_fees__two_tasks_at_once__charge_each_day_once() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 5))
    now = night(date(2026, 4, 9))
    outcomes = at_once(*[lambda: late_fees.charge_estate(bill.estate, now=now)] * 3)
    assert outcomes == ["ok"] * 3
    assert LateFeeDay.objects.filter(bill=bill).count() == 9
    assert late_bills(bill) == [("04", 45)]
    assert_in_balance()


def test_late_fees__paid_while_it_grows__no_fen_is_lost() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 8))
    [late] = Bill.objects.filter(late_fee__of=bill)
    now = night(date(2026, 4, 9))
    outcomes = at_once(
        lambda: late_fees.charge_estate(bill.estate, now=now), lambda: pay(late, late.amount_fen, now)
    )
    assert outcomes == ["ok", "ok"]
    assert sum(fen for _month, fen in late_bills(bill)) == 45
    assert sum(one.paid_fen for one in Bill.objects.filter(late_fee__of=bill)) == 40
    assert_in_balance()
