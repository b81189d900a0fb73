"""Renovation in the back office: what a project consists of is written there, and stays within its estate."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from services.renovation.actions import cancel_appointment
from services.renovation.models import (
    Appointment,
    Crew,
    NoiseHours,
    ProjectBuilding,
    RenovationProject,
    WorkItem,
)
from tests.factories import make_staff
from tests.factories.renovation import Site, make_appointment, make_crew
from tests.factories.scheduling import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(site: Site) -> User:
    return make_staff(role="renovation_coordinator", estate=site.estate)


def office(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def form_of(site: Site, **changes: Any) -> dict[str, Any]:
    """The project's page as it stands, with one more line each that ``changes`` fill."""
    project = site.project
    part, item = project.parts.get(), project.items.get()
    return {
        "name": project.name, "plan": project.plan, "cost_fen": "", "paid_by": "",
        "contact_name": project.contact_name, "contact_phone": project.contact_phone,
        "parts-TOTAL_FORMS": 1, "parts-INITIAL_FORMS": 1,
        "parts-0-id": part.pk, "parts-0-project": project.pk, "parts-0-building": part.building_id,
        "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 1,
        "items-0-id": item.pk, "items-0-project": project.pk, "items-0-name": item.name,
        "items-0-where": "homes", "items-0-entrance": "", "items-0-minutes": 60, "items-0-icon": "window",
        "items-0-warranty_months": 24, "items-0-about": "", "items-0-position": 0,
        "timetable-TOTAL_FORMS": 0, "timetable-INITIAL_FORMS": 0,
        "history-TOTAL_FORMS": 0, "history-INITIAL_FORMS": 0,
    } | changes  # fmt: skip


def test_project__its_buildings_its_work_and_its_times_are_written_there(
    site: Site, coordinator: User
) -> None:
    address = reverse("admin:renovation_renovationproject_change", args=[site.project.pk])
    page = office(coordinator).get(address).content.decode()
    for name in ("parts-TOTAL_FORMS", "items-TOTAL_FORMS", "timetable-TOTAL_FORMS"):
        assert name in page
    line = {
        "timetable-TOTAL_FORMS": 1, "timetable-0-project": site.project.pk, "timetable-0-what": "逐栋入户",
        "timetable-0-begins_on": "2026-12-01", "timetable-0-ends_on": "2026-12-20",
    }  # fmt: skip
    answer = office(coordinator).post(address, form_of(site, **line))
    assert answer.status_code == 302, answer.context["errors"]
    assert site.project.timetable.get().what == "逐栋入户"


@pytest.mark.parametrize(
    "change",
    [
        {"timetable-TOTAL_FORMS": 1, "timetable-0-what": "倒着", "timetable-0-begins_on": "2026-12-20",
         "timetable-0-ends_on": "2026-12-01"},
        {"timetable-TOTAL_FORMS": 1, "timetable-0-what": "太远", "timetable-0-begins_on": "0001-01-01",
         "timetable-0-ends_on": "9999-12-31"},
        {"items-0-minutes": 0},
        {"items-0-where": "entrance"},
        {"items-0-name": "长" * 10_000},
        {"plan": "长" * 10_001},
        {"cost_fen": "-1"},
        {"cost_fen": "9" * 40},
        {"name": ""},
    ],
)  # fmt: skip
def test_project__bad__is_named_and_nothing_is_kept(
    site: Site, coordinator: User, change: dict[str, Any]
) -> None:
    address = reverse("admin:renovation_renovationproject_change", args=[site.project.pk])
    answer = office(coordinator).post(address, form_of(site, **change))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "errorlist" in page or "text-red" in page
    assert "work_item_knows" not in page
    assert "timetable_row_forward" not in page
    assert not site.project.timetable.exists()
    assert site.project.items.get().minutes == 60


def test_project__another_estates_building_and_entrance__are_not_offered_nor_taken(
    site: Site, coordinator: User
) -> None:
    other = Site()
    address = reverse("admin:renovation_renovationproject_change", args=[site.project.pk])
    page = office(coordinator).get(address)
    rows = page.context["inline_admin_formsets"][0].formset.empty_form.fields["building"].queryset
    assert list(rows) == [site.building]
    extra = {
        "parts-TOTAL_FORMS": 2, "parts-1-project": site.project.pk, "parts-1-building": other.building.pk,
    }  # fmt: skip
    assert office(coordinator).post(address, form_of(site, **extra)).status_code == 200
    entrance = {"items-0-where": "entrance", "items-0-entrance": other.home.entrance.pk}
    assert office(coordinator).post(address, form_of(site, **entrance)).status_code == 200
    assert ProjectBuilding.objects.filter(project=site.project).count() == 1
    assert office(make_staff(role="renovation_coordinator", estate=other.estate)).get(
        address
    ).status_code in (
        302,
        404,
    )


