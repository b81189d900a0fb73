"""What pages show and what they must not: numbers and states, never names; and how much they ask."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from community.core import clock
from services.renovation import audiences, progress
from services.renovation.models import Campaign, Participation, ProjectBuilding
from tests import elder_mode
from tests.factories import make_delegation, make_home, make_resident, make_staff
from tests.factories.renovation import Site, make_appointment, make_picture, make_work_item

pytestmark = pytest.mark.django_db


def client(user: User, language: str = "zh-CN") -> Client:
    browser = Client(headers={"accept-language": language})
    browser.force_login(user)
    return browser


def shown(user: User, name: str, *args: int) -> str:
    answer = client(user).get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def fill(site: Site, count: int) -> None:
    """So many neighbours, each with an appointment."""
    slot = site.slot(day=clock.today(clock.now()) + timedelta(days=3), capacity=99)
    for number in range(count):
        home = make_home(entrance=site.home.entrance, number=f"{900 + number}", floor=9 + number // 2)
        resident = make_resident(home=home, name=f"住户{number}")
        visit = make_appointment(site=site, home=home, resident=resident, slot=slot, status="done")
        make_picture(visit)
        make_picture(visit, shows="after")


def asked(user: User, name: str, *args: int) -> int:
    browser = client(user)
    browser.get(reverse(name, args=args))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert browser.get(reverse(name, args=args)).status_code == 200
    return len(queries)


def test_elevation__states_and_numbers__never_names(site: Site) -> None:
    home, neighbour = site.neighbour()
    make_appointment(site=site, home=home, resident=neighbour, status="defects")
    Participation.objects.filter(home=home).update(answer="yes")
    page = shown(site.resident, "renovation_building", site.project.pk, site.building.pk)
    assert f"502：{progress.HomeState.IN_WORK.label}" in page, "what is put right is the household's affair"
    assert "您家" in page
    assert neighbour.name not in page
    assert page.count('class="cell') == 2
    assert page.count('tabindex="0" role="img"') == 2
    assert "<table" in page
    staff = make_staff(role="renovation_coordinator", estate=site.estate)
    assert str(progress.HomeState.DEFECTS.label) in shown(
        staff, "staff_renovation_building", site.project.pk, site.building.pk
    )


def test_project__numbers(site: Site) -> None:
    fill(site, 3)
    total, (building,) = progress.numbers_of(site.project, progress.buildings_of(site.project))
    assert (total.homes, total.yes, total.booked, total.done) == (4, 0, 3, 3)
    assert building.percent == 75
    page = shown(site.resident, "renovation", site.project.pk)
    assert re.search(r"<b class=\"num\">3</b><span class=\"sub\">完成", page)
    assert "住户1" not in page


def test_draft__is_for_those_who_write_it(site: Site) -> None:
    site.project.status = "draft"
    site.project.save()
    address = reverse("renovation", args=[site.project.pk])
    assert client(site.resident).get(address).status_code == 404
    staff = make_staff(role="renovation_coordinator", estate=site.estate)
    assert client(staff).get(address).status_code == 200


def test_delegate_for_renovation__opens_the_home_and_others_do_not(site: Site) -> None:
    address = reverse("renovation_home", args=[site.project.pk, site.home.pk])
    son = make_delegation(resident=site.resident, service="renovation").delegate
    other = make_delegation(resident=site.resident, service="fees").delegate
    assert client(son).get(address).status_code == 200
    assert client(other).get(address).status_code == 404


def test_doors__lists_by_entrance_those_without_a_time(site: Site) -> None:
    booked, resident = site.neighbour("502")
    refused, _other = site.neighbour("503")
    make_appointment(site=site, home=booked, resident=resident)
    Participation.objects.create(project=site.project, home=refused, answer="no")
    doors = progress.without_appointment(site.project, site.building, now=clock.now())
    assert doors == [(site.home.entrance.name, [progress.HomeToVisit(site.home, ["外窗更换"])])]
    # Who has a time for the windows, and none for the pipes that can be booked since, is knocked at again.
    pipes = make_work_item(project=site.project, name="上下水管")
    Campaign.objects.create(
        project=site.project, item=pipes, building=site.building, crew=site.crew, opens_at=clock.now()
    )
    ((_entrance, homes),) = progress.without_appointment(site.project, site.building, now=clock.now())
    assert [(door.home, door.missing) for door in homes] == [
        (site.home, ["外窗更换", "上下水管"]),
        (booked, ["上下水管"]),
    ]


def test_notice_to_those_without_a_time__is_to_the_homes_to_visit(site: Site) -> None:
    """One of two works is booked: the home is in the list, and in the group that is written to."""
    other_building = make_home()
    ProjectBuilding.objects.create(project=site.project, building=other_building.entrance.building)
    booked, resident = site.neighbour("502")
    refused, _other = site.neighbour("503")
    make_appointment(site=site, home=booked, resident=resident)
    Participation.objects.create(project=site.project, home=refused, answer="no")

    def written_to() -> set[Any]:
        return set(audiences.homes(site.estate, str(site.project.pk)))

    def knocked_at() -> set[Any]:
        parts = [part.building for part in site.project.parts.all()]
        found = [progress.without_appointment(site.project, one, now=clock.now()) for one in parts]
        return {door.home for doors in found for _entrance, row in doors for door in row}

    assert written_to() == knocked_at() == {site.home, other_building}
    pipes = make_work_item(project=site.project, name="上下水管")
    assert written_to() == knocked_at() == {site.home, other_building}
    Campaign.objects.create(
        project=site.project, item=pipes, building=site.building, crew=site.crew, opens_at=clock.now()
    )
    assert written_to() == knocked_at() == {site.home, booked, other_building}


def test_wishes__the_page_says_who_reads_them(site: Site) -> None:
    address = reverse("renovation_take_part", args=[site.project.pk, site.home.pk])
    page = client(site.resident, "en").get(address).content.decode()
    assert "The crew and the property office read it." in page


def test_times__say_honestly_what_is_left(site: Site) -> None:
    slot = site.slot(capacity=3)
    home, resident = site.neighbour()
    make_appointment(site=site, home=home, resident=resident, slot=slot)
    page = shown(site.resident, "renovation_times", site.project.pk, site.home.pk, site.item.pk)
    assert "剩 2 个名额" in page


PAGES: list[tuple[str, str]] = [
    ("renovation", "project"),
    ("renovation_building", "building"),
    ("renovation_home", "home"),
    ("renovation_times", "times"),
    ("staff_renovation", "project"),
    ("staff_renovation_building", "building"),
    ("staff_renovation_week", "project"),
    ("crew", ""),
]


@pytest.mark.parametrize(("name", "of"), PAGES)
def test_pages__ask_the_same_whatever_the_data(site: Site, name: str, of: str) -> None:
    args: dict[str, Any] = {
        "": [],
        "project": [site.project.pk],
        "building": [site.project.pk, site.building.pk],
        "home": [site.project.pk, site.home.pk],
        "times": [site.project.pk, site.home.pk, site.item.pk],
    }
    person = site.resident
    if name.startswith("staff"):
        person = make_staff(role="renovation_coordinator", estate=site.estate)
    elif name == "crew":
        person = site.member
    fill(site, 2)
    few = asked(person, name, *args[of])
    site.slot()
    entrance_rows = [make_home(entrance=site.home.entrance, number=f"8{n}", floor=8) for n in range(6)]
    for number, home in enumerate(entrance_rows):
        resident = make_resident(home=home)
        slot = site.slot(day=clock.today(clock.now()) + timedelta(days=4 + number))
        make_picture(make_appointment(site=site, home=home, resident=resident, slot=slot))
    many = asked(person, name, *args[of])
    assert many == few, f"{name}: {few} queries, {many} with more"
    assert many <= 32


@pytest.mark.django_db(transaction=True)
def test_project__large_type_on_a_phone__a_time_is_on_one_line(site: Site, new_page: Any) -> None:
    make_appointment(site=site, slot=site.slot(at=time(8)))
    page = new_page(user=site.resident, mode="large")
    page.goto(reverse("renovation", args=[site.project.pk]))
    hours = page.locator(".workline .hours")
    assert hours.inner_text() == "上午8点到9点"
    lines = """one => {
        const text = document.createRange();
        text.selectNodeContents(one);
        return new Set([...text.getClientRects()].map((box) => Math.round(box.bottom))).size;
    }"""
    assert hours.evaluate(lines) == 1
    assert elder_mode.check_reflow(page, "large") == []
