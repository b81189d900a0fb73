"""The table of figures fills by night or by command: twice is as once, and what was missed is made up."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
import time_machine
from django.core.management import CommandError, call_command

from community.core import clock
from community.desk import figures
from community.desk.models import DayFigure, Presence
from community.desk.tasks import fill_figures
from community.estates.models import Estate
from services.common.models import Satisfaction
from tests import factories as make
from tests.community.desk.little_world import (
    FIRST,
    LAST,
    SHANGHAI,
    LittleWorld,
    day_of,
    told,
    without_nothing,
)

pytestmark = pytest.mark.django_db


def test_fill__twice__same_rows(estate: Estate) -> None:
    world = LittleWorld(estate, Random(5))
    world.clocks(), world.outcomes(), world.answers(), world.bills(), world.people()  # type: ignore[func-returns-value]
    assert figures.fill(estate=estate, first=FIRST, last=LAST) > 0
    rows = list(DayFigure.objects.order_by("pk").values())
    assert figures.fill(estate=estate, first=FIRST, last=LAST) == 0
    assert list(DayFigure.objects.order_by("pk").values()) == rows


@time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False)
def test_nightly__late_changes__are_counted_within_two_weeks(estate: Estate) -> None:
    fill_figures()
    at = clock.now() - timedelta(days=figures.RECOUNTED_DAYS, seconds=-1)
    for number, late in enumerate((at, at - timedelta(days=2))):
        Satisfaction.objects.create(estate=estate, service="repairs", reference=str(number), face=3, at=late)
    assert fill_figures() == 1
    assert without_nothing(told(estate, "satisfaction")) == {(day_of(at), "repairs"): (1, 1)}


def test_nightly__nights_missed__are_made_up(estate: Estate) -> None:
    with time_machine.travel(datetime(2026, 9, 1, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        for number in range(0, 80, 4):
            Satisfaction.objects.create(
                estate=estate,
                service="repairs",
                reference=str(number),
                face=3,
                at=clock.now() + timedelta(days=number),
            )
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    days = {day for day, _part in told(estate, "satisfaction")}
    assert {date(2026, 9, 1) + timedelta(days=n) for n in range(83)} <= days
    assert sum(of for _n, of in told(estate, "satisfaction").values()) == 20


def test_nightly__a_gap_between_days_that_are_there__is_made_up(estate: Estate) -> None:
    gap = [date(2026, 5, 1), date(2026, 5, 2), date(2026, 7, 8)]
    with time_machine.travel(datetime(2026, 11, 22, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        DayFigure.objects.filter(day__in=gap).delete()
        for number, day in enumerate(gap):
            at = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)
            Satisfaction.objects.create(
                estate=estate, service="repairs", reference=str(number), face=3, at=at
            )
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        assert fill_figures() == 0
    found = told(estate, "satisfaction")
    assert [found[day, "repairs"] for day in gap] == [(1, 1)] * 3


def test_nightly__only_one_day_was_counted_by_hand__the_year_before_is_made_up(estate: Estate) -> None:
    at = datetime(2026, 3, 3, 9, tzinfo=SHANGHAI)
    Satisfaction.objects.create(estate=estate, service="repairs", reference="1", face=3, at=at)
    figures.fill(estate=estate, first=LAST, last=LAST)
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    assert told(estate, "satisfaction")[date(2026, 3, 3), "repairs"] == (1, 1)


def test_presence__older_than_some_weeks__is_forgotten_and_its_counts_stay(estate: Estate) -> None:
    with time_machine.travel(datetime(2026, 10, 2, 12, tzinfo=SHANGHAI), tick=False):
        user = make.make_resident(home=make.make_home(estate=estate))
        Presence.objects.create(user=user, day=date(2026, 10, 2), mode="large")
    with time_machine.travel(datetime(2026, 10, 3, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        Presence.objects.create(user=user, day=date(2026, 11, 22), mode="standard")
        fill_figures()
        assert [one.day for one in Presence.objects.all()] == [date(2026, 11, 22)]
        call_command("rebuild_figures", "2026-10-01")
    assert told(estate, "use")[date(2026, 10, 2), "large"] == (1, 1)
    assert told(estate, "use")[date(2026, 11, 22), "standard"] == (1, 1)


def test_rebuild__a_range__of_one_estate_or_all(estate: Estate) -> None:
    other = make.make_estate()
    call_command("rebuild_figures", "2026-11-01", "2026-11-03", "--estate", estate.code)
    assert {day for day, _part in told(estate, "satisfaction")} == {date(2026, 11, n) for n in (1, 2, 3)}
    assert told(other, "satisfaction") == {}
    with pytest.raises(CommandError):
        call_command("rebuild_figures", "2026-11-03", "2026-11-01")
    with pytest.raises(CommandError):
        call_command("rebuild_figures", "2026-11-01", "--estate", "nowhere")
