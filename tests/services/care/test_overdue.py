"""A visit that was begun and never finished: seen first, and finished by the coordinator."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.care import actions
from services.care.models import CareBooking, CareService
from services.fees.models import Bill
from services.scheduling.models import Slot
from tests.factories import make_care_booking, make_slot, make_staff

S = CareBooking.Status
WORDS = "护理员忘了点结束"


def begin_at(moment: datetime, **given: Any) -> CareBooking:
    booked = moment - timedelta(days=1)
    visit = make_care_booking(status=S.UNDER_WAY, now=booked, **given)
    CareBooking.objects.filter(pk=visit.pk).update(status_changed_at=moment)
    return CareBooking.objects.with_people().get(pk=visit.pk)


@pytest.fixture
def begun(service: CareService, elder: User, carer: User) -> CareBooking:
    """Begun three hours ago by a carer who has left since; it lasts an hour."""
    ago = clock.now() - timedelta(hours=3)
    slot = make_slot(resource=service.resource, starts_at=ago)
    visit = begin_at(ago, service=service, resident=elder, slot=slot, carer=carer)
    StaffRole.objects.filter(user=carer).delete()
    return visit


@pytest.mark.parametrize("role", [StaffRole.Role.CARE_COORDINATOR, StaffRole.Role.MANAGER])
def test_close__by_the_coordinator__bills_it_once_and_says_so(begun: CareBooking, role: str) -> None:
    by = make_staff(role=role, estate=begun.estate)
    for _n in range(2):
        actions.close_visit(booking=begun, by=by, reason=WORDS, now=clock.now())
    begun.refresh_from_db()
    assert begun.status == S.DONE
    assert Bill.objects.get() == begun.bill
    assert begun.history.last().reason == WORDS
    assert OutboxMessage.objects.filter(template="care_done", recipient=begun.resident).count() == 1


def test_close__without_a_reason_or_by_others__is_refused(begun: CareBooking, coordinator: User) -> None:
    with pytest.raises(ActionError) as refused:
        actions.close_visit(booking=begun, by=coordinator, reason=" ", now=clock.now())
    assert refused.value.code == "reason_missing"
    for person in (begun.resident, begun.carer, make_staff(estate=begun.estate)):
        with pytest.raises(Forbidden):
            actions.close_visit(booking=begun, by=person, reason=WORDS, now=clock.now())
    begun.refresh_from_db()
    assert (begun.status, Bill.objects.count()) == (S.UNDER_WAY, 0)


def test_close__of_what_was_not_begun__is_refused(
    service: CareService, slot: Slot, elder: User, coordinator: User
) -> None:
    ahead = make_care_booking(service=service, slot=slot, resident=elder)
    with pytest.raises(AlreadyMoved):
        actions.close_visit(booking=ahead, by=coordinator, reason=WORDS, now=clock.now())


def test_overdue__stands_first_on_the_week_and_the_list__and_is_finished_on_its_page(
    client: Client, begun: CareBooking, service: CareService, slot: Slot, coordinator: User
) -> None:
    other = make_care_booking(service=service, slot=slot)
    client.force_login(coordinator)
    for name in ("care_week", "care_list"):
        text = client.get(reverse(name)).content.decode()
        assert "没有结束" in text
        first = reverse("care_desk_booking", args=[begun.pk])
        assert 0 < text.index(first) < text.index(reverse("care_desk_booking", args=[other.pk]))
    page = reverse("care_desk_act", args=[begun.pk, "close"])
    assert client.post(page, {"reason": ""}).status_code == 422
    assert client.post(page, {"reason": WORDS}).status_code == 302
    assert "没有结束" not in client.get(reverse("care_list")).content.decode()


def test_overdue__what_was_just_begun__is_not(begun: CareBooking, client: Client, coordinator: User) -> None:
    CareBooking.objects.update(status_changed_at=clock.now() - timedelta(minutes=70))
    client.force_login(coordinator)
    assert "没有结束" not in client.get(reverse("care_week")).content.decode()


def test_carer__of_yesterday__still_finds_what_is_to_be_finished(
    client: Client, service: CareService, elder: User, carer: User
) -> None:
    day_before = clock.now() - timedelta(days=1)
    slot = make_slot(resource=service.resource, starts_at=day_before)
    visit = begin_at(day_before, service=service, resident=elder, slot=slot, carer=carer)
    client.force_login(carer)
    assert reverse("care_visit", args=[visit.pk]) in client.get(reverse("care_work")).content.decode()
