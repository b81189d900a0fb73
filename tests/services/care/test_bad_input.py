"""What no calendar and no database counts with is answered, never with an error of ours."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.estates.models import Home
from services.care.models import CareBooking, CareService
from services.scheduling.models import Slot
from tests.factories import make_care_booking
from tests.services.repairs.api import Api

EDGES = ["0001-01-01", "9999-12-31", "0001-01-02", "1899-12-31"]
HUGE = [2**31, 2**63, 10**17, -(2**63) - 1, 10**40]
KEYS = ["9" * 18, "9" * 19, "9" * 5000, "-1", "x", "1\x00", "１２"]


@pytest.fixture
def booking(service: CareService, slot: Slot, elder: User, home: Home, carer: User) -> CareBooking:
    return make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)


@pytest.mark.parametrize("day", EDGES)
def test_days__at_the_edge_of_the_calendar__on_the_pages(
    client: Client, booking: CareBooking, elder: User, coordinator: User, day: str
) -> None:
    client.force_login(elder)
    for url in (
        reverse("care_service", args=[booking.service_id]),
        reverse("care_move", args=[booking.pk]),
    ):
        for name in ("from", "on"):
            assert client.get(url, {name: day}).status_code == 200
    client.force_login(coordinator)
    for name, asked in (("care_list", "on"), ("care_week", "week"), ("care_week_live", "week")):
        assert client.get(reverse(name), {asked: day}).status_code == 200
    assert client.post(reverse("care_list"), {"on": day, "words": "王"}).status_code == 200
    act = reverse("care_desk_act", args=[booking.pk, "arrange"])
    assert client.post(act, {"carer": booking.carer_id, "on": day}).status_code == 422


@pytest.mark.parametrize("day", EDGES)
def test_days__at_the_edge_of_the_calendar__in_the_api(
    booking: CareBooking, elder: User, carer: User, day: str
) -> None:
    answer = Api(elder).get(f"care-services/{booking.service_id}/times/", on=day)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["on"])
    assert Api(carer).get("care-visits/", on=day).status_code == 400


@pytest.mark.parametrize("number", HUGE)
def test_numbers__too_large_for_a_key__in_the_api(
    service: CareService, slot: Slot, booking: CareBooking, elder: User, number: int
) -> None:
    api = Api(elder)
    asked = {"service": service.pk, "slot": slot.pk}
    for name in ("service", "slot", "resident", "home"):
        assert api.post("care-bookings/", **asked | {name: number}).status_code == 400
    assert api.post(f"care-bookings/{booking.pk}/move/", slot=number).status_code == 400
    for path in ("care-bookings/{}/", "care-services/{}/times/"):
        assert api.get(path.format(number)).status_code == 404
    assert api.post(f"care-bookings/{number}/cancel/").status_code == 404


@pytest.mark.parametrize("key", KEYS)
def test_keys__that_are_none__on_the_pages(
    client: Client, booking: CareBooking, elder: User, coordinator: User, carer: User, key: str
) -> None:
    when, move = (reverse("care_service", args=[booking.service_id]), reverse("care_move", args=[booking.pk]))
    client.force_login(elder)
    for url in (when, move):
        assert client.post(url, {"slot": key, "key": key}).status_code == 404
    assert client.get(reverse("care"), {"for": key}).status_code == 404
    assert client.get(reverse("care"), {"home": key}).status_code == 404
    for before in (key, f"{key}-1", f"1-{key}", f"{key}-{key}"):
        assert client.get(reverse("care_bookings"), {"before": before}).status_code == 200
    client.force_login(coordinator)
    assert client.get(reverse("care_week"), {"estate": key}).status_code == 404
    for name in ("service", "carer", "status", "on", "before"):
        assert client.get(reverse("care_list"), {name: key}).status_code == 200
    arrange = reverse("care_desk_act", args=[booking.pk, "arrange"])
    assert client.post(arrange, {"carer": key}).status_code == 422
    assert client.get(reverse("care_codes"), {"homes": key}).status_code == 404


@pytest.mark.parametrize("words", ["\x00", "王\x00", "1" * 60, "%_", "'\"\\", "😀" * 30])
def test_words__that_no_name_has(
    client: Client, booking: CareBooking, elder: User, coordinator: User, carer: User, words: str
) -> None:
    client.force_login(coordinator)
    for name in ("care_find", "care_list"):
        assert client.post(reverse(name), {"words": words}).status_code in {200, 302, 422}
    client.force_login(carer)
    start = reverse("care_visit_act", args=[booking.pk, "start"])
    assert client.post(start, {"code": words}).status_code in {409, 422}
    client.force_login(elder)
    assert client.post(reverse("care_cancel", args=[booking.pk]), {"reason": words}).status_code in {302, 422}


def test_uuids__that_are_none__in_the_api(service: CareService, slot: Slot, elder: User) -> None:
    for key in ("x", "0" * 33, "\x00", str(uuid4()) + "0"):
        answer = Api(elder).post("care-bookings/", service=service.pk, slot=slot.pk, key=key)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["key"])


def test_words__with_a_character_that_is_none__are_kept_without_it(
    service: CareService, slot: Slot, elder: User
) -> None:
    answer = Api(elder).post("care-bookings/", service=service.pk, slot=slot.pk, answer="痛\x00", agrees=True)
    assert answer.status_code == 201
    assert answer.json()["answer"] == "痛"
