"""Meters read, confirmed and billed by several people at the same moment."""

from datetime import date

import pytest

from community.core import clock
from services.fees.billing.actions import make_bills
from services.fees.meters import actions
from services.fees.models import Bill, BillingRun, Meter, MeterReading, UsageLine
from tests.factories import make_cashier, make_home, make_meter, read_meter
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db(transaction=True)
DEC = date(2023, 12, 1)
LAST = date(2023, 12, 31)


@pytest.fixture
def meters() -> list[Meter]:
    first = make_meter(installed_on=date(2023, 11, 30))
    first.item.tariffs.update(from_on=date(2023, 1, 1))
    home = make_home(entrance=first.home.entrance)
    return [first, make_meter(home=home, item=first.item, installed_on=date(2023, 11, 30))]


def test_one_meter__read_by_two_at_once__has_one_value_of_the_day(meters: list[Meter]) -> None:
    readers = [make_cashier(estate=meters[0].estate) for _n in range(2)]
    outcomes = at_once(
        *(
            lambda value=value, reader=reader: read_meter(meters[0], LAST, value, by=reader)
            for value, reader in zip((10, 11), readers, strict=True)
        )
    )
    assert outcomes == ["ok", "ok"]
    of_day = MeterReading.objects.filter(meter=meters[0], on=LAST)
    assert sorted(of_day.values_list("status", flat=True)) == ["accepted", "replaced"]


def test_one_run__started_and_made_by_two_at_once__bills_each_home_once(meters: list[Meter]) -> None:
    cashier = make_cashier(estate=meters[0].estate)
    for meter in meters:
        read_meter(meter, LAST, 10, by=cashier)
    run = actions.preview_metered_run(item=meters[0].item, period=DEC, by=cashier, now=clock.now())

    def start() -> None:
        found = BillingRun.objects.get(pk=run.pk)
        actions.start_metered_run(run=found, by=cashier, now=clock.now())
        make_bills(run=BillingRun.objects.get(pk=run.pk))

    outcomes = at_once(start, start, start)
    assert "ok" in outcomes
    assert sorted(Bill.objects.values_list("home", "amount_fen")) == [(one.home_id, 3000) for one in meters]
    assert UsageLine.objects.filter(bill=None).count() == 0
    assert_in_balance()


def test_one_reading__corrected_while_its_run_starts__is_billed_as_it_stands(meters: list[Meter]) -> None:
    cashier = make_cashier(estate=meters[0].estate)
    for meter in meters:
        read_meter(meter, LAST, 10, by=cashier)
    run = actions.preview_metered_run(item=meters[0].item, period=DEC, by=cashier, now=clock.now())

    def start() -> None:
        actions.start_metered_run(run=BillingRun.objects.get(pk=run.pk), by=cashier, now=clock.now())

    at_once(start, lambda: read_meter(meters[0], LAST, 12, by=cashier))
    found = BillingRun.objects.get(pk=run.pk)
    if found.status == BillingRun.Status.PREVIEW:
        start()
    make_bills(run=BillingRun.objects.get(pk=run.pk))
    counting = MeterReading.objects.accepted().get(meter=meters[0], on=LAST)
    bill = Bill.objects.get(home=meters[0].home)
    assert bill.amount_fen == counting.value_milli // 1000 * 300
