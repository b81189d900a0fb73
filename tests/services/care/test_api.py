"""The care API: the same rules as the pages, as problems that a program can read."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.care.home_codes import carer_code
from services.care.models import CareBooking, CareService
from services.fees.models import Bill
from services.scheduling.models import Place, Slot
from tests.factories import (
    make_care_booking,
    make_care_service,
    make_carer,
    make_delegation,
    make_home,
    make_resident,
    make_slot,
    make_user,
)
from tests.services.repairs.api import Api, problem

pytestmark = pytest.mark.django_db


def test_catalogue_and_times__what_is_free(service: CareService, slot: Slot, elder: User) -> None:
    make_care_service(estate=service.estate, is_offered=False)
    make_care_service()
    api = Api(elder)
    assert [one["id"] for one in api.get("care-services/").json()] == [service.pk]
    times = api.get(f"care-services/{service.pk}/times/").json()
    assert [(one["id"], one["free"]) for one in times] == [(slot.pk, 2)]
    day = clock.today(slot.starts_at)
    assert len(api.get(f"care-services/{service.pk}/times/", on=day.isoformat()).json()) == 1
    assert api.get(f"care-services/{service.pk}/times/", on=(day + timedelta(1)).isoformat()).json() == []
    wrong = api.get(f"care-services/{service.pk}/times/", on="morgen")
    assert list(problem(wrong, 400, "invalid")["errors"]) == ["on"]
    assert Api(make_resident()).get(f"care-services/{service.pk}/times/").status_code == 404


def test_book__twice_with_one_key__is_one_booking(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    api, key = Api(elder), str(uuid4())
    first = api.post("care-bookings/", service=service.pk, slot=slot.pk, key=key)
    again = api.post("care-bookings/", service=service.pk, slot=slot.pk, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    body = first.json()
    assert again.json()["id"] == body["id"]
    assert (body["home"], body["status"], body["price_fen"], body["slot"]) == (
        home.pk,
        "booked",
        6000,
        slot.pk,
    )
    assert body["verbs"] == ["cancel_booking", "move_booking"]
    assert len(body["start_code"]) == 4
    slot.refresh_from_db()
    assert slot.taken == 1
    assert [one["id"] for one in api.get("care-bookings/").json()["results"]] == [body["id"]]


def test_book__for_ones_mother(service: CareService, slot: Slot, elder: User) -> None:
    son = make_user()
    asked = {"service": service.pk, "slot": slot.pk, "resident": elder.pk}
    assert Api(son).post("care-bookings/", **asked).status_code in (400, 403)
    make_delegation(resident=elder, delegate=son, service="care")
    body = Api(son).post("care-bookings/", **asked).json()
    assert (body["resident"]["id"], body["reported_by"]["id"]) == (elder.pk, son.pk)
    assert CareBooking.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"service": 999999}, "service"),
        ({"service": "x"}, "service"),
        ({"service": None}, "service"),
        ({"slot": 999999}, "slot"),
        ({"slot": -1}, "slot"),
        ({"resident": 999999}, "resident"),
        ({"home": 999999}, "home"),
        ({"key": "x"}, "key"),
        ({"answer": "痛" * 201}, "answer"),
    ],
)
def test_book__bad_input__named_and_nothing_written(
    given: dict[str, object], field: str, service: CareService, slot: Slot, elder: User
) -> None:
    asked = {"service": service.pk, "slot": slot.pk} | given
    body = problem(Api(elder).post("care-bookings/", **asked), 400, "invalid")
    assert list(body["errors"]) == [field]
    assert not Place.objects.exists()


def test_book__rules__refused_as_problems_and_no_place_is_kept(
    service: CareService, slot: Slot, elder: User
) -> None:
    api = Api(elder)
    others = make_slot()
    asked = {"service": service.pk, "slot": slot.pk}
    wrong = problem(api.post("care-bookings/", **asked | {"slot": others.pk}), 400, "invalid")
    assert list(wrong["errors"]) == ["slot"]
    Slot.objects.filter(pk=slot.pk).update(starts_at=clock.now() - timedelta(hours=1))
    assert list(problem(api.post("care-bookings/", **asked), 409, "slot_past")["errors"]) == ["slot"]
    CareService.objects.filter(pk=service.pk).update(question="哪家医院？", needs_answer=True)
    assert list(problem(api.post("care-bookings/", **asked), 400, "invalid")["errors"]) == ["answer"]
    CareService.objects.filter(pk=service.pk).update(is_offered=False)
    problem(api.post("care-bookings/", **asked, answer="中医院"), 409, "not_offered")
    neighbours = make_home(estate=service.estate)
    wrong = problem(api.post("care-bookings/", **asked, home=neighbours.pk), 400, "invalid")
    assert list(wrong["errors"]) in (["home"], ["answer"])
    assert not Place.objects.exists()


def test_booking__of_a_stranger__is_not_there(elder: User) -> None:
    booking = make_care_booking(resident=elder)
    api = Api(make_resident())
    assert api.get(f"care-bookings/{booking.pk}/").status_code == 404
    assert api.post(f"care-bookings/{booking.pk}/cancel/").status_code == 404
    assert api.get("care-bookings/").json()["results"] == []


def test_booking__with_a_long_history__asks_no_more_queries(
    elder: User, django_assert_max_num_queries: Any
) -> None:
    booking, api, counts = make_care_booking(resident=elder), Api(elder), []
    for steps in (2, 8):
        while booking.history.count() < steps:
            booking.history.create(
                to_status="booked",
                actor=make_user(),
                on_behalf_of=make_user(),
                at=clock.now(),
                starts_at=booking.starts_at,
            )
        with django_assert_max_num_queries(4) as asked:
            body = api.get(f"care-bookings/{booking.pk}/").json()
        assert len(body["history"]) == steps
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_start_code__for_the_elder_and_who_acts_for_them__never_for_who_comes_or_staff(
    service: CareService, elder: User, carer: User, coordinator: User
) -> None:
    booking = make_care_booking(service=service, resident=elder, carer=carer)
    daughter = make_delegation(resident=elder, service="care").delegate
    for reader, code in ((elder, "4711"), (daughter, "4711"), (carer, ""), (coordinator, "")):
        assert Api(reader).get(f"care-bookings/{booking.pk}/").json()["start_code"] == code
    make_delegation(resident=elder, delegate=carer, service="care")
    assert Api(carer).get(f"care-bookings/{booking.pk}/").json()["start_code"] == ""
    make_delegation(resident=elder, delegate=coordinator, service="care")
    assert Api(coordinator).get(f"care-bookings/{booking.pk}/").json()["start_code"] == "4711"


def test_carer_code__for_both_sides_of_the_door_and_another_for_another_carer(
    service: CareService, elder: User, carer: User, coordinator: User
) -> None:
    booking = make_care_booking(service=service, resident=elder)
    asked = f"care-bookings/{booking.pk}/"
    assert Api(elder).get(asked).json()["carer_code"] == ""
    booking.carer = carer
    booking.save()
    code = Api(elder).get(asked).json()["carer_code"]
    assert re.fullmatch(r"\d\d", code)
    assert Api(carer).get(asked).json()["carer_code"] == code
    assert Api(coordinator).get(asked).json()["carer_code"] == ""
    codes = set()
    for _number in range(3):
        booking.carer = make_carer(provider=service.provider).user
        codes.add(carer_code(booking))
    assert codes != {code}


def test_scopes__reading_does_not_book_and_a_resident_has_no_visits(
    service: CareService, slot: Slot, elder: User
) -> None:
    reads = Api(elder, "care:read")
    assert reads.post("care-bookings/", service=service.pk, slot=slot.pk).status_code == 403
    assert reads.get("care-visits/").status_code == 403
    assert Api(None).get("care-services/").status_code == 401


def test_move_and_cancel__free_the_place(service: CareService, slot: Slot, elder: User) -> None:
    api = Api(elder)
    pk = api.post("care-bookings/", service=service.pk, slot=slot.pk).json()["id"]
    later = make_slot(resource=service.resource, day=clock.today(slot.starts_at) + timedelta(days=1))
    assert list(problem(api.post(f"care-bookings/{pk}/move/", slot=999999), 400, "invalid")["errors"]) == [
        "slot"
    ]
    assert list(problem(api.post(f"care-bookings/{pk}/move/"), 400, "invalid")["errors"]) == ["slot"]
    assert api.post(f"care-bookings/{pk}/move/", slot=later.pk).json()["slot"] == later.pk
    body = api.post(f"care-bookings/{pk}/cancel/", reason="女儿来了").json()
    assert (body["status"], body["verbs"]) == ("cancelled", ["book_again"])
    problem(api.post(f"care-bookings/{pk}/move/", slot=slot.pk), 409, "already_moved")
    assert set(Slot.objects.values_list("taken", flat=True)) == {0}


def test_visit__started_with_the_code__finished__and_rated(
    service: CareService, elder: User, carer: User
) -> None:
    booking = make_care_booking(
        service=service, resident=elder, carer=carer, slot=make_slot(resource=service.resource)
    )
    Slot.objects.filter(pk=booking.place.slot_id).update(starts_at=clock.now() - timedelta(minutes=5))
    api, url = Api(carer), f"care-visits/{booking.pk}"
    assert [one["id"] for one in api.get("care-visits/").json()["results"]] == [booking.pk]
    assert list(problem(api.get("care-visits/", on="x"), 400, "invalid")["errors"]) == ["on"]
    assert list(problem(api.post(f"{url}/start/"), 400, "invalid")["errors"]) == ["code"]
    assert list(problem(api.post(f"{url}/missed/"), 400, "invalid")["errors"]) == ["reason"]
    problem(api.post(f"{url}/start/", code="0000"), 409, "wrong_code")
    started = api.post(f"{url}/start/", code="4711").json()
    assert (started["status"], started["start_code"]) == ("under_way", "")
    problem(api.post(f"{url}/missed/", reason="没人"), 409, "already_moved")
    assert api.post(f"{url}/finish/", words="水温正好").json()["status"] == "done"
    assert Bill.objects.get().charged_to == elder
    thumb = f"care-bookings/{booking.pk}/thumb/"
    assert list(problem(Api(elder).post(thumb), 400, "invalid")["errors"]) == ["is_up"]
    problem(api.post(thumb, is_up=True), 403, "forbidden")
    assert Api(elder).post(thumb, is_up=True).json()["thumb"] is True
    assert Api(elder).post(thumb, is_up=False).json()["thumb"] is True


def test_visit__of_another_carer__is_not_there(service: CareService, elder: User, carer: User) -> None:
    booking = make_care_booking(service=service, resident=elder)
    for verb in ("start", "finish", "missed"):
        given = {"code": "4711", "reason": "没人"}
        assert Api(carer).post(f"care-visits/{booking.pk}/{verb}/", **given).status_code == 404


def test_book__for_a_stranger__is_answered_as_for_nobody(
    service: CareService, slot: Slot, elder: User
) -> None:
    """Whether a number is a person's is not told to whoever tries numbers."""
    neighbour = make_resident(home=make_home(estate=service.estate))
    asked = {"service": service.pk, "slot": slot.pk}
    told = [
        problem(Api(elder).post("care-bookings/", **asked, resident=pk), 400, "invalid")["errors"]
        for pk in (neighbour.pk, 999999)
    ]
    assert told[0] == told[1]
