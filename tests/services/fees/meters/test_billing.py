"""Bills of metered and shared fees: previewed, made once, with tiers by the usage of the year."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees import labels
from services.fees.billing.actions import make_bills, void_bill, void_run
from services.fees.meters import actions, usage
from services.fees.models import Bill, BillingRun, BillLine, FeeItem, Meter, UsageLine
from tests.factories import make_cashier, make_home, make_meter, make_metered_item, read_meter
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
Bills = Callable[[date], list[tuple[int, int]]]
JAN, FEB, MAR, DEC = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2023, 12, 1)


class Stair:
    """Two homes with water meters since December: 3.00 yuan up to 20 units a year, 5.00 up to 30, then 9.00."""

    def __init__(self) -> None:
        home = make_home()
        self.item = make_metered_item(estate=home.estate, tiers=[(20, 50000), (30, 90000)])
        self.item.tariffs.update(from_on=date(2023, 1, 1))
        self.cashier: User = make_cashier(estate=home.estate)
        homes = [home, make_home(entrance=home.entrance)]
        given = {"item": self.item, "by": self.cashier, "installed_on": date(2023, 11, 30)}
        self.meters: list[Meter] = [
            make_meter(home=one, serial=f"S{n}", **given) for n, one in enumerate(homes)
        ]

    def read(self, on: date, *values: float) -> None:
        for meter, value in zip(self.meters, values, strict=False):
            read_meter(meter, on, value, by=self.cashier)

    def preview(self, period: date) -> BillingRun:
        return actions.preview_metered_run(item=self.item, period=period, by=self.cashier, now=clock.now())

    def bill(self, period: date) -> list[Bill]:
        """Makes the bills of a month; returns them in the order of the homes."""
        run = self.preview(period)
        actions.start_metered_run(run=run, by=self.cashier, now=clock.now())
        make_bills(run=run)
        run.refresh_from_db()
        assert run.status == BillingRun.Status.DONE
        return list(run.bills.order_by("home"))


@pytest.fixture
def stair() -> Stair:
    return Stair()


def test_bills__tiers_by_the_year__hit_the_limit_and_begin_again_in_january(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 25, 5)
    # 25 = 20 × 3.00 + 5 × 5.00; 5 × 3.00
    assert [bill.amount_fen for bill in stair.bill(DEC)] == [8500, 1500]
    stair.read(date(2024, 1, 31), 45, 24)
    # A new year: 20 × 3.00, exactly at the limit; 19 × 3.00
    assert [bill.amount_fen for bill in stair.bill(JAN)] == [6000, 5700]
    stair.read(date(2024, 2, 29), 57, 26)
    # 10 × 5.00 + 2 × 9.00; 1 × 3.00 + 1 × 5.00
    bills = stair.bill(FEB)
    assert [bill.amount_fen for bill in bills] == [6800, 800]
    lines = (
        bills[0]
        .lines.order_by("number")
        .values_list("kind", "quantity_milli", "unit", "rate_hao", "amount_fen")
    )
    assert list(lines) == [("usage", 10_000, "m3", 50000, 5000), ("usage", 2_000, "m3", 90000, 1800)]
    assert labels.computation(bills[0]) == "10 m³ × 5.00 元 = 50.00 元；2 m³ × 9.00 元 = 18.00 元"
    assert_in_balance()


def test_bills__year_of_tiers_from_july__goes_on_over_new_year(stair: Stair) -> None:
    FeeItem.objects.filter(pk=stair.item.pk).update(tier_month=7)
    stair.item.refresh_from_db()
    stair.read(date(2023, 12, 31), 25)
    stair.bill(DEC)
    stair.read(date(2024, 1, 31), 30)
    # 5 more of the same year: 5 × 5.00
    assert [bill.amount_fen for bill in stair.bill(JAN)] == [2500]


def test_bills__month_without_a_reading__is_in_the_next_ones(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 5, 5)
    stair.bill(DEC)
    read_meter(stair.meters[0], date(2024, 1, 31), 10, by=stair.cashier)
    run = stair.preview(JAN)
    page = _client(stair.cashier).get(f"/staff/fees/meters/runs/{run.pk}/").content.decode()
    assert "本月没抄表" in page
    assert str(stair.meters[1].home) in page
    assert [bill.home for bill in stair.bill(JAN)] == [stair.meters[0].home]
    stair.read(date(2024, 2, 29), 12, 15)
    # 2 × 3.00; both months of the other home: 10 × 3.00
    assert [bill.amount_fen for bill in stair.bill(FEB)] == [600, 3000]


def test_bills__made_twice__is_refused_and_nothing_doubled(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 5, 5)
    run = stair.preview(DEC)
    assert stair.preview(DEC) == run
    actions.start_metered_run(run=run, by=stair.cashier, now=clock.now())
    make_bills(run=run)
    run.status = BillingRun.Status.RUNNING
    make_bills(run=run)
    with pytest.raises(ActionError) as refused:
        stair.preview(DEC)
    assert refused.value.code == "nothing_to_bill"
    assert (Bill.objects.count(), BillLine.objects.count(), UsageLine.objects.count()) == (2, 2, 2)


def test_bills__reading_corrected_since_the_preview__is_looked_at_again(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 5, 5)
    run = stair.preview(DEC)
    read_meter(stair.meters[0], date(2023, 12, 31), 6, by=stair.cashier)
    with pytest.raises(ActionError) as refused:
        actions.start_metered_run(run=run, by=stair.cashier, now=clock.now())
    assert refused.value.code == "usage_changed"
    assert [bill.amount_fen for bill in stair.bill(DEC)] == [1800, 1500]


def test_bills__voided_run__is_made_again_with_the_same_usage(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 25, 5)
    run = stair.bill(DEC)[0].run
    assert run is not None
    void_run(run=run, reason="单价错了", by=stair.cashier, now=clock.now())
    assert [bill.amount_fen for bill in stair.bill(DEC)] == [8500, 1500]
    assert_in_balance()


def test_bills__earlier_month_voided_after_a_later_one__is_left_out(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 5, 5)
    first = stair.bill(DEC)[0]
    stair.read(date(2024, 1, 31), 9, 9)
    stair.bill(JAN)
    void_bill(bill=first, reason="重算", by=stair.cashier, now=clock.now())
    left = usage.compute(stair.item, DEC).left_out
    assert [(one.home, one.reason) for one in left] == [(first.home, "later")]


def test_bills__reading_that_is_billed__is_not_corrected(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 5, 5)
    stair.bill(DEC)
    with pytest.raises(ActionError) as refused:
        read_meter(stair.meters[0], date(2023, 12, 31), 4, by=stair.cashier)
    assert refused.value.code == "reading_billed"


def test_shared__billed__parts_add_up_and_say_for_what(stair: Stair) -> None:
    light = FeeItem.objects.create(estate=stair.item.estate, name="楼道电费", kind="other", basis="share")
    stair.item = light
    building = stair.meters[0].building
    share = actions.Share(
        item=light, building=building, period=JAN, split="home", amount_fen=10_001, words="1月电费"
    )
    cost = actions.share_cost(share, by=stair.cashier, now=clock.now())
    # The office sees by what it is divided, and who has the fen left over.
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(stair.cashier)
    page = client.get(f"/staff/fees/shared/{cost.pk}/").content.decode()
    assert "<b>2 户</b>" in page
    assert "余下的零头一户一分" in page
    bills = stair.bill(JAN)
    assert [bill.amount_fen for bill in bills] == [5001, 5000]
    assert [line.kind for line in bills[0].lines.all()] == ["share"]
    with override("zh-hans"):
        assert labels.computation(bills[0]) == "1月电费 共 ¥100.01，2 户均摊 = 50.01 元"
    assert_in_balance()
    # A further cost of this month would stand on no bill.
    of_all = replace(share, building=None, split="area")
    with pytest.raises(ActionError) as refused:
        actions.share_cost(of_all, by=stair.cashier, now=clock.now())
    assert refused.value.code == "month_billed"
    void_run(run=bills[0].run, reason="漏了一笔", by=stair.cashier, now=clock.now())
    actions.share_cost(of_all, by=stair.cashier, now=clock.now())
    again = stair.bill(JAN)
    assert sum(bill.amount_fen for bill in again) == 2 * 10_001
    line = again[0].lines.get(unit="m2")
    areas = [home.area_dm2 for home in Home.objects.of_estate(light.estate)]
    assert (line.unit, line.quantity_milli, line.whole_milli) == ("m2", areas[0] * 10, sum(areas) * 10)
    with override("zh-hans"):
        assert "共 ¥100.01，按面积" in labels.computation(again[0])


def test_round__pages__from_the_preview_to_the_bills(stair: Stair) -> None:
    stair.read(date(2023, 12, 31), 25, 5)
    client = _client(stair.cashier)
    response = client.post("/staff/fees/meters/runs/", {"item": stair.item.pk, "period": "2023-12"})
    page = client.get(response["Location"]).content.decode()
    assert "¥100.00" in page
    assert "生成 2 笔账单" in page
    assert not Bill.objects.exists()
    run = BillingRun.objects.get()
    assert client.get(f"/staff/fees/runs/{run.pk}/")["Location"] == f"/staff/fees/meters/runs/{run.pk}/"
    client.post(f"/staff/fees/meters/runs/{run.pk}/start/")
    make_bills(run=BillingRun.objects.get())
    assert "已完成" in client.get(f"/staff/fees/runs/{run.pk}/").content.decode()
    assert Bill.objects.count() == 2


def _client(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client
