"""Whatever an office lists, reduces, reprices, bills, voids and takes back: each bill is its days' worth, and the
books agree.
"""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.models import StaffRole
from community.core import clock
from services.fees.billing import actions
from services.fees.billing.actions import batches
from services.fees.billing.late_fees.actions import NewRule, set_rule
from services.fees.billing.reach.actions import check_listing
from services.fees.billing.reductions.actions import Asked, agree_to_reduction, ask_reduction, end_reduction
from services.fees.models import Bill, FeeItem, FeeListing, FeeReach, Reduction
from tests.factories import make_cashier, make_home, make_item, make_staff, make_till
from tests.services.fees.bill_steps import DAY, BillSteps, picks
from tests.support.draws import DEAR_PROFILES

BEGIN = date(2026, 1, 1)
days = st.integers(0, 330).map(lambda number: BEGIN + number * DAY)
months = st.integers(1, 11).map(lambda month: date(2026, month, 1))


class Owing(BillSteps):
    """Three homes, a fee by area each month, parking each quarter, a lift fee each half-year for one of them."""

    def __init__(self) -> None:
        super().__init__()
        # What an office does on which rows were as a run found them; by bill.
        self.worth: dict[int, Fraction] = {}
        self.list_home(1, 0, BEGIN, 0, ends=False)

    @rule(pick=picks, home=picks, first=days, length=st.integers(0, 120), ends=st.booleans())
    def list_home(self, pick: int, home: int, first: date, length: int, ends: bool) -> None:
        item = self.items[pick % len(self.items)]
        space = f"A{pick % 3}" if item.reach == "listed" else ""
        last = first + length * DAY if ends else None
        row = FeeListing(item=item, home=self.homes[home % 3], subject=space, from_on=first, to_on=last)
        row.by, row.created_at = self.cashier, clock.now()
        if self.tries(lambda: check_listing(row) or True):
            row.save()
            self.bill_month(pick, first)

    @rule(pick=picks, day=days, rate=st.integers(1, 40_000))
    def reprice(self, pick: int, day: date, rate: int) -> None:
        given = {"item": self.items[pick % 3], "from_on": day, "rate_hao": rate}
        self.tries(actions.set_tariff, by=self.cashier, now=clock.now(), **given)
        self.bill_month(pick, day)

    @rule(
        pick=picks, home=picks, first=days, length=st.integers(0, 90), off=st.sampled_from([1, 3333, 10_000])
    )
    def reduce(self, pick: int, home: int, first: date, length: int, off: int) -> None:
        last = first + length * DAY
        asked = Asked(self.items[pick % 3], self.homes[home % 3], "vacancy", off, first, last, "空置")
        made = self.tries(lambda: ask_reduction(asked, by=self.cashier, now=clock.now()))
        if made and pick % 4:
            self.tries(agree_to_reduction, reduction=made, by=self.manager, now=clock.now())
            self.bill_month(pick, first)

    @rule(pick=picks, last=days)
    def end_one(self, pick: int, last: date) -> None:
        standing = list(Reduction.objects.counting().order_by("pk"))
        if standing:
            one = standing[pick % len(standing)]
            self.tries(end_reduction, reduction=one, last_on=last, by=self.manager, now=clock.now())

    @rule(pick=picks, month=months)
    def bill_month(self, pick: int, month: date) -> None:
        item = self.items[pick % 3]
        run = self.tries(actions.preview_run, item=item, period=month, by=self.cashier, now=clock.now())
        if run is None:
            return
        expected = run.total_fen
        self.whole(lambda: actions.start_run(run=run, by=self.cashier, now=clock.now()), run)
        self.whole(lambda: actions.make_bills(run=run), run)
        run.refresh_from_db()
        made = Bill.objects.filter(run=run)
        assert run.status == "done"
        new = [bill for bill in made if bill.pk not in self.worth]
        assert sum(bill.amount_fen for bill in new) == expected
        for bill in new:
            self.worth[bill.pk] = worth(bill)

    @invariant()
    def bills_are_worth_their_days(self) -> None:
        """Each line is rounded once: a bill is off by half a fen a line, and a little for what is taken off."""
        for bill in Bill.objects.filter(pk__in=self.worth).prefetch_related("lines"):
            lines = len(bill.lines.all())
            assert abs(bill.amount_fen - self.worth[bill.pk]) <= lines
            assert bill.amount_fen > 0


def worth(bill: Bill) -> Fraction:
    """What the days of a bill cost, one after another, in fen."""
    rows = FeeListing.objects.filter(item=bill.item, home=bill.home, subject=bill.subject)
    spans = [(row.from_on, row.to_on or date.max) for row in rows]
    if not spans and not FeeListing.objects.filter(item=bill.item, home=bill.home).exists():
        spans = [(BEGIN, date.max)]
    cuts = list(Reduction.objects.counting().filter(item=bill.item, home=bill.home))
    tariffs = list(bill.item.tariffs.order_by("from_on"))
    quantity = bill.home.area_dm2 * 10 if bill.item.basis == FeeItem.Basis.AREA else 1000
    sum_of, day = Fraction(0), bill.period
    while (day.year - bill.period.year) * 12 + day.month < bill.period.month + bill.months:
        after = (day.replace(day=28) + 4 * DAY).replace(day=1)
        rate = [one for one in tariffs if one.from_on <= day][-1].rate_hao
        if any(first <= day <= last for first, last in spans):
            off = next((cut.off for cut in cuts if cut.from_on <= day <= cut.to_on), 0)
            length = (after - day.replace(day=1)).days
            sum_of += Fraction(quantity * rate * (10_000 - off), 100_000 * length * 10_000)
        day += DAY
    return sum_of


@pytest.mark.django_db
@DEAR_PROFILES
def test_owed__whatever_happens__each_bill_is_its_days_and_the_books_agree(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SIZE", 2)
    Owing.homes = [make_home(area_dm2=9850)]
    Owing.estate = estate = Owing.homes[0].estate
    Owing.homes += [
        make_home(estate=estate, area_dm2=101),
        make_home(estate=estate, area_dm2=15_001, floor=7),
    ]
    by_home = {"estate": estate, "basis": FeeItem.Basis.HOME}
    Owing.items = [
        make_item(estate=estate),
        make_item(rate_hao=1_500_000, every=3, reach="listed", **by_home),
        make_item(rate_hao=333_333, every=6, is_in_advance=True, reach="chosen", **by_home),
    ]
    FeeReach.objects.create(item=Owing.items[2], from_floor=7)
    Owing.cashier = make_cashier(estate=estate)
    Owing.manager = make_staff(estate=estate, role=StaffRole.Role.MANAGER)
    for person in (Owing.cashier, Owing.manager):
        make_till(person, estate)
    set_rule(NewRule(estate, None, 5, 0, clock.today(clock.now())), by=Owing.cashier, now=clock.now())
    run_state_machine_as_test(Owing, settings=settings.get_profile(profile))
    # Acts were ended in the middle.
    assert Owing.ended or profile == "few"