def test_work_with_appointments__stays_where_it_is(site: Site, coordinator: User) -> None:
    make_appointment(site=site)
    address = reverse("admin:renovation_renovationproject_change", args=[site.project.pk])
    for change in ({"items-0-where": "grounds"}, {"items-0-DELETE": "on"}, {"parts-0-DELETE": "on"}):
        office(coordinator).post(address, form_of(site, **change))
    assert WorkItem.objects.get(project=site.project).where == "homes"
    assert site.project.parts.count() == 1


def test_new_project__begins_as_a_draft(site: Site, coordinator: User) -> None:
    data = {
        "estate": site.estate.pk, "name": "加装电梯", "plan": "方案", "contact_name": "蒋涛",
        "contact_phone": "0570-5550160",
    }  # fmt: skip
    answer = office(coordinator).post(reverse("admin:renovation_renovationproject_add"), data)
    assert answer.status_code == 302, answer.context["errors"]
    made = RenovationProject.objects.get(name="加装电梯")
    assert (made.status, made.history.count()) == ("draft", 1)


def test_crew__only_those_who_work_as_one_in_the_estate(site: Site, coordinator: User) -> None:
    stranger = make_crew(estate=Site().estate).members.get()
    address = reverse("admin:renovation_crew_change", args=[site.crew.pk])
    page = office(coordinator).get(address).content.decode()
    assert f'value="{stranger.pk}"' not in page
    assert f'value="{coordinator.pk}"' not in page
    data = {"foreman": "韩", "phone": "1", "members": [stranger.pk]}
    assert office(coordinator).post(address, data).status_code == 200
    assert list(site.crew.members.all()) == [site.member]


def test_crew__new__has_the_times_of_renovation_and_people_of_its_estate(
    site: Site, coordinator: User
) -> None:
    stranger = make_crew(estate=Site().estate).members.get()
    care, free = (make_resource(estate=site.estate, service=service) for service in ("care", "renovation"))
    address, data = reverse("admin:renovation_crew_add"), {"foreman": "韩", "phone": "1"}
    for wrong in ({"resource": care.pk}, {"resource": free.pk, "members": [stranger.pk]}, {}):
        assert office(coordinator).post(address, data | wrong).status_code == 200
    assert "韩" not in {crew.foreman for crew in Crew.objects.all()}
    given = data | {"resource": free.pk, "members": [site.member.pk]}
    assert office(coordinator).post(address, given).status_code == 302
    assert {crew.resource for crew in Crew.objects.all() if crew.foreman == "韩"} == {free}


def test_crew__once_it_is_there__keeps_its_resource(site: Site, coordinator: User) -> None:
    """Its appointments stand in the slots of that resource: with another they would have no crew."""
    visit = make_appointment(site=site)
    other = make_resource(estate=site.estate, service="renovation")
    address = reverse("admin:renovation_crew_change", args=[site.crew.pk])
    assert 'name="resource"' not in office(coordinator).get(address).content.decode()
    data = {"resource": other.pk, "foreman": "韩", "phone": "1", "members": [site.member.pk]}
    assert office(coordinator).post(address, data).status_code == 302
    site.crew.refresh_from_db()
    assert site.crew.foreman == "韩"
    visit = Appointment.objects.with_people().get(pk=visit.pk)
    assert visit.crew == site.crew
    cancel_appointment(appointment=visit, by=site.resident, reason="", now=clock.now())
    assert visit.status == Appointment.Status.CANCELLED


def test_noise_hours__backwards__is_refused_at_its_field(site: Site, coordinator: User) -> None:
    data = {"estate": site.estate.pk, "days": "working_days", "opens": "18:00", "closes": "08:00"}
    answer = office(coordinator).post(reverse("admin:renovation_noisehours_add"), data)
    assert answer.status_code == 200
    assert "结束时间必须晚于开始时间" in answer.content.decode()
    assert not NoiseHours.objects.exists()


def test_appointments__are_read_found_and_exported_but_not_written(site: Site, coordinator: User) -> None:
    visit = make_appointment(site=site)
    client = office(coordinator)
    listed = client.get(reverse("admin:renovation_appointment_changelist") + "?q=501").content.decode()
    assert visit.reference in listed
    page = client.get(reverse("admin:renovation_appointment_change", args=[visit.pk])).content.decode()
    assert "已预约" in page
    assert 'name="status"' not in page
    later = (clock.now() + timedelta(days=1)).isoformat()
    address = reverse("admin:renovation_appointment_change", args=[visit.pk])
    assert client.post(address, {"status": "confirmed", "created_at": later}).status_code == 403
    visit.refresh_from_db()
    assert visit.status == "booked"
