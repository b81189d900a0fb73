"""Billing runs of fees that not every home owes, or not for the whole period."""

from datetime import date
from typing import Any

import pytest

from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees.billing import actions
from services.fees.models import Bill, BillingRun, FeeItem, FeeListing, FeeReach, Reduction, Tariff
from tests.factories import make_cashier, make_home, make_item, make_staff
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
MONTH = date(2026, 11, 1)
BY_HOME = FeeItem.Basis.HOME


def finished(item: FeeItem, period: date = MONTH) -> BillingRun:
    """Makes the bills of a period."""
    by, now = make_cashier(estate=item.estate), clock.now()
    run = actions.preview_run(item=item, period=period, by=by, now=now)
    expected = run.total_fen
    actions.start_run(run=run, by=by, now=now)
    actions.make_bills(run=run)
    run.refresh_from_db()
    assert (run.status, run.total_fen) == ("done", expected)
    assert_in_balance()
    for bill in Bill.objects.filter(run=run):
        assert sum(line.amount_fen for line in bill.lines.all()) == bill.amount_fen
    return run


def listed(item: FeeItem, home: Home, first: date, last: date | None = None, **columns: Any) -> FeeListing:
    by = make_cashier(estate=item.estate)
    return FeeListing.objects.create(
        item=item, home=home, from_on=first, to_on=last, by=by, created_at=clock.now(), **columns
    )


def reduced(item: FeeItem, home: Home, off: int, first: date, last: date, **columns: Any) -> Reduction:
    by, now = make_cashier(estate=item.estate), clock.now()
    asked = {"item": item, "home": home, "off": off, "why": "vacancy", "reason": "空置", "asked_by": by}
    approved = {"approved_by": make_staff(estate=item.estate), "approved_at": now}
    return Reduction.objects.create(from_on=first, to_on=last, asked_at=now, **asked | approved | columns)


def amounts(**of: Any) -> dict[tuple[Home, str], int]:
    return {(bill.home, bill.subject): bill.amount_fen for bill in Bill.objects.filter(**of)}


def test_run__chosen_homes__are_those_of_any_rule() -> None:
    item = make_item(basis=BY_HOME, rate_hao=80000, reach="chosen")
    first, second = (make_home(estate=item.estate, floor=floor) for floor in (2, 3))
    shop = make_home(estate=item.estate, floor=1, kind="shop")
    elsewhere = make_home(estate=item.estate, floor=1)
    FeeReach.objects.create(item=item, building=second.entrance.building, from_floor=3)
    FeeReach.objects.create(item=item, home_kind="shop")
    finished(item)
    assert amounts() == {(second, ""): 800, (shop, ""): 800}
    assert not Bill.objects.filter(home__in=[first, elsewhere]).exists()


def test_run__chosen_without_a_rule__bills_nobody() -> None:
    item = make_item(reach="chosen")
    make_home(estate=item.estate)
    with pytest.raises(ActionError) as refused:
        finished(item)
    assert refused.value.field == "period"


def test_run__list_of_spaces__makes_a_bill_a_space_for_its_days() -> None:
    item = make_item(basis=BY_HOME, rate_hao=1_500_000, reach="listed", kind="parking")
    one, two, none = (make_home(estate=item.estate) for _n in range(3))
    listed(item, one, date(2026, 1, 1), subject="A1", plate="沪A12345")
    listed(item, one, date(2026, 11, 10), subject="A2")
    listed(item, two, date(2026, 1, 1), date(2026, 11, 9), subject="A3")
    listed(item, none, date(2026, 1, 1), date(2026, 10, 31), subject="A4")
    run = finished(item)
    # 150 yuan, 21 and 9 of 30 days.
    assert amounts() == {(one, "A1"): 15000, (one, "A2"): 10500, (two, "A3"): 4500}
    assert (run.made, actions.forecast_run(run).to_make) == (3, 0)


def test_run__home_listed_from_a_day__owes_from_then() -> None:
    item = make_item()
    moved_in, not_yet, usual = (make_home(estate=item.estate) for _n in range(3))
    listed(item, moved_in, date(2026, 11, 10))
    listed(item, not_yet, date(2026, 12, 1))
    run = finished(item)
    assert amounts() == {(moved_in, ""): 16203, (usual, ""): 23148}
    assert Bill.objects.get(home=moved_in).lines.get().days == 21
    forecast = actions.forecast_run(run)
    assert (forecast.reached, forecast.to_make, forecast.already) == (3, 0, 2)


def test_run__reductions__take_their_part_off_and_count_only_when_agreed_to() -> None:
    item = make_item()
    vacant, exempt, asked, ended, usual = (make_home(estate=item.estate) for _n in range(5))
    reduced(item, vacant, 3000, date(2026, 10, 15), date(2026, 11, 10))
    reduced(item, exempt, 10_000, date(2026, 1, 1), date(2026, 12, 31))
    reduced(item, asked, 5000, MONTH, date(2026, 11, 30), approved_by=None, approved_at=None)
    reduced(item, ended, 5000, MONTH, date(2026, 11, 30), ended_at=clock.now())
    finished(item)
    # 231.475 yuan: 77.1583 less 30 % and 154.3167.
    assert amounts() == {
        (vacant, ""): 7716 + 15432 - 2315,
        **dict.fromkeys([(home, "") for home in (asked, ended, usual)], 23148),
    }
    line = Bill.objects.get(home=vacant).lines.get(kind="reduction")
    assert (line.number, line.words, line.off, line.amount_fen) == (3, "vacancy", 3000, -2315)
    assert (line.from_on, line.to_on) == (MONTH, date(2026, 11, 10))


def test_run__quarter_in_advance__is_billed_once_for_any_of_its_months() -> None:
    item = make_item(every=3, is_in_advance=True)
    home = make_home(estate=item.estate)
    Tariff.objects.create(item=item, from_on=date(2026, 12, 1), rate_hao=25000)
    run = finished(item, date(2026, 11, 1))
    bill = Bill.objects.get()
    assert (run.period, bill.period, bill.months) == (date(2026, 10, 1), date(2026, 10, 1), 3)
    assert bill.due_on == date(2026, 10, 31)
    lines = bill.lines.values_list("months", "rate_hao", "amount_fen")
    assert list(lines) == [(2, 23500, 46295), (1, 25000, 24625)]
    with pytest.raises(ActionError) as refused:
        finished(item, date(2026, 12, 1))
    assert refused.value.field == "period"
    assert Bill.objects.filter(home=home).count() == 1


def test_set_tariff__inside_a_billed_quarter__is_refused() -> None:
    item = make_item(every=3)
    make_home(estate=item.estate)
    finished(item, date(2026, 10, 1))
    with pytest.raises(ActionError) as refused:
        actions.set_tariff(
            item=item,
            from_on=date(2026, 12, 5),
            rate_hao=1,
            by=make_cashier(estate=item.estate),
            now=clock.now(),
        )
    assert refused.value.field == "from_on"
