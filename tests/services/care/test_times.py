"""The times as people see them who have begun to book, and gone back: what is kept for them is theirs to choose."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.care import times
from services.care.models import CareBooking, CareService
from services.scheduling.models import Place, Slot
from tests.factories import make_care_booking, make_care_draft, make_care_service, make_resident, make_slot


@pytest.fixture
def last(service: CareService) -> Slot:
    """The only place at that time."""
    return make_slot(resource=service.resource, at=time(14), capacity=1)


@pytest.fixture
def meals(home: Home) -> CareService:
    return make_care_service(estate=home.estate, name="午餐", kind=CareService.Kind.MEALS, needs_carer=False)


@pytest.fixture
def lunch(meals: CareService) -> Slot:
    """Tomorrow's, the last one."""
    tomorrow = clock.today(clock.now()) + timedelta(days=1)
    return make_slot(resource=meals.resource, day=tomorrow, at=time(11, 30), capacity=1)


def free_for(service: CareService, person: User, *, moved: CareBooking | None = None) -> list[int]:
    days, _more = times.days_of(service, person, clock.now(), is_helper=False, moved=moved)
    return [time.free for day in days for time in day.times if not time.is_mine]


def test_when__back_from_the_check__the_place_kept_can_be_chosen_again(
    client: Client, service: CareService, elder: User, home: Home, last: Slot
) -> None:
    client.force_login(elder)
    url = reverse("care_service", args=[service.pk])
    check = client.post(url, {"slot": last.pk, "key": str(uuid4())}, follow=True)
    query = f"?for={elder.pk}&home={home.pk}"
    assert f'href="{escape(url + query)}"' in check.content.decode()
    back = client.get(url + query).content.decode()
    assert f'value="{last.pk}"' in back
    assert reverse("care_wait", args=[last.pk]) not in back
    again = client.post(url, {"slot": last.pk, "key": str(uuid4())}, follow=True)
    client.post(again.redirect_chain[-1][0])
    assert CareBooking.objects.get().place.slot == last
    assert Place.objects.count() == 1


def test_days__kept_for_somebody_else_or_not_any_more__is_full(
    service: CareService, elder: User, home: Home, last: Slot
) -> None:
    make_care_draft(service=service, resident=elder, home=home, slot=last)
    assert free_for(service, elder) == [1]
    assert free_for(service, make_resident(home=home)) == [0]
    other = make_care_booking(service=service, resident=elder, home=home, slot=make_slot(at=time(18)))
    assert free_for(service, elder, moved=other) == [0]
    Place.objects.update(held_until=clock.now())
    # It ran out: free for everybody.
    assert free_for(service, make_resident(home=home)) == [1]


def test_days__booked__is_mine_and_not_to_be_chosen(
    service: CareService, elder: User, home: Home, last: Slot
) -> None:
    make_care_booking(service=service, resident=elder, home=home, slot=last)
    assert free_for(service, elder) == []


def test_times__at_the_time_of_another_visit__are_marked_and_not_offered(
    service: CareService, elder: User, home: Home, last: Slot
) -> None:
    other = make_care_service(estate=home.estate, name="助医")
    visit = make_slot(resource=other.resource, day=clock.today(last.starts_at), at=time(14, 15))
    make_care_booking(service=other, resident=elder, home=home, slot=visit)
    client = Client()
    client.force_login(elder)
    page = client.get(reverse("care_service", args=[service.pk]), {"on": clock.today(last.starts_at)})
    html = page.content.decode()
    assert "您已有预约" in html
    assert f'name="slot" value="{last.pk}"' not in html
    assert f'name="slot" value="{last.pk}"' in client_of(make_resident(home=home), service, last)


def client_of(person: User, service: CareService, slot: Slot) -> str:
    client = Client()
    client.force_login(person)
    address = reverse("care_service", args=[service.pk])
    return client.get(address, {"on": clock.today(slot.starts_at)}).content.decode()


def test_tomorrows_meal__the_last_one_is_kept_for_them__is_still_offered(
    client: Client, meals: CareService, lunch: Slot, elder: User, home: Home
) -> None:
    make_care_draft(service=meals, resident=elder, home=home, slot=lunch)
    assert times.tomorrows_meal([meals], elder, clock.now()) == (meals, lunch)
    assert times.tomorrows_meal([meals], make_resident(home=home), clock.now()) is None
    client.force_login(elder)
    assert "明天午餐" in client.get(reverse("care")).content.decode()


def test_month__days_with_places_and_full_ones__lead_to_their_times(service: CareService, home: Home) -> None:
    today = clock.today(clock.now())
    far = today + timedelta(days=40)
    make_slot(resource=service.resource, day=far, at=time(9), capacity=1)
    make_slot(resource=service.resource, day=far, at=time(14), capacity=2)
    client = Client()
    client.force_login(make_resident(home=home))
    address = reverse("care_service", args=[service.pk])
    page = client.get(address, {"home": home.pk, "month": far.isoformat()})
    link = f"on={far.isoformat()}"
    assert link in page.content.decode()
    assert "剩3" in page.content.decode()
    opened = client.get(address, {"home": home.pk, "on": far.isoformat()})
    assert [moment.free for moment in opened.context["chosen"].times] == [1, 2]


def test_full_time__leads_to_the_next_free_ones(service: CareService, home: Home, last: Slot) -> None:
    later = make_slot(
        resource=service.resource, day=clock.today(last.starts_at) + timedelta(days=1), at=time(9)
    )
    Slot.objects.filter(pk=last.pk).update(taken=1)
    client = Client()
    client.force_login(make_resident(home=home))
    address = reverse("care_wait", args=[last.pk])
    page = client.get(address, {"home": home.pk})
    assert [slot.pk for slot in page.context["next_free"]] == [later.pk]
    chosen = client.post(
        reverse("care_service", args=[service.pk]), {"slot": later.pk, "home": home.pk, "key": uuid4()}
    )
    assert chosen.status_code == 302
    assert Place.objects.get(slot=later).status == Place.Status.HELD
