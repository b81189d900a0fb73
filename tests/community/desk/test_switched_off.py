"""The desk's pages without one of the services: what it has left in the database is kept, and not shown."""

from datetime import timedelta
from random import Random

import pytest
from django.conf import LazySettings
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.services.figures import Span
from community.desk import charts, figures, morning
from community.desk.handover import work_of
from community.desk.measures import find_measure, measures
from community.desk.models import DayFigure
from community.desk.start import waiting
from community.estates.models import Estate
from services.repairs.models import Repair
from tests import factories as make
from tests.community.desk.little_world import FIRST, LAST, LittleWorld, told
from tests.community.desk.nine_oclock import as_user, waits

pytestmark = pytest.mark.django_db
KEYS = ["repairs", "fees", "care", "help", "renovation", "feedback"]


def switch_off(settings: LazySettings, *keys: str) -> None:
    settings.SERVICES = [key for key in KEYS if key not in keys]


def test_figures__of_a_service_switched_off__stay_stored_and_count_no_more(
    estate: Estate, settings: LazySettings
) -> None:
    world = LittleWorld(estate, Random(2))
    world.clocks()
    figures.fill(estate=estate, first=FIRST, last=LAST)
    before = told(estate, "first_answer")
    switch_off(settings, "repairs")
    assert figures.fill(estate=estate, first=FIRST, last=LAST) == 0
    assert told(estate, "first_answer") == before
    measure = find_measure("first_answer")
    assert measure is not None
    assert list(measure.parts) == ["feedback"]
    assert measure.behind is not None
    rows = measure.behind.rows(estate.pk, Span(FIRST, LAST), "")
    assert {one.service for one in rows} == {"feedback"}


def test_chart__without_a_service__adds_up_the_others(estate: Estate, settings: LazySettings) -> None:
    yesterday = clock.today(clock.now()) - timedelta(days=1)
    for part, good in (("repairs", 1), ("feedback", 3)):
        DayFigure.objects.create(
            estate=estate, day=yesterday, measure="solution", dimension=part, numerator=good, denominator=4
        )

    def total() -> tuple[int, int]:
        [solution] = [one for one in measures() if one.key == "solution"]
        [chart] = charts.charts(estate, charts.BY_KEY["30d"], clock.now(), [solution])
        return chart.all_in_all.numerator, chart.all_in_all.denominator

    assert total() == (4, 8)
    switch_off(settings, "repairs")
    assert total() == (3, 4)


def test_measures__without_those_who_count__are_gone(settings: LazySettings) -> None:
    switch_off(settings, "fees", "repairs", "feedback")
    assert [one.key for one in measures()] == ["use", "use_older", "satisfaction"]


def test_morning__without_repairs__has_no_line_of_them(estate: Estate, settings: LazySettings) -> None:
    now = clock.now()
    repair = make.make_repair(home=make.make_home(estate=estate), status=Repair.Status.REOPENED)
    waits(repair, "repairs", now - timedelta(minutes=5), f"/staff/repairs/{repair.pk}/")
    counts = {section.key: section.count for section in morning.sections(estate, now)}
    assert (counts["late"], counts["unassigned"], counts["unhappy"]) == (1, 1, 1)
    switch_off(settings, "repairs")
    assert {section.count for section in morning.sections(estate, now)} == {0}


def test_start__without_a_service__lacks_its_pages(estate: Estate, settings: LazySettings) -> None:
    manager = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    assert "/staff/feedback/" in {entry.url for entry in waiting(manager)}
    switch_off(settings, "feedback")
    urls = {entry.url for entry in waiting(manager)}
    assert "/staff/feedback/" not in urls
    assert {"/staff/repairs/", "/staff/notices/"} <= urls


def test_work__of_a_service_switched_off__is_not_handed_over(estate: Estate, settings: LazySettings) -> None:
    worker = make.make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=estate)
    make.make_repair(home=make.make_home(estate=estate), worker=worker, status=Repair.Status.ASSIGNED)
    assert [one.handover.key for one in work_of(worker)] == ["jobs"]
    switch_off(settings, "repairs")
    assert work_of(worker) == []


def test_resident__without_repairs_and_care__has_the_buttons_of_the_others(
    estate: Estate, settings: LazySettings
) -> None:
    person = make.make_resident(home=make.make_home(estate=estate))
    desk = as_user(make.make_staff(role=StaffRole.Role.FRONT_DESK, estate=estate))
    page = desk.get(reverse("desk_resident", args=[person.pk])).content.decode()
    assert all(reverse(name) in page for name in ("report_begin", "care", "fees"))
    assert "最近报修" in page
    switch_off(settings, "repairs", "care")
    page = desk.get(reverse("desk_resident", args=[person.pk])).content.decode()
    assert f"{reverse('fees')}?for={person.pk}" in page
    assert f"{reverse('care')}?for=" not in page
    assert reverse("report_begin") not in page
    assert "最近报修" not in page
