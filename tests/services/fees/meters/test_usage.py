"""Usage of a month by meter and tier, and shared use, as the lines of bills."""

from datetime import date
from typing import Any

import pytest

from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees.meters import actions, usage
from services.fees.models import Bill, FeeItem, Meter, SharedCost, Tariff
from tests.factories import make_cashier, make_home, make_meter, make_metered_item, read_meter

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


def lines(item: FeeItem, period: date) -> list[tuple[Any, ...]]:
    """Returns serial number, tier, usage in 0.001 and fen of each line."""
    found = usage.compute(item, period).lines
    return [(one.words, one.tier, one.quantity_milli, one.amount_fen) for one in found]


def test_usage__from_the_first_value_to_the_last_of_the_month__one_line() -> None:
    meter = make_meter(first=100, serial="S1")
    read_meter(meter, date(2024, 1, 20), 105)
    read_meter(meter, date(2024, 1, 31), 112.5)
    read_meter(meter, date(2024, 2, 28), 120)
    # 12.5 × 3.00 yuan
    assert lines(meter.item, JAN) == [("S1", 1, 12_500, 3750)]


def test_usage__replaced_in_the_middle__both_meters_and_one_tier_after_the_other() -> None:
    item = make_metered_item(estate=(home := make_home()).estate, tiers=[(30, 50000)])
    old = make_meter(home=home, item=item, first=0, serial="OLD")
    replacement = actions.Replacement(
        old=old, on=date(2024, 1, 15), final_milli=20_000, serial="NEW", digits=6, first_milli=7_000
    )
    new = actions.replace_meter(replacement, by=make_cashier(estate=home.estate), now=clock.now())
    read_meter(new, date(2024, 1, 31), 22)
    # 20 and 15: the first 30 at 3.00 yuan, 5 at 5.00.
    assert lines(item, JAN) == [("OLD", 1, 20_000, 6000), ("NEW", 1, 10_000, 3000), ("NEW", 2, 5_000, 2500)]


def test_usage__rolled_over__counts_through_the_end() -> None:
    meter = make_meter(first=99_990, serial="S1")
    read_meter(meter, date(2024, 1, 31), 12)
    assert lines(meter.item, JAN) == [("S1", 1, 22_000, 6600)]


def test_usage__missing_or_waiting__is_left_out_and_never_0() -> None:
    home = make_home()
    item = make_metered_item(estate=home.estate)
    homes = [home, *(make_home(entrance=home.entrance) for _n in range(2))]
    read, unread, waiting = (make_meter(home=one, item=item, installed_on=date(2023, 12, 1)) for one in homes)
    read_meter(read, date(2024, 1, 31), 9)
    read_meter(waiting, date(2023, 12, 31), 9)
    read_meter(waiting, date(2024, 1, 31), 4)
    computed = usage.compute(item, JAN)
    assert [line.home_id for line in computed.lines] == [read.home_id]
    assert [(one.home.pk, one.reason) for one in computed.left_out] == [
        (unread.home_id, "missing"),
        (waiting.home_id, "waiting"),
    ]


def test_usage__nothing_used__is_no_bill_and_not_left_out() -> None:
    meter = make_meter(first=50)
    read_meter(meter, date(2024, 1, 31), 50)
    computed = usage.compute(meter.item, JAN)
    assert (computed.lines, computed.left_out, computed.unused) == ([], [], 1)


def test_usage__month_without_a_tariff__is_refused() -> None:
    meter = make_meter(installed_on=date(2023, 1, 1))
    read_meter(meter, date(2023, 1, 31), 5)
    with pytest.raises(ActionError) as refused:
        usage.compute(meter.item, date(2023, 1, 1))
    assert refused.value.field == "period"


# -- Shared use


