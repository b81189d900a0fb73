"""Late fees against tables computed by hand, at the edges of months, grace, cap, payments and the nightly task."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from community.notifications.models import OutboxMessage
from services.fees import actions
from services.fees.arrears.actions.disputes import raise_dispute
from services.fees.billing import actions as billing
from services.fees.billing.late_fees import actions as late_fees
from services.fees.billing.late_fees import notices
from services.fees.models import (
    Bill,
    Dispute,
    DunningRule,
    FeeItem,
    LateFeeClock,
    LateFeeDay,
)
from tests.factories import make_cashier, make_item, make_payment, make_resident
from tests.services.fees.billing.late import MADE, charge, late_bills, night, overdue_bill, pay, set_rule
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("due_on", "upto", "expected"),
    [
        # 100 yuan at 0.05 % a day are 5 fen a day, from the day after the last day to pay.
        (date(2026, 1, 31), date(2026, 2, 28), [("02", 28 * 5)]),
        (date(2028, 1, 31), date(2028, 2, 29), [("02", 29 * 5)]),
        (date(2026, 3, 31), date(2026, 4, 30), [("04", 30 * 5)]),
        (date(2026, 2, 28), date(2026, 3, 31), [("03", 31 * 5)]),
        # The last day to pay itself costs nothing.
        (date(2026, 1, 31), date(2026, 1, 31), []),
        (date(2026, 1, 31), date(2026, 2, 1), [("02", 5)]),
        # A month begins with a bill of its own.
        (date(2026, 1, 30), date(2026, 3, 1), [("01", 5), ("02", 140), ("03", 5)]),
    ],
)
def test_late_fee__days_of_months__as_by_hand(due_on: date, upto: date, expected: list) -> None:
    bill = overdue_bill(due_on)
    set_rule(bill, from_on=due_on)
    charge(bill, upto)
    assert late_bills(bill) == expected
    assert_in_balance()


def test_late_fee__grace__charges_from_the_day_after_it() -> None:
    bill = overdue_bill(date(2026, 3, 10))
    set_rule(bill, grace_days=7)
    charge(bill, date(2026, 3, 17))
    assert late_bills(bill) == []
    charge(bill, date(2026, 3, 18))
    assert late_bills(bill) == [("03", 5)]


def test_late_fee__fraction_of_a_fen_a_day__rounded_once_a_month() -> None:
    """1.11 yuan at 0.05 % are 0.0555 fen a day: 17 days make 0.94 fen, so 1; 30 days 1.665, so 2."""
    bill = overdue_bill(date(2026, 3, 31), fen=111)
    set_rule(bill)
    charge(bill, date(2026, 4, 9))
    assert late_bills(bill) == []  # 9 days: 0.4995 fen
    charge(bill, date(2026, 4, 17))
    assert late_bills(bill) == [("04", 1)]
    charge(bill, date(2026, 4, 30))
    assert late_bills(bill) == [("04", 2)]
    assert LateFeeDay.objects.get(bill=bill, day=date(2026, 4, 30)).total_e4 == 30 * 555
    assert_in_balance()


def test_late_fee__cap_reached_in_mid_month__stops_at_the_principal() -> None:
    """3 yuan at 1 % a day, 97 days done: on the 100th day, 9 July, as much as the bill itself."""
    bill = overdue_bill(date(2026, 3, 31), fen=300)
    set_rule(bill, rate_bp=100)
    last = date(2026, 7, 6)
    done = {"open_fen": 300, "rate_bp": 100, "amount_e4": 30_000, "total_e4": 97 * 30_000}
    LateFeeDay.objects.create(bill=bill, day=last, **done)
    LateFeeClock.objects.create(estate=bill.estate, days_upto=last, billed_upto=last)
    charge(bill, date(2026, 7, 31))
    assert LateFeeDay.objects.filter(bill=bill).latest("day").total_e4 == 300 * 10_000
    assert LateFeeDay.objects.filter(bill=bill).latest("day").day == date(2026, 7, 9)
    assert LateFeeDay.objects.filter(bill=bill, day__gt=last).count() == 3


def test_late_fee__part_payment_in_between__counts_what_was_open_on_each_day() -> None:
    """100 yuan until the 10th, 40 yuan from the 11th on: 10 × 5 fen and 20 × 2 fen."""
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 4))
    # At 23:59 of the 10th in China it still counts for the 10th: owed is what is open at the end of a day.
    pay(bill, 6_000, datetime(2026, 4, 10, 16, 1, tzinfo=UTC))
    charge(bill, date(2026, 4, 30))
    assert late_bills(bill) == [("04", 90)]
    pay(bill, 4_000, datetime(2026, 5, 1, 3, 0, tzinfo=UTC))
    charge(bill, date(2026, 5, 20))
    assert late_bills(bill) == [("04", 90)]
    assert_in_balance()


def test_late_fee__task_off_for_three_days__same_as_night_by_night() -> None:
    """Paid on the second of the three days: that day and the third cost nothing."""
    steady, cut_off = overdue_bill(date(2026, 3, 31)), overdue_bill(date(2026, 3, 31))
    for bill in (steady, cut_off):
        set_rule(bill)
        charge(bill, date(2026, 4, 5))
    paid_at = datetime(2026, 4, 7, 3, 0, tzinfo=UTC)
    charge(steady, date(2026, 4, 6))
    pay(steady, 10_000, paid_at)
    charge(steady, date(2026, 4, 7))
    charge(steady, date(2026, 4, 8))
    pay(cut_off, 10_000, paid_at)
    charge(cut_off, date(2026, 4, 8))
    assert late_bills(cut_off) == late_bills(steady) == [("04", 6 * 5)]
    assert_in_balance()


def test_late_fee__task_runs_twice__charges_once() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    for _n in range(3):
        charge(bill, date(2026, 4, 3))
    assert late_bills(bill) == [("04", 15)]
    assert LateFeeDay.objects.filter(bill=bill).count() == 3


def test_late_fee__killed_between_rows_and_bills__makes_up_for_it() -> None:
    """The rows of the last days of a month stand, but their bill was not raised any more."""
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 28))
    for day in (date(2026, 4, 29), date(2026, 4, 30)):
        assert late_fees.charge_day(bill.estate_id, day)
    assert late_bills(bill) == [("04", 140)]
    charge(bill, date(2026, 5, 1))
    assert late_bills(bill) == [("04", 150), ("05", 5)]
    assert LateFeeClock.objects.get(estate=bill.estate).billed_upto == date(2026, 5, 1)


def test_late_fee__row_of_a_day__stands_once_and_for_good() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 1))
    row = LateFeeDay.objects.get(bill=bill)
    again = {"day": row.day, "open_fen": 1, "rate_bp": 1, "amount_e4": 1, "total_e4": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        LateFeeDay.objects.create(bill=bill, **again)
    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        LateFeeDay.objects.filter(pk=row.pk).update(amount_e4=2)


def test_late_fee__started_payment__freezes_what_it_covers() -> None:
    """40 of 100 yuan are on their way on the 2nd: that day costs 3 fen, the others 5."""
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    payment = make_payment(
        bills=[bill], amounts={bill.pk: 4_000}, now=datetime(2026, 4, 2, 15, 50, tzinfo=UTC)
    )
    charge(bill, date(2026, 4, 2))
    assert late_bills(bill) == [("04", 8)]
    actions.close_payment(payment=payment, now=night(date(2026, 4, 2)) + timedelta(hours=1))
    charge(bill, date(2026, 4, 3))
    assert late_bills(bill) == [("04", 13)]


def test_late_fee__payment_started_in_time_and_paid_later__free_from_its_start() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    payment = make_payment(bills=[bill], now=datetime(2026, 4, 2, 15, 50, tzinfo=UTC))
    actions.credit(
        payment=payment,
        provider_number="N-late",
        amount_fen=payment.amount_fen,
        now=datetime(2026, 4, 5, 3, 0, tzinfo=UTC),
    )
    charge(bill, date(2026, 4, 6))
    assert late_bills(bill) == [("04", 5)]


def test_late_fee__disputed__pauses_until_the_answer() -> None:
    """Disputed on the 3rd, answered on the 6th: the 3rd, 4th and 5th are free."""
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    Dispute.objects.create(
        bill=bill,
        raised_by=make_resident(home=bill.home),
        words="面积不对",
        created_at=datetime(2026, 4, 3, 4, 0, tzinfo=UTC),
        answered_at=datetime(2026, 4, 6, 4, 0, tzinfo=UTC),
        status="kept",
        status_changed_at=MADE,
    )
    charge(bill, date(2026, 4, 10))
    assert late_bills(bill) == [("04", 7 * 5)]


def test_late_fee__on_a_late_fee__is_never_charged() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 6, 2))
    assert set(LateFeeDay.objects.values_list("bill", flat=True)) == {bill.pk}


def test_late_fee__estate_without_a_rule__has_none() -> None:
    bill, other = overdue_bill(date(2026, 3, 31)), overdue_bill(date(2026, 3, 31))
    set_rule(other)
    assert late_fees.charge_late_fees(now=night(date(2026, 4, 9))) == 1
    assert late_bills(bill) == []


def test_late_fee__rule_of_an_item_and_a_change__each_day_by_its_own() -> None:
    """The estate's 5 of 10,000; the item's 10 from the 3rd on; none from the 6th on."""
    bill = overdue_bill(date(2026, 3, 31))
    care = overdue_bill(
        date(2026, 3, 31),
        home=bill.home,
        item=make_item(estate=bill.estate, kind=FeeItem.Kind.CARE, basis=FeeItem.Basis.SINGLE),
    )
    set_rule(bill)
    set_rule(bill, item=bill.item, rate_bp=10, from_on=date(2026, 4, 3))
    set_rule(bill, item=bill.item, rate_bp=0, from_on=date(2026, 4, 6))
    charge(bill, date(2026, 4, 30))
    assert late_bills(bill) == [("04", 2 * 5 + 3 * 10)]
    assert late_bills(care) == [], "a rule of the estate is not for care visits"


def test_late_fee__bill_of_the_month_paid__rest_is_a_second_bill() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 10))
    [late] = Bill.objects.filter(late_fee__of=bill)
    pay(late, 50, datetime(2026, 4, 11, 3, 0, tzinfo=UTC))
    charge(bill, date(2026, 4, 20))
    assert late_bills(bill) == [("04", 50), ("04", 50)]
    late.refresh_from_db()
    assert late.status == "settled"
    assert_in_balance()


def test_late_fee__overdue_bill_voided__is_voided_with_it() -> None:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 10))
    [late] = Bill.objects.filter(late_fee__of=bill)
    pay(late, 20, datetime(2026, 4, 11, 3, 0, tzinfo=UTC))
    billing.void_bill(
        bill=bill, reason="房子已卖", by=make_cashier(estate=bill.estate), now=night(date(2026, 4, 11))
    )
    late.refresh_from_db()
    assert late.status == "voided"
    charge(bill, date(2026, 4, 20))
    assert late_bills(bill) == [("04", 50)]
    assert_in_balance()


def test_announce__three_days_before__tells_each_household_once() -> None:
    bill = overdue_bill(date(2026, 3, 10))
    set_rule(bill, grace_days=5)
    owner = make_resident(home=bill.home)
    morning = datetime(2026, 3, 12, 2, 15, tzinfo=UTC)
    assert notices.announce_late_fees(now=morning) == 0, "it begins on the 16th"
    for later in (1, 2):
        assert notices.announce_late_fees(now=morning + timedelta(days=later)) == 1
    told = OutboxMessage.objects.get(template="late_fee_begins")
    assert (told.recipient, told.params["day"], told.params["rate"]) == (owner, "2026-03-16", "5")
    charge(bill, date(2026, 3, 16))
    assert LateFeeDay.objects.get(bill=bill).day == date(2026, 3, 16), "the day that was said"
    assert notices.announce_late_fees(now=morning + timedelta(days=5)) == 0


def test_announce__disputed_or_in_quiet_hours__waits() -> None:
    bill = overdue_bill(date(2026, 3, 10))
    set_rule(bill)
    owner, at = make_resident(home=bill.home), datetime(2026, 3, 10, 2, 15, tzinfo=UTC)
    raise_dispute(bill=bill, words="不对", resident=owner, by=owner, now=at)
    assert notices.announce_late_fees(now=at) == 0
    Dispute.objects.all().delete()
    DunningRule.objects.create(estate=bill.estate, quiet_from=time(9), quiet_until=time(12))
    assert notices.announce_late_fees(now=at) == 0
    assert notices.announce_late_fees(now=at + timedelta(hours=3)) == 1
