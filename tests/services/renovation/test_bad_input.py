"""What cannot be: each form and each verb of the API names the field, and nothing is half-written."""

import io
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Campaign,
    Participation,
    ProjectQuestion,
    RenovationPicture,
)
from services.scheduling.models import Place, Slot
from tests.factories import make_staff
from tests.factories.renovation import Site, make_appointment, make_picture, make_work_item
from tests.support.access_rows import api_headers
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return Site()


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def coordinator(site: Site) -> User:
    return make_staff(role="renovation_coordinator", estate=site.estate)


def picture(name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_picture().read(), "image/jpeg")


SCRIPT = SimpleUploadedFile("photo.jpg", b"<script>alert(1)</script>", "image/jpeg")


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


@pytest.mark.parametrize("uploads", [[], [SCRIPT], [picture(), SCRIPT]])
def test_crew_start__bad_pictures__is_not_begun(site: Site, uploads: list[Any]) -> None:
    visit = make_appointment(site=site)
    for upload in uploads:
        upload.seek(0)
    address = reverse("crew_act", args=[visit.pk, "start"])
    answer = browser(site.member).post(address, {"key": uuid4(), "before_pictures": uploads})
    assert answer.status_code == 422
    visit.refresh_from_db()
    assert visit.status == "booked"
    assert not RenovationPicture.objects.exists()


def test_crew__bad_key_or_verb(site: Site) -> None:
    visit = make_appointment(site=site)
    client = browser(site.member)
    assert client.post(reverse("crew_act", args=[visit.pk, "dance"])).status_code == 404
    assert client.post(reverse("crew_act", args=[visit.pk, "start"]), {"key": "x"}).status_code == 422
    assert client.post(reverse("crew_act", args=[visit.pk, "finish"]), {"key": uuid4()}).status_code == 422
    many = [picture(f"{number}.jpg") for number in range(7)]
    answer = client.post(
        reverse("crew_act", args=[visit.pk, "start"]), {"key": uuid4(), "before_pictures": many}
    )
    assert "At most 6" in answer.content.decode()
    assert not RenovationPicture.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"item": ""}, {"building": "99999"}, {"crew": "x"}, {"opens_at": ""}, {"opens_at": "yesterday"}],
)
def test_campaign__bad__opens_nothing(site: Site, change: dict[str, str]) -> None:
    Campaign.objects.all().delete()
    site.slot()
    data = {
        "item": site.item.pk,
        "building": site.building.pk,
        "crew": site.crew.pk,
        "opens_at": "2026-12-01T09:00",
    }
    client = browser(coordinator(site))
    address = reverse("staff_renovation_act", args=[site.project.pk, "campaign"])
    assert client.post(address, data | change).status_code == 422
    assert not Campaign.objects.exists()
    assert client.post(address, data).status_code == 302
    assert Campaign.objects.get().building == site.building


def test_shared_pictures__bad__keeps_none(site: Site) -> None:
    shared = make_work_item(project=site.project, name="道路", where="grounds")
    client = browser(coordinator(site))
    address = reverse("staff_renovation_act", args=[site.project.pk, "pictures"])
    SCRIPT.seek(0)
    for data in (
        {"shows": "before", "item": shared.pk},
        {"shows": "before", "pictures": [picture()]},
        {"shows": "drawing", "item": shared.pk, "pictures": [picture()]},
        {"shows": "nonsense", "pictures": [picture()]},
        {"shows": "before", "item": shared.pk, "pictures": [picture(), SCRIPT]},
    ):
        assert client.post(address, data).status_code == 422
    assert not RenovationPicture.objects.exists()
    assert (
        client.post(address, {"shows": "before", "item": shared.pk, "pictures": [picture()]}).status_code
        == 302
    )


def test_staff_forms__bad__change_nothing(site: Site) -> None:
    question = ProjectQuestion.objects.create(
        project=site.project, key=uuid4(), words="颜色？", asked_by=site.resident, created_at=clock.now()
    )
    visit = make_appointment(site=site)
    client = browser(coordinator(site))
    questions = reverse("staff_renovation_questions", args=[site.project.pk])
    assert client.post(questions, {"question": question.pk, "answer": " "}).status_code == 422
    assert client.post(questions, {"question": "x", "answer": "灰"}).status_code == 404
    for verb, data in (("move", {"slot": "x"}), ("move", {}), ("cancel", {}), ("missed", {})):
        address = reverse("staff_appointment_act", args=[visit.pk, verb])
        assert client.post(address, data).status_code == 422, verb
    act = reverse("staff_renovation_act", args=[site.project.pk, "stage"])
    assert client.post(act, {"item": site.item.pk, "stage": "done"}).status_code == 409
    assert client.post(reverse("staff_renovation_act", args=[site.project.pk, "dance"])).status_code == 404
    visit.refresh_from_db()
    question.refresh_from_db()
    assert (visit.status, question.answer) == ("booked", "")


