"""Who reads what an elder told in confidence: it is written down, or it is one's own."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.care import actions
from services.care.models import CareBooking, CareService
from services.scheduling.models import Slot
from tests.factories import make_care_booking, make_care_draft, make_delegation, make_staff
from tests.services.repairs.api import Api

Role = StaffRole.Role
S = CareBooking.Status
WORDS = "糖尿病，打胰岛素"
AT_DESK = [Role.AUDITOR, Role.FRONT_DESK, Role.MANAGER, Role.CARE_COORDINATOR]


@pytest.fixture
def booking(service: CareService, slot: Slot, elder: User, home: Home, carer: User) -> CareBooking:
    return make_care_booking(
        service=service, slot=slot, resident=elder, home=home, carer=carer, description=WORDS
    )


def readers() -> list[User]:
    rows = AuditRecord.objects.filter(action="number_read").order_by("pk")
    return [row.actor for row in rows if row.actor]


@pytest.mark.parametrize("role", AT_DESK)
def test_page__of_the_resident__leads_staff_to_theirs__where_it_is_on_record(
    client: Client, booking: CareBooking, role: str
) -> None:
    reader = make_staff(role=role, estate=booking.estate)
    client.force_login(reader)
    theirs = reverse("care_desk_booking", args=[booking.pk])
    for name in ("care_booking", "care_cancel", "care_move", "care_thumb"):
        answer = client.get(reverse(name, args=[booking.pk]))
        assert answer.headers.get("Location") == theirs
    assert client.get(reverse("care_booking_live", args=[booking.pk])).status_code == 404
    assert readers() == []
    for url in (theirs, reverse("care_desk_booking_live", args=[booking.pk])):
        assert WORDS in client.get(url).content.decode()
    assert readers() == [reader] * 2


def test_page__of_the_resident__leads_the_carer_to_the_visit(
    client: Client, booking: CareBooking, carer: User
) -> None:
    client.force_login(carer)
    answer = client.get(reverse("care_booking", args=[booking.pk]))
    assert answer.headers["Location"] == reverse("care_visit", args=[booking.pk])
    client.get(reverse("care_visit_live", args=[booking.pk]))
    assert readers() == [carer]


def test_page__a_refused_step__shows_it_and_is_on_record_too(
    client: Client, booking: CareBooking, coordinator: User
) -> None:
    client.force_login(coordinator)
    answer = client.post(reverse("care_desk_act", args=[booking.pk, "cancel"]), {"reason": ""})
    assert WORDS in answer.content.decode()
    assert readers() == [coordinator]


def test_own__read_by_the_elder_and_by_her_son__is_nobodys_business(
    client: Client, booking: CareBooking, elder: User
) -> None:
    son = make_delegation(resident=elder, service="care").delegate
    for person in (elder, son):
        client.force_login(person)
        assert WORDS in client.get(reverse("care_booking", args=[booking.pk])).content.decode()
        assert Api(person).get(f"care-bookings/{booking.pk}/").json()["answer"] == WORDS
    assert readers() == []


@pytest.mark.parametrize("role", AT_DESK)
def test_api__read_by_staff__is_on_record__and_has_not_the_code(booking: CareBooking, role: str) -> None:
    reader = make_staff(role=role, estate=booking.estate)
    body = Api(reader).get(f"care-bookings/{booking.pk}/").json()
    assert (body["answer"], body["start_code"]) == (WORDS, "")
    assert readers() == [reader]


def test_draft__with_the_answer_of_the_last_time__read_by_the_desk__is_on_record(
    client: Client, service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    desk = make_staff(estate=service.estate)
    CareService.objects.update(question="有什么病？")
    draft = make_care_draft(service=service, slot=slot, resident=elder, home=home, by=desk, answer=WORDS)
    for person in (desk, elder):
        client.force_login(person)
        assert WORDS in client.get(reverse("care_check", args=[draft.pk])).content.decode()
    assert readers() == [desk]


# -- What a carer keeps of a visit that is over


def end(booking: CareBooking, status: str, *, hours: int = 0) -> None:
    at = clock.now() - timedelta(hours=hours)
    CareBooking.objects.filter(pk=booking.pk).update(status=status, status_changed_at=at)


def sees(client: Client, booking: CareBooking) -> bool:
    """Whether the pages of the visit show whose it is, where, and what was answered; all or nothing."""
    texts = [
        client.get(reverse(name, args=[booking.pk])).content.decode()
        for name in ("care_visit", "care_visit_live")
    ]
    texts.append(
        client.post(reverse("care_visit_act", args=[booking.pk, "start"]), {"code": "0"}).content.decode()
    )
    number = booking.resident.phone_national
    shown = {any(part in text for part in (WORDS, str(booking.home), number)) for text in texts}
    assert len(shown) == 1
    return shown.pop()


@pytest.mark.parametrize(
    ("status", "hours", "shown"),
    [
        (S.BOOKED, 300, True),
        (S.UNDER_WAY, 300, True),
        (S.DONE, 23, True),
        (S.MISSED, 23, True),
        (S.DONE, 25, False),
        (S.MISSED, 25, False),
        (S.CANCELLED, 0, False),
    ],
)
def test_carer__sees_who_and_where_until_a_day_after__and_what_was_cancelled_no_more(
    client: Client, booking: CareBooking, carer: User, status: str, hours: int, shown: bool
) -> None:
    end(booking, status, hours=hours)
    client.force_login(carer)
    assert sees(client, booking) is shown
    page = client.get(reverse("care_visit", args=[booking.pk])).content.decode()
    assert booking.reference in page
    api = Api(carer, "care:read", "care:work")
    assert (api.get(f"care-bookings/{booking.pk}/").status_code == 200) is shown
    for url in ("care-visits/", "care-bookings/"):
        assert [one["id"] for one in api.get(url).json()["results"]] == [booking.pk] * shown


def test_carer__to_whom_another_was_preferred__finds_nothing(
    client: Client, booking: CareBooking, carer: User
) -> None:
    CareBooking.objects.update(carer=None)
    client.force_login(carer)
    assert client.get(reverse("care_visit", args=[booking.pk])).status_code == 404


def test_carer__told_that_a_visit_is_withdrawn__is_led_to_the_list(
    booking: CareBooking, elder: User, carer: User
) -> None:
    actions.cancel_booking(booking=booking, by=elder, now=clock.now())
    told = OutboxMessage.objects.get(recipient=carer, template="care_visit_cancelled")
    assert told.url == reverse("care_work")
