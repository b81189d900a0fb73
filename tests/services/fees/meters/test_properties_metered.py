"""Whatever readers type and correct, and whatever the office decides, replaces, shares, bills and voids: all usage is
billed once, in its tiers, and the books agree.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import QuerySet, Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.models import StaffRole
from community.core import clock
from services.fees.billing.actions import batches, make_bills
from services.fees.meters import actions
from services.fees.meters.computing import year_of
from services.fees.meters.queries import usual_by_meter
from services.fees.models import Bill, FeeItem, Meter, MeterReading, SharedCost, SharePart, TariffTier
from tests.factories import (
    make_cashier,
    make_home,
    make_meter,
    make_metered_item,
    make_staff,
    make_till,
)
from tests.services.fees.bill_steps import DAY, BillSteps, picks
from tests.support.draws import DEAR_PROFILES

BEGIN = date(2026, 1, 1)
months = st.integers(1, 10).map(lambda month: date(2026, month, 1))
# In 0.001 of the unit: ordinary, a multiple of a limit of the tiers, none, far too much.
usages = st.one_of(st.integers(0, 30_000), st.sampled_from([0, 10_000, 20_000, 400_000]))


class Metered(BillSteps):
    """Three homes with four water meters, of which two go past their end soon, and the meter of their building."""

    water: FeeItem
    light: FeeItem

    def __init__(self) -> None:
        super().__init__()
        # Of each bill by meter: what the meter had counted by its readings before and at its end.
        self.counted: dict[int, dict[int, tuple[int, int]]] = {}
        self.worth: dict[int, tuple[Fraction, int]] = {}

    # -- Readings

    def meter(self, pick: int) -> Meter:
        meters = list(Meter.objects.in_use().order_by("pk"))
        return meters[pick % len(meters)]

    @rule(pick=picks, ahead=st.integers(0, 45), usage=usages, by_sheet=st.booleans())
    def read(self, pick: int, ahead: int, usage: int, by_sheet: bool) -> None:
        """A value some days after the last one, or instead of it; odd ones wait, or count as they are."""
        meter = self.meter(pick)
        readings = accepted(meter)
        on = readings[-1].on + ahead * DAY
        before = [one for one in readings if one.on < on] or readings
        value = (before[-1].value_milli + usage) % meter.range_milli
        new = actions.NewReading(meter, on, value, MeterReading.Source.STAFF, is_sure=True)
        if by_sheet:
            usual = usual_by_meter([meter])
            self.tries(lambda: actions.import_readings([new], usual=usual, by=self.cashier, now=clock.now()))
        else:
            self.tries(lambda: actions.take_reading(new, by=self.cashier, now=clock.now()))

    @rule(ahead=st.integers(5, 40), usage=st.integers(1, 20_000))
    def read_all(self, ahead: int, usage: int) -> None:
        """The round of a month."""
        for number in range(Meter.objects.in_use().count()):
            self.read(number, ahead, usage * (1 + number), by_sheet=False)

    @rule(pick=picks, counts=st.booleans())
    def decide(self, pick: int, counts: bool) -> None:
        waiting = list(MeterReading.objects.waiting().order_by("pk"))
        if not waiting:
            return
        one = waiting[pick % len(waiting)]
        given = {"reading": one, "by": self.cashier, "now": clock.now()}
        if counts:
            self.tries(actions.confirm_reading, **given)
        else:
            self.tries(actions.refuse_reading, reason="读错", **given)

    @rule(
        pick=picks,
        ahead=st.integers(0, 30),
        usage=usages,
        digits=st.integers(3, 5),
        first=st.integers(0, 999),
    )
    def replace(self, pick: int, ahead: int, usage: int, digits: int, first: int) -> None:
        old = self.meter(pick)
        last = accepted(old)[-1]
        new = actions.Replacement(
            old=old,
            on=last.on + ahead * DAY,
            final_milli=(last.value_milli + usage) % old.range_milli,
            serial=f"N{Meter.objects.count()}",
            digits=digits,
            first_milli=first * 1000,
        )
        self.tries(lambda: actions.replace_meter(new, by=self.cashier, now=clock.now()), row=old)

    # -- Tiers, shared use, bills

    @rule(limit=st.integers(1, 40), step=st.integers(1, 40), rate=st.integers(1, 90_000))
    def set_tiers(self, limit: int, step: int, rate: int) -> None:
        tiers = [(limit * 1000, rate), ((limit + step) * 1000, rate * 2)]
        given = {"tariff": self.water.tariffs.get(), "tiers": tiers, "tier_month": self.water.tier_month}
        self.tries(actions.set_tiers, by=self.cashier, now=clock.now(), **given)

    @rule(month=months, fen=st.integers(-1, 99_999), pick=picks, split=st.sampled_from(["area", "home"]))
    def share(self, month: date, fen: int, pick: int, split: str) -> None:
        """A sum, or with one below 0 what the common meter counted; now and then it is billed at once."""
        building = self.homes[0].entrance.building if pick % 2 else None
        share = actions.Share(self.light, building, month, split, fen if fen >= 0 else None)
        if self.tries(lambda: actions.share_cost(share, by=self.cashier, now=clock.now())) and pick % 3:
            self.bill_month(is_water=False, month=month)

    @rule(pick=picks)
    def drop_cost(self, pick: int) -> None:
        costs = list(SharedCost.objects.order_by("pk"))
        if costs:
            given = {"cost": costs[pick % len(costs)], "by": self.cashier, "now": clock.now()}
            self.tries(lambda: actions.drop_cost(**given))

    @rule(is_water=st.booleans(), month=months)
    def bill_month(self, is_water: bool, month: date) -> None:
        given = {"item": self.water if is_water else self.light, "period": month}
        run = self.tries(actions.preview_metered_run, by=self.cashier, now=clock.now(), **given)
        if run is None:
            return
        start = {"run": run, "by": self.cashier, "now": clock.now()}
        if self.tries(lambda **given: actions.start_metered_run(**given) or True, **start) is None:
            return
        standing = self.standing()
        expected = run.total_fen
        self.whole(lambda: make_bills(run=run), run)
        run.refresh_from_db()
        assert run.status == "done"
        new = [bill for bill in run.bills.order_by("pk") if bill.pk not in self.worth]
        assert sum(bill.amount_fen for bill in new) == expected
        for bill in new if is_water else []:
            self.note_usage(bill, standing)

    def standing(self) -> dict[int, Bill]:
        return Bill.objects.filter(pk__in=self.counted).exclude(status="voided").in_bulk()

    def note_usage(self, bill: Bill, standing: dict[int, Bill]) -> None:
        """Counts what the bill is for from the readings alone."""
        before = defaultdict(int)
        used_before = 0
        year = year_of(bill.period, self.water.tier_month)
        for pk, other in standing.items():
            for meter, (begin, end) in self.counted[pk].items():
                before[meter] = max(before[meter], end)
                is_this_year = other.home_id == bill.home_id and year <= other.period < bill.period
                used_before += end - begin if is_this_year else 0
        until = (bill.period.replace(day=28) + 4 * DAY).replace(day=1)
        meters = Meter.objects.filter(home=bill.home, item=self.water, installed_on__lt=until)
        counts = {
            meter.pk: count([one for one in accepted(meter) if one.on < until], meter) for meter in meters
        }
        self.counted[bill.pk] = {pk: (before[pk], end) for pk, end in counts.items() if end > before[pk]}
        usage = sum(end - begin for begin, end in self.counted[bill.pk].values())
        exact = price(used_before + usage, self.water) - price(used_before, self.water)
        self.worth[bill.pk] = exact, bill.lines.count()
        assert usage == _sum_of(bill.usage_lines.all(), "quantity_milli")

    @invariant()
    def bills_are_worth_their_usage(self) -> None:
        for bill in Bill.objects.filter(pk__in=self.worth):
            exact, lines = self.worth[bill.pk]
            assert abs(bill.amount_fen - exact) * 2 <= lines

    @invariant()
    def usage_is_billed_once(self) -> None:
        """What lies between two bills of a meter was billed, and its bill was voided."""
        billed: dict[int, list[tuple[int, int]]] = defaultdict(list)
        voided: dict[int, list[tuple[int, int]]] = defaultdict(list)
        standing = self.standing()
        for bill, spans in self.counted.items():
            for meter, span in spans.items():
                (billed if bill in standing else voided)[meter].append(span)
        for meter, spans in billed.items():
            for (_begin, end), (begin, _end) in pairwise([(0, 0), *sorted(spans)]):
                assert end <= begin
                assert end == begin or any(one < begin and end < other for one, other in voided[meter])

    @invariant()
    def each_part_of_a_cost_is_on_the_bill(self) -> None:
        for cost in SharedCost.objects.all():
            assert _sum_of(cost.parts.all(), "amount_fen") == cost.amount_fen
        for bill in Bill.objects.filter(item=self.light, run__isnull=False).exclude(status="voided"):
            parts = SharePart.objects.filter(cost__item=self.light, cost__period=bill.period, home=bill.home)
            assert _sum_of(parts, "amount_fen") == bill.amount_fen


def accepted(meter: Meter) -> Sequence[MeterReading]:
    return list(MeterReading.objects.accepted().filter(meter=meter).order_by("on"))


def count(readings: Sequence[MeterReading], meter: Meter) -> int:
    """What a meter has counted over these readings: a lower value is one of the next round."""
    values = [one.value_milli for one in readings]
    return sum((last - first) % meter.range_milli for first, last in pairwise(values))


def price(milli: int, item: FeeItem) -> Fraction:
    """The fen of a usage since the year began."""
    tariff = item.tariffs.get()
    steps = [(0, tariff.rate_hao)]
    steps += (
        TariffTier.objects.filter(tariff=tariff)
        .order_by("above_milli")
        .values_list("above_milli", "rate_hao")
    )
    ends = [above for above, _rate in steps[1:]] + [max(milli, steps[-1][0])]
    parts = [max(min(milli, end) - above, 0) * rate for (above, rate), end in zip(steps, ends, strict=True)]
    return Fraction(sum(parts), 1000 * 100)


def _sum_of(rows: QuerySet[Any], of: str) -> int:
    return rows.order_by().aggregate(sum=Sum(of))["sum"] or 0


@pytest.mark.django_db
@DEAR_PROFILES
def test_metered__whatever_happens__usage_is_billed_once_and_the_books_agree(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SIZE", 2)
    home = make_home(area_dm2=9850)
    Metered.homes = [home, *(make_home(entrance=home.entrance, area_dm2=area) for area in (101, 15_001))]
    Metered.estate = estate = home.estate
    Metered.cashier = make_cashier(estate=estate)
    Metered.manager = make_staff(estate=estate, role=StaffRole.Role.MANAGER)
    for person in (Metered.cashier, Metered.manager):
        make_till(person, estate)
    Metered.water = make_metered_item(estate=estate, tiers=[(20, 50_000), (30, 90_001)], tier_month=4)
    Metered.light = make_metered_item(estate=estate, basis=FeeItem.Basis.SHARE, rate_hao=3333)
    Metered.items = [Metered.water, Metered.light]
    given = {"by": Metered.cashier, "installed_on": BEGIN - DAY}
    for number, one in enumerate((*Metered.homes, home)):
        digits = 3 if number % 2 else 5
        make_meter(home=one, item=Metered.water, first=980 if digits == 3 else 0, digits=digits, **given)
    make_meter(home=None, building=home.entrance.building, item=Metered.light, **given)
    run_state_machine_as_test(Metered, settings=settings.get_profile(profile))
    # Acts were ended in the middle.
    assert Metered.ended or profile == "few"
