"""What staff look for stands in no address: neither in one that is sent, nor in one that is shown."""

import re
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.care.models import CareBooking, CareService
from tests.factories import make_care_booking, make_resident, make_slot

FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def bookings(service: CareService, elder: User, home: Home) -> list[CareBooking]:
    """More than one page of one person's."""
    made = []
    for number in range(23):
        day = clock.today(clock.now()) + timedelta(days=2 + number)
        slot = make_slot(resource=service.resource, day=day, at=time(9))
        now = clock.now() - timedelta(minutes=number)
        made.append(make_care_booking(service=service, slot=slot, resident=elder, home=home, now=now))
    return made


def addresses(text: str) -> str:
    return " ".join(re.findall(r'(?:href|action|src)="([^"]*)"', text))


@pytest.mark.parametrize("name", ["care_find", "care_list"])
def test_search__is_posted__and_words_in_an_address_are_not_heard(
    desk: Client, bookings: list[CareBooking], elder: User, name: str
) -> None:
    empty = desk.get(reverse(name)).content.decode()
    (asking,) = (form for form in FORM.findall(empty) if 'name="words"' in form)
    assert 'method="post"' in asking
    sent = desk.get(reverse(name), {"words": "没有这个人"}).content.decode()
    assert "没有这个人" not in addresses(sent)
    if name == "care_list":
        assert bookings[0].reference in sent


@pytest.mark.parametrize("words", ["王秀英", "phone"])
def test_list__the_older_ones_of_a_search__are_posted_too(
    desk: Client, bookings: list[CareBooking], elder: User, words: str
) -> None:
    words = elder.phone_national if words == "phone" else words
    page = desk.post(reverse("care_list"), {"words": words})
    text = page.content.decode()
    assert bookings[19].reference in text
    assert bookings[20].reference not in text
    assert words not in addresses(text)
    (pager,) = (form for form in FORM.findall(text) if 'name="before"' in form)
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', pager))
    assert given["words"] == words
    given.pop("csrfmiddlewaretoken")
    older = desk.post(reverse("care_list"), given).content.decode()
    assert bookings[20].reference in older
    assert bookings[19].reference not in older
    assert words not in addresses(older)


def test_list__the_other_filters__have_an_address_that_can_be_sent_on(
    desk: Client, bookings: list[CareBooking], service: CareService
) -> None:
    answer = desk.post(reverse("care_list"), {"service": service.pk, "status": "booked", "words": ""})
    assert f"service={service.pk}" in answer.headers["Location"]
    assert "status=booked" in answer.headers["Location"]
    assert "words" not in answer.headers["Location"]


def test_list__the_number_of_who_booked_it__finds_the_booking(
    desk: Client, service: CareService, elder: User
) -> None:
    daughter = make_resident(name="王芳")
    booked = make_care_booking(service=service, resident=elder, reported_by=daughter)
    other = make_care_booking(
        resident=elder, service=service, slot=make_slot(resource=service.resource, at=time(15))
    )

    text = desk.post(reverse("care_list"), {"words": daughter.phone_national}).content.decode()

    assert booked.reference in text
    assert other.reference not in text
