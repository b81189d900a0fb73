"""What a household sends that cannot be, and every form, staff's too, when it is flooded: nothing is kept."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Participation,
    ProjectQuestion,
    RenovationPicture,
)
from services.scheduling.models import Place, Slot
from tests.factories import make_staff
from tests.factories.renovation import Site, make_appointment, make_picture
from tests.services.renovation.people import browser, coordinator, picture
from tests.support.access_rows import api_headers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "Please choose one."),
        ({"answer": "maybe"}, "Please choose one."),
        ({"answer": "yes", "wishes": "长" * 501}, "500 characters"),
    ],
)
def test_take_part__bad__is_named_and_nothing_is_kept(site: Site, data: dict[str, str], says: str) -> None:
    address = reverse("renovation_take_part", args=[site.project.pk, site.home.pk])
    answer = browser(site.resident).post(address, data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Participation.objects.exists()


def test_take_part__no_while_booked__stands_beside_the_question(site: Site) -> None:
    make_appointment(site=site)
    address = reverse("renovation_take_part", args=[site.project.pk, site.home.pk])
    answer = browser(site.resident).post(address, {"answer": "no", "wishes": "😀" * 200})
    assert answer.status_code == 422
    assert "cancel it first" in answer.content.decode()
    assert "😀" in answer.content.decode(), "what was typed is lost"
    assert Participation.objects.get().answer == "undecided"


@pytest.mark.parametrize("words", ["", "   ", "长" * 501])
def test_ask__bad__is_named(site: Site, words: str) -> None:
    address = reverse("renovation_ask", args=[site.project.pk])
    answer = browser(site.resident).post(address, {"key": uuid4(), "words": words})
    assert answer.status_code == 422
    assert not ProjectQuestion.objects.exists()


def test_ask__a_script__is_shown_as_text(site: Site) -> None:
    client = browser(site.resident)
    data = {"key": uuid4(), "words": "<script>alert(1)</script>"}
    for _n in range(2):
        client.post(reverse("renovation_ask", args=[site.project.pk]), data)
    shown = client.get(reverse("renovation_questions", args=[site.project.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert ProjectQuestion.objects.count() == 1


@pytest.mark.parametrize("data", [{}, {"slot": "x", "key": "y"}, {"slot": "-1", "key": str(uuid4())}])
def test_book__nonsense__books_nothing(site: Site, data: dict[str, str]) -> None:
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    answer = browser(site.resident).post(address, data)
    assert answer.status_code == 302
    assert not Place.objects.exists()


def test_book__a_time_that_nobody_offers__is_not_found_or_sent_back(site: Site) -> None:
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    client = browser(site.resident)
    assert client.post(address, {"slot": 999999, "key": str(uuid4())}).status_code == 404
    foreign = Site().slot()
    assert client.post(address, {"slot": foreign.pk, "key": str(uuid4())}).status_code == 302
    assert client.get(address + "?slot=" + "9" * 40).status_code == 404
    assert client.get(address + "?day=2026-99-99").status_code == 200
    assert not Place.objects.exists()


def test_book__full__says_so_and_offers_the_list(site: Site) -> None:
    slot = site.slot()
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    answer = browser(site.resident).post(address, {"slot": slot.pk, "key": str(uuid4())})
    assert answer.status_code == 409
    assert (
        reverse("renovation_wait", args=[site.project.pk, site.home.pk, site.item.pk])
        in answer.content.decode()
    )
    assert not Appointment.objects.exists()


def test_wait__where_there_is_room__is_told_to_book(site: Site) -> None:
    slot = site.slot()
    address = reverse("renovation_wait", args=[site.project.pk, site.home.pk, site.item.pk])
    answer = browser(site.resident).post(address, {"slot": slot.pk})
    assert answer.status_code == 409
    assert "free place" in answer.content.decode()
    assert not AppointmentWaiting.objects.exists()


@pytest.mark.parametrize(
    ("page", "status", "data"),
    [
        ("appointment_confirm", "done", {}),
        ("appointment_confirm", "done", {"face": "7"}),
        ("appointment_confirm", "done", {"face": "3", "words": "长" * 2001}),
        ("appointment_defects", "done", {"words": " "}),
        ("appointment_defects", "done", {"words": "长" * 2001}),
        ("appointment_cancel", "booked", {"reason": "长" * 501}),
    ],
)
def test_household_steps__bad__change_nothing(
    site: Site, page: str, status: str, data: dict[str, str]
) -> None:
    visit = make_appointment(site=site, status=status)
    answer = browser(site.resident).post(reverse(page, args=[visit.pk]), data)
    assert answer.status_code == 422
    visit.refresh_from_db()
    assert visit.status == status
    assert visit.history.count() == 1


@pytest.mark.parametrize("flood", ["长" * 10_000, "😀" * 10_000, "👨‍👩‍👧‍👦" * 2_000, "水\x00\u202e" * 3_000])
def test_every_form__flooded__is_refused_and_keeps_nothing(site: Site, flood: str) -> None:
    visit = make_appointment(site=site, status="done")
    home, resident = site.neighbour()
    booked = make_appointment(site=site, home=home, resident=resident, slot=site.slot(at=time(14)))
    make_picture(booked)
    question = ProjectQuestion.objects.create(
        project=site.project, key=uuid4(), words="颜色？", asked_by=site.resident, created_at=clock.now()
    )
    staff, key = coordinator(site), uuid4()
    forms: list[tuple[User, str, list[Any], dict[str, Any]]] = [
        (site.resident, "renovation_take_part", [site.project.pk, site.home.pk], {"answer": "yes", "wishes": flood}),
        (site.resident, "renovation_ask", [site.project.pk], {"key": key, "words": flood}),
        (site.resident, "appointment_confirm", [visit.pk], {"face": "3", "words": flood}),
        (site.resident, "appointment_defects", [visit.pk], {"words": flood}),
        (resident, "appointment_cancel", [booked.pk], {"reason": flood}),
        (site.member, "crew_act", [booked.pk, "missed"], {"key": key, "reason": flood}),
        (staff, "staff_appointment_act", [booked.pk, "cancel"], {"reason": flood}),
        (staff, "staff_appointment_act", [visit.pk, "defects"], {"words": flood}),
        (staff, "staff_renovation_questions", [site.project.pk], {"question": question.pk, "answer": flood}),
        (staff, "renovation_door", [site.project.pk, site.home.pk], {"answer": "yes", "wishes": flood}),
        (
            staff,
            "staff_renovation_act",
            [site.project.pk, "pictures"],
            {"shows": "drawing", "caption": flood, "pictures": [picture()]},
        ),
    ]  # fmt: skip
    for person, name, args, data in forms:
        answer = browser(person).post(reverse(name, args=args), data)
        assert answer.status_code == 422, name
    assert [one.history.count() for one in (visit, booked)] == [1, 1]
    assert not Participation.objects.exclude(answer="undecided").exists()
    assert ProjectQuestion.objects.get().answer == ""
    assert RenovationPicture.objects.count() == 1


def test_an_emoji_that_fits__is_kept_whole(site: Site) -> None:
    words = "👨‍👩‍👧‍👦" * 40
    address = reverse("renovation_take_part", args=[site.project.pk, site.home.pk])
    assert browser(site.resident).post(address, {"answer": "yes", "wishes": words}).status_code == 302
    assert Participation.objects.get().wishes == words


def test_campaign_not_open__no_way_in_but_its_minute() -> None:
    """Neither a direct POST, nor the list, nor the API, nor the desk is earlier than the minute."""
    site = Site(opens_at=clock.now() + timedelta(minutes=5))
    slot, desk = site.slot(capacity=1), make_staff(role="front_desk", estate=site.estate)
    args = [site.project.pk, site.home.pk, site.item.pk]
    data = {"slot": slot.pk, "key": str(uuid4())}
    for person in (site.resident, desk):
        client = browser(person)
        assert client.post(reverse("renovation_times", args=args), data).status_code == 302
        assert client.get(reverse("renovation_times", args=args) + f"?slot={slot.pk}").status_code == 302
        whole = data | {"home": site.home.pk, "item": site.item.pk}
        for name in ("api_appointments", "api_renovation_wait"):
            answer = Client().post(
                reverse(name), whole, content_type="application/json", headers=api_headers(person)
            )
            assert (answer.status_code, answer.json()["code"]) == (409, "not_open")
    door = reverse("renovation_door", args=args[:2])
    browser(desk).post(door, data | {"item": site.item.pk})
    Slot.objects.filter(pk=slot.pk).update(taken=1)
    assert browser(site.resident).post(reverse("renovation_wait", args=args), data).status_code == 302
    assert not Place.objects.exists()
    assert not AppointmentWaiting.objects.exists()