class Shared:
    """A building of three homes of 98.50, 70.00 and 31.50 m², each with a meter, and a common one."""

    def __init__(self) -> None:
        first = make_home(area_dm2=9850)
        self.homes: list[Home] = [
            first,
            *(make_home(entrance=first.entrance, area_dm2=area) for area in (7000, 3150)),
        ]
        self.building = first.entrance.building
        self.cashier = make_cashier(estate=first.estate)
        self.item = FeeItem.objects.create(
            estate=first.estate, name="公摊水费", kind="water", basis=FeeItem.Basis.SHARE
        )
        Tariff.objects.create(item=self.item, from_on=JAN, rate_hao=40000)
        of_homes = make_metered_item(estate=first.estate)
        given = {"by": self.cashier, "installed_on": date(2023, 12, 1)}
        self.meters: list[Meter] = [make_meter(home=home, item=of_homes, **given) for home in self.homes]
        self.common = make_meter(building=self.building, item=self.item, **given)

    def read(self, on: date, common: float, *homes: float) -> None:
        for meter, value in zip([self.common, *self.meters], [common, *homes], strict=True):
            read_meter(meter, on, value, by=self.cashier)

    def share(self, split: str = "home", fen: int | None = None, period: date = JAN) -> SharedCost:
        share = actions.Share(
            item=self.item, building=self.building, period=period, split=split, amount_fen=fen
        )
        return actions.share_cost(share, by=self.cashier, now=clock.now())


def parts(cost: SharedCost) -> list[int]:
    return list(cost.parts.order_by("pk").values_list("amount_fen", flat=True))


@pytest.fixture
def shared(db: None) -> Shared:
    return Shared()


def test_shared__common_meter_less_the_homes__divided_by_area(shared: Shared) -> None:
    shared.read(date(2023, 12, 31), 100, 10, 20, 30)
    shared.read(date(2024, 1, 31), 150, 25, 32, 40.5)
    cost = shared.share("area")
    # 50 − (15 + 12 + 10.5) = 12.5 × 4.00 = 50.00 yuan, by 9850 : 7000 : 3150
    assert (cost.quantity_milli, cost.amount_fen) == (12_500, 5000)
    assert parts(cost) == [2463, 1750, 787]


def test_shared__one_fen_over_three_homes__the_first_has_it(shared: Shared) -> None:
    assert parts(shared.share(fen=1)) == [1, 0, 0]
    assert [line.amount_fen for line in usage.compute(shared.item, JAN).lines] == [1]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([(100, 10, 20, 30), (150, 40, 42, 55)], "more_than_common"),
        ([(100, 10, 20, 30), (130, 20, 30, 40)], "nothing_to_share"),
        ([(100, 10, 20, 30)], "common_missing"),
    ],
)
def test_shared__that_cannot_be_computed__is_refused(
    shared: Shared, values: list[tuple[float, ...]], code: str
) -> None:
    for on, row in zip((date(2023, 12, 31), date(2024, 1, 31)), values, strict=False):
        shared.read(on, *row)
    with pytest.raises(ActionError) as refused:
        shared.share()
    assert refused.value.code == code


def test_shared__a_home_not_read__is_named(shared: Shared) -> None:
    shared.read(date(2023, 12, 31), 100, 10, 20, 30)
    for meter, value in ((shared.common, 150), *zip(shared.meters[:2], (25, 32), strict=True)):
        read_meter(meter, date(2024, 1, 31), value, by=shared.cashier)
    with pytest.raises(ActionError) as refused:
        shared.share()
    assert str(shared.homes[2]) in str(refused.value.message)


def test_shared__the_same_month_twice__is_refused(shared: Shared) -> None:
    shared.share(fen=900)
    with pytest.raises(ActionError) as refused:
        shared.share(fen=900)
    assert refused.value.code == "shared_already"


def test_shared__taken_back__can_be_shared_anew(shared: Shared) -> None:
    actions.drop_cost(cost=shared.share(fen=900), by=shared.cashier, now=clock.now())
    assert parts(shared.share(fen=600)) == [200, 200, 200]


def test_tiers__limits_that_do_not_rise__are_refused(shared: Shared) -> None:
    tariff = shared.meters[0].item.tariffs.get()
    given: dict[str, Any] = {"tariff": tariff, "tier_month": 1, "by": shared.cashier, "now": clock.now()}
    with pytest.raises(ActionError) as refused:
        actions.set_tiers(tiers=[(200_000, 40000), (200_000, 50000)], **given)
    assert refused.value.field == "above_2"
    with pytest.raises(ActionError) as refused:
        actions.set_tiers(tiers=[(200_000, 0)], **given)
    assert refused.value.field == "rate_1"
    actions.set_tiers(tiers=[(200_000, 40000), (300_000, 50000)], **given)
    assert [step.number for step in usage.steps_of(tariff)] == [1, 2, 3]
    assert not Bill.objects.exists()