def test_door__bad__registers_and_books_nobody(site: Site) -> None:
    home, resident = site.neighbour()
    resident.residencies.all().delete()
    slot = site.slot()
    client = browser(coordinator(site))
    address = reverse("renovation_door", args=[site.project.pk, home.pk])
    good = {"item": site.item.pk, "slot": slot.pk, "key": uuid4(), "name": "何奶奶"}
    for change in ({"name": ""}, {"phone": "123"}, {"slot": ""}, {"slot": 999999}):
        assert client.post(address, good | change).status_code == 422, change
    assert not home.residencies.exists()
    assert not Appointment.objects.exists()
    assert client.post(address, good).status_code == 302
    assert Appointment.objects.get().home == home


def test_pictures__bombs_are_refused_and_private_ones_stay_private(site: Site) -> None:
    from PIL import Image

    visit = make_appointment(site=site)
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    address = reverse("crew_act", args=[visit.pk, "start"])
    upload = SimpleUploadedFile("bomb.png", bomb.getvalue(), "image/png")
    answer = browser(site.member).post(address, {"key": uuid4(), "before_pictures": [upload]})
    assert answer.status_code == 422
    assert "too many pixels" in answer.content.decode()
    kept = SimpleUploadedFile("a.jpg", a_picture().read(), "image/jpeg")
    browser(site.member).post(address, {"key": uuid4(), "before_pictures": [kept]})
    found = RenovationPicture.objects.get()
    _home, neighbour = site.neighbour()
    private = reverse("renovation_picture", args=[found.pk, "small"])
    assert browser(site.resident).get(private).status_code == 200
    assert browser(neighbour).get(private).status_code == 404
    assert browser(site.resident).get(private.replace("small", "huge")).status_code == 404


@pytest.mark.parametrize("flood", ["长" * 10_000, "😀" * 10_000, "👨‍👩‍👧‍👦" * 2_000, "\x00\u202e" * 3_000])
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


@pytest.mark.parametrize("opens_at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_campaign__a_day_that_nobody_lives_to_see__is_refused(site: Site, opens_at: str) -> None:
    site.slot()
    before = site.campaign.opens_at
    data = {"item": site.item.pk, "building": site.building.pk, "crew": site.crew.pk, "opens_at": opens_at}
    address = reverse("staff_renovation_act", args=[site.project.pk, "campaign"])
    assert browser(coordinator(site)).post(address, data).status_code == 422
    assert Campaign.objects.get().opens_at == before


def test_campaign__already_open__is_not_put_off(site: Site) -> None:
    site.slot()
    data = {"item": site.item.pk, "building": site.building.pk, "crew": site.crew.pk}
    address = reverse("staff_renovation_act", args=[site.project.pk, "campaign"])
    later = data | {"opens_at": f"{clock.local(clock.now()) + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    answer = browser(coordinator(site)).post(address, later)
    assert answer.status_code == 422
    assert "open already" in answer.content.decode()


def test_project__finished_while_homes_wait__is_refused(site: Site) -> None:
    make_appointment(site=site)
    address = reverse("staff_renovation_act", args=[site.project.pk, "advance"])
    assert browser(coordinator(site)).post(address, {"to": "finished"}).status_code == 409
    site.project.refresh_from_db()
    assert site.project.status != "finished"


@pytest.mark.parametrize("number", [10**30, 9_223_372_036_854_775_808, 0])
@pytest.mark.parametrize(
    "name",
    [
        "renovation_building",
        "renovation_building_live",
        "staff_renovation_building",
        "staff_renovation_building_live",
        "api_renovation_building",
    ],
)
def test_building__of_a_number_that_none_has__is_not_found(site: Site, name: str, number: int) -> None:
    boss = coordinator(site)
    headers = api_headers(boss) if name.startswith("api") else {}
    address = reverse(name, args=[site.project.pk, number])
    assert browser(boss).get(address, headers=headers).status_code == 404


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "-1", "²", "", "\x00"])
def test_numbers_in_staff_forms__that_none_has__are_not_found(site: Site, number: str) -> None:
    boss = browser(coordinator(site))
    stage = reverse("staff_renovation_act", args=[site.project.pk, "stage"])
    assert boss.post(stage, {"item": number, "stage": "done"}).status_code == 404
    questions = reverse("staff_renovation_questions", args=[site.project.pk])
    assert boss.post(questions, {"question": number, "answer": "好"}).status_code == 404
    door = reverse("renovation_door", args=[site.project.pk, site.home.pk])
    assert boss.post(door, {"item": number}).status_code == 404
