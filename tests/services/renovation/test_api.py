"""The renovation API: the same rules as the pages, a name for each field that is wrong."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from services.renovation import actions
from services.renovation.models import Appointment, AppointmentWaiting, Participation, ProjectQuestion
from services.scheduling.models import Place, Slot
from tests.factories.renovation import Site, make_appointment, make_picture, make_work_item
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db


def api(user: User, name: str, data: dict[str, Any], *args: int) -> Any:
    address = reverse(name, args=args)
    headers = api_headers(user)
    return Client().post(address, data, content_type="application/json", headers=headers)


def test_api_book__bad__names_the_field(site: Site) -> None:
    good = {"home": site.home.pk, "item": site.item.pk, "slot": site.slot().pk, "key": str(uuid4())}
    other_home, _neighbour = site.neighbour()
    for change, field in (
        ({"home": None}, "home"),
        ({"home": other_home.pk}, "home"),
        ({"item": 999999}, "item"),
        ({"slot": 999999}, "slot"),
        ({"slot": "x"}, "slot"),
        ({"key": "x"}, "key"),
    ):
        answer = api(site.resident, "api_appointments", good | change)
        assert answer.status_code == 400, change
        assert field in str(answer.json()), change
    assert not Place.objects.exists()
    assert api(site.resident, "api_appointments", good).status_code == 201
    assert (
        api(site.resident, "api_appointments", good).json()["reference"]
        == Appointment.objects.get().reference
    )


def test_api_full_past_and_closed__have_their_codes(site: Site) -> None:
    full, past = site.slot(), site.slot(day=clock.today(clock.now()) - timedelta(days=1))
    Slot.objects.filter(pk=full.pk).update(taken=1)
    for slot, code in ((full, "slot_full"), (past, "slot_past")):
        data = {"home": site.home.pk, "item": site.item.pk, "slot": slot.pk, "key": str(uuid4())}
        answer = api(site.resident, "api_appointments", data)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_api_verbs__bad__change_nothing(site: Site) -> None:
    visit = make_appointment(site=site)
    for user, name, data, status in (
        (site.resident, "api_appointment_move", {}, 400),
        (site.resident, "api_appointment_move", {"slot": 999999}, 400),
        (site.resident, "api_appointment_cancel", {"reason": "长" * 501}, 400),
        (site.member, "api_appointment_start", {}, 409),
        (site.member, "api_appointment_done", {}, 409),
        (site.resident, "api_appointment_done", {}, 403),
        (site.resident, "api_appointment_move", {"slot": 10**30}, 400),
        (site.resident, "api_appointment_move", {"slot": Site().slot().pk}, 400),
        (site.resident, "api_appointment_confirm", {"face": 9}, 400),
        (site.resident, "api_appointment_confirm", {"face": 3}, 409),
        (site.resident, "api_appointment_confirm", {"face": 3, "words": "长" * 10_000}, 400),
        (site.resident, "api_appointment_defects", {"words": ""}, 400),
        (site.resident, "api_appointment_defects", {"words": "漏风"}, 409),
        (site.member, "api_appointment_start", {"key": "x"}, 400),
        (site.member, "api_appointment_start", {"pictures": "nonsense"}, 400),
        (site.member, "api_appointment_missed", {"reason": "😀" * 501}, 400),
        (site.member, "api_appointment_missed", {}, 409),
    ):
        assert api(user, name, data, visit.pk).status_code == status, name
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_api_crew__starts_and_is_done(site: Site) -> None:
    visit = make_appointment(site=site)
    make_picture(visit)
    assert api(site.member, "api_appointment_start", {}, visit.pk).json()["status"] == "under_way"
    done = api(site.member, "api_appointment_done", {"words": "好了"}, visit.pk).json()
    assert done["status"] == "done"
    home = Client().get(
        reverse("api_renovation_home", args=[site.project.pk, site.home.pk]),
        headers=api_headers(site.resident),
    )
    assert home.json()["work"][0]["appointment"]["status"] == "done"


def read(user: User, name: str, *args: Any) -> Any:
    return Client().get(reverse(name, args=args), headers=api_headers(user)).json()


def test_api_project_and_building__numbers_and_states__never_names(site: Site) -> None:
    home, neighbour = site.neighbour()
    make_appointment(site=site, home=home, resident=neighbour, status="defects")
    Participation.objects.filter(home=home).update(answer="yes")
    found = read(site.resident, "api_renovation", site.project.pk)
    (building,) = found["buildings"]
    assert (building["homes"], building["booked"], building["take_part"]) == (2, 1, None)
    assert found["total"]["take_part"] is None
    shown = read(site.resident, "api_renovation_building", site.project.pk, site.building.pk)
    states = {one["number"]: (one["state"], one["is_mine"]) for one in shown["homes"]}
    assert states == {"501": ("waiting", True), "502": ("in_work", False)}
    assert neighbour.name not in str(found) + str(shown)


def test_api_take_part__says_wishes_and_names_what_is_wrong(site: Site) -> None:
    args = (site.project.pk, site.home.pk)
    for bad in ({}, {"answer": "maybe"}, {"answer": "yes", "wishes": "长" * 10_000}):
        assert api(site.resident, "api_renovation_home", bad, *args).status_code == 400
    assert not Participation.objects.exists()
    good = {"answer": "yes", "wishes": "装扶手 👵", "shares_pictures": True}
    said = api(site.resident, "api_renovation_home", good, *args).json()
    assert (said["answer"], said["wishes"], said["shares_pictures"]) == ("yes", "装扶手 👵", True)
    kept = api(site.resident, "api_renovation_home", {"answer": "yes"}, *args).json()
    assert kept["wishes"] == "装扶手 👵"
    _home, neighbour = site.neighbour()
    assert api(neighbour, "api_renovation_home", good, *args).status_code == 404


def test_api_questions__asked_once__without_a_name(site: Site) -> None:
    key = str(uuid4())
    for bad in ({"words": "", "key": key}, {"words": "长" * 501, "key": key}, {"words": "灰色？"}):
        answer = api(site.resident, "api_renovation_questions", bad, site.project.pk)
        assert answer.status_code == 400
    for _n in range(2):
        asked = {"words": "什么颜色？", "key": key}
        assert api(site.resident, "api_renovation_questions", asked, site.project.pk).status_code == 201
    assert ProjectQuestion.objects.count() == 1
    _home, neighbour = site.neighbour()
    (shown,) = read(neighbour, "api_renovation_questions", site.project.pk)["results"]
    assert shown["words"] == "什么颜色？"
    assert site.resident.name not in str(shown)


def test_api_waiting__joined_offered_and_taken(site: Site) -> None:
    slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    visit = make_appointment(site=site, home=home, resident=neighbour, slot=slot)
    asked = {"home": site.home.pk, "item": site.item.pk, "slot": slot.pk}
    assert api(site.resident, "api_renovation_wait", asked | {"slot": 10**30}).status_code == 400
    assert api(neighbour, "api_renovation_wait", asked).status_code == 400
    turn = api(site.resident, "api_renovation_wait", asked).json()
    assert turn["status"] == "waiting"
    assert api(neighbour, "api_renovation_take", {"key": str(uuid4())}, turn["id"]).status_code == 404
    assert api(site.resident, "api_renovation_take", {"key": str(uuid4())}, turn["id"]).status_code == 409
    actions.cancel_appointment(
        appointment=Appointment.objects.with_people().get(pk=visit.pk), by=neighbour, reason="",
        now=clock.now(),
    )  # fmt: skip
    work = read(site.resident, "api_renovation_home", site.project.pk, site.home.pk)["work"][0]
    assert [one["status"] for one in work["waiting"]] == ["offered"]
    taken = api(site.resident, "api_renovation_take", {"key": str(uuid4())}, turn["id"])
    assert (taken.status_code, taken.json()["status"]) == (201, "booked")


def test_api_leave_list__nobody_waits_any_more(site: Site) -> None:
    slot = site.slot(capacity=1)
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    asked = {"home": site.home.pk, "item": site.item.pk, "slot": slot.pk}
    turn = api(site.resident, "api_renovation_wait", asked).json()
    left = api(site.resident, "api_renovation_leave", {}, turn["id"])
    assert (left.status_code, left.json()["status"]) == (200, "left")
    assert AppointmentWaiting.objects.get().waiting.status == "left"


def test_api_household__confirms_or_names_defects(site: Site) -> None:
    visit = make_appointment(site=site, status="done")
    make_picture(visit)
    shown = read(site.resident, "api_appointment", visit.pk)
    assert shown["verbs"] == ["confirm_work", "name_defects"]
    assert set(shown["pictures"][0]["urls"]) == {"small", "medium", "large"}
    told = api(site.resident, "api_appointment_defects", {"words": "漏风"}, visit.pk).json()
    assert (told["status"], told["history"][-1]["reason"]) == ("defects", "漏风")
    assert read(site.member, "api_appointment", visit.pk)["history"] == []


def test_api_booking__work_that_nobody_sees__is_no_work(site: Site) -> None:
    hidden = make_work_item(project=Site().project)
    data = {"home": site.home.pk, "item": hidden.pk, "slot": site.slot().pk, "key": str(uuid4())}
    assert "item" in str(api(site.resident, "api_appointments", data).json()["errors"])
    shared = make_work_item(project=site.project, name="道路", where="grounds")
    answer = api(site.resident, "api_appointments", data | {"item": shared.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_open")
    assert not Place.objects.exists()
