"""What crew, desk and coordinator send that cannot be: it is refused in words, and nothing is half-written."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from community.core import clock
from services.renovation.models import Appointment, Campaign, ProjectQuestion, RenovationPicture
from tests.factories.renovation import Site, make_appointment, make_work_item
from tests.services.renovation.people import browser, coordinator, picture
from tests.support.access_rows import api_headers
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db

SCRIPT = SimpleUploadedFile("photo.jpg", b"<script>alert(1)</script>", "image/jpeg")


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
    address = reverse(name, args=[site.project.pk, 987_654]).replace("987654", str(number))
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
