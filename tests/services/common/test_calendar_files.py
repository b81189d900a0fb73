"""Calendar files: valid lines, times that a phone shows right, no phone number and no code."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar, Event

from community.core import clock
from services.care import actions
from services.care.models import CareBooking
from services.common.calendar_files import CalendarEntry, calendar_file
from services.renovation.models import Appointment
from services.scheduling.models import Place
from tests.factories import (
    make_care_booking,
    make_care_service,
    make_delegation,
    make_resource,
    make_slot,
)
from tests.factories.renovation import make_appointment

pytestmark = pytest.mark.django_db
STARTS = datetime(2026, 12, 4, 14, tzinfo=clock.SHANGHAI)


def entry(**overrides: object) -> CalendarEntry:
    fields: dict[str, object] = {
        "uid": "care-1",
        "sequence": 3,
        "title": "助浴",
        "words": "安居护理站；请准备毛巾, 拖鞋\n" + "水温" * 60,
        "where": "幸福里 4号楼 1单元 602",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=1),
        "path": "/care/bookings/1/",
    }
    return CalendarEntry(**(fields | overrides))  # type: ignore[arg-type]


def event_of(content: bytes) -> Event:
    return Calendar.from_ical(content).events[0]


def test_calendar__chinese_and_long_words__are_folded_escaped_and_read_back() -> None:
    content = calendar_file(entry(), now=clock.now())
    lines = content.split(b"\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert "；请准备毛巾\\, 拖鞋\\n" in content.decode().replace("\r\n ", "")
    assert str(event_of(content)["description"]) == entry().words


def test_calendar__has_the_time_in_utc_and_reminds_a_day_and_an_hour_before() -> None:
    content = calendar_file(entry(), now=clock.now())
    for line in (b"VERSION:2.0", b"METHOD:PUBLISH", b"DTSTART:20261204T060000Z", b"DTEND:20261204T070000Z"):
        assert line in content.split(b"\r\n")
    event = event_of(content)
    assert event["dtstart"].dt == datetime(2026, 12, 4, 6, tzinfo=UTC)
    assert [alarm["trigger"].dt for alarm in event.walk("VALARM")] == [
        -timedelta(days=1),
        -timedelta(hours=1),
    ]


def test_calendar__cancelled__says_so_and_reminds_of_nothing() -> None:
    event = event_of(calendar_file(entry(is_cancelled=True), now=clock.now()))
    assert event["status"] == "CANCELLED"
    assert not event.walk("VALARM")


def fetched(client: Client, url: str) -> tuple[str, Event]:
    answer = client.get(url)
    assert answer["Content-Type"].startswith("text/calendar")
    return answer.content.decode(), event_of(answer.content)


def test_care__moved__replaces_the_entry_and_bears_neither_number_nor_code(client: Client) -> None:
    service = make_care_service(resource=make_resource())
    booking = make_care_booking(service=service)
    client.force_login(booking.resident)
    url = reverse("care_calendar", args=[booking.pk])
    assert url in client.get(reverse("care_booking", args=[booking.pk])).content.decode()
    text, first = fetched(client, url)
    assert booking.start_code not in text.replace(booking.reference, "")
    assert booking.resident.phone_national not in text
    later = make_slot(resource=service.resource, starts_at=booking.starts_at + timedelta(days=1))
    actions.move_booking(booking=booking, to=later, by=booking.resident, now=clock.now())
    _text, second = fetched(client, url)
    assert second["uid"] == first["uid"]
    assert second["sequence"] > first["sequence"]
    assert second["dtstart"].dt == later.starts_at


def test_care__of_a_parent__is_titled_with_the_name(client: Client) -> None:
    booking = make_care_booking()
    client.force_login(make_delegation(resident=booking.resident, service="care").delegate)
    _text, event = fetched(client, reverse("care_calendar", args=[booking.pk]))
    assert booking.resident.name in str(event["summary"])


def test_appointment__without_an_agreed_time__has_no_entry(client: Client) -> None:
    appointment = make_appointment()
    client.force_login(appointment.resident)
    url = reverse("appointment_calendar", args=[appointment.pk])
    _text, event = fetched(client, url)
    assert event["dtstart"].dt == appointment.starts_at
    Appointment.objects.update(status=Appointment.Status.DEFECTS)
    Place.objects.update(status=Place.Status.RELEASED)
    assert client.get(url).status_code == 404
    assert url not in client.get(reverse("appointment", args=[appointment.pk])).content.decode()


def test_care__cancelled__offers_no_entry_to_add(client: Client) -> None:
    booking = make_care_booking(status=CareBooking.Status.CANCELLED)
    client.force_login(booking.resident)
    page = client.get(reverse("care_booking", args=[booking.pk])).content.decode()
    assert reverse("care_calendar", args=[booking.pk]) not in page
