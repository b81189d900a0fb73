"""A full time is refused without the whole way through the action, but only where nothing else is to be said."""

from collections.abc import Callable
from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from community.core import clock
from services.renovation import actions
from services.renovation.models import Appointment, Campaign, NoiseHours, Participation, RenovationProject
from services.scheduling.actions import hold_place
from services.scheduling.models import Place, Slot, Waiting
from tests.factories.renovation import Site, make_appointment

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(site: Site) -> Slot:
    """A time whose only place is a neighbour's."""
    slot: Slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    make_appointment(site=site, home=home, resident=neighbour, slot=slot)
    return slot


def tap(site: Site, slot: Slot, key: UUID | None = None) -> HttpResponse:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(site.resident)
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    answer: HttpResponse = browser.post(address, {"key": str(key or uuid4()), "slot": slot.pk})
    return answer


def said(answer: HttpResponse) -> str:
    assert answer.status_code == 409
    return answer.content.decode()


def test_full__is_told__with_the_list_and_the_next_free_ones(site: Site, full: Slot) -> None:
    later = site.slot(at=time(14))
    page = said(tap(site, full))
    assert "This time has just been taken." in page
    assert reverse("renovation_wait", args=[site.project.pk, site.home.pk, site.item.pk]) in page
    assert f"slot={later.pk}" in page
    assert not Appointment.objects.filter(home=site.home).exists()


def test_full__asks_at_most_twelve_times(site: Site, full: Slot) -> None:
    tap(site, full)
    browser = Client()
    browser.force_login(site.resident)
    address = reverse("renovation_times", args=[site.project.pk, site.home.pk, site.item.pk])
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.post(address, {"key": str(uuid4()), "slot": full.pk}).status_code == 409
    assert len(asked) <= 12


def decline(site: Site, slot: Slot) -> None:
    Participation.objects.create(project=site.project, home=site.home, answer="no")


def book_another(site: Site, slot: Slot) -> None:
    make_appointment(site=site, slot=site.slot(at=time(14)))


def finish(site: Site, slot: Slot) -> None:
    RenovationProject.objects.update(status="finished")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (decline, "has said that it does not take part"),
        (book_another, "has a time for this work already"),
        (finish, "Booking is not open."),
    ],
)
def test_full__and_refused_for_another_reason__says_that_one(
    site: Site, full: Slot, change: Callable[[Site, Slot], None], words: str
) -> None:
    change(site, full)
    assert words in said(tap(site, full))


def test_full__by_ones_own_booking_sent_twice__is_that_booking(site: Site) -> None:
    slot, key = site.slot(capacity=1), uuid4()
    first, second = tap(site, slot, key), tap(site, slot, key)
    assert first.status_code == second.status_code == 302
    assert (
        first["Location"] == second["Location"] == reverse("appointment", args=[Appointment.objects.get().pk])
    )


def test_full__by_a_hold_that_has_run_out__is_booked(site: Site) -> None:
    slot: Slot = site.slot(capacity=1)
    _home, neighbour = site.neighbour()
    before = clock.now() - timedelta(hours=1)
    hold_place(slot=slot, resident=neighbour, by=neighbour, key=uuid4(), now=before)
    assert tap(site, slot).status_code == 302
    assert Appointment.objects.get().place.slot == slot


def test_full__by_the_place_that_is_kept_for_oneself__is_booked(site: Site, full: Slot) -> None:
    given = {"home": site.home, "item": site.item, "slot": full, "by": site.resident, "now": clock.now()}
    actions.wait_for_slot(**given)  # type: ignore[arg-type]
    [theirs] = Appointment.objects.all()
    actions.cancel_appointment(appointment=theirs, by=theirs.resident, reason="", now=clock.now())
    assert Waiting.objects.get().status == Waiting.Status.OFFERED
    assert tap(site, full).status_code == 302
    assert Place.objects.get(resident=site.resident).status == Place.Status.BOOKED


def test_full__before_its_campaign_opens__shows_the_times_only(site: Site, full: Slot) -> None:
    Campaign.objects.update(opens_at=clock.now() + timedelta(hours=1))
    assert tap(site, full).status_code == 302


def test_full__in_quiet_hours__says_so(full: Slot, site: Site) -> None:
    site.item.is_noisy = True
    site.item.save()
    for days in NoiseHours.Days.values:
        NoiseHours.objects.create(estate=site.estate, days=days, opens=time(3), closes=time(4))
    assert "Noisy work is not allowed at this time." in said(tap(site, full))
