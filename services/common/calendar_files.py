"""Calendar files (.ics, RFC 5545) for what has a time, to put into the phone's own calendar."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from icalendar import Alarm, Calendar, Event

REMINDERS = (timedelta(days=1), timedelta(hours=1))


@dataclass(frozen=True)
class CalendarEntry:
    """A time in somebody's calendar: without phone numbers and codes, as calendars are shared and synchronised.

    ``uid`` stays the same when the time is moved, and ``sequence`` grows: the calendar then replaces its entry.
    ``path`` is the page with everything else.
    """

    uid: str
    sequence: int
    title: str
    words: str
    where: str
    starts_at: datetime
    ends_at: datetime
    path: str
    is_cancelled: bool = False


def calendar_file(entry: CalendarEntry, *, now: datetime) -> bytes:
    """Returns the entry as a calendar of one event; times are in UTC, so that no time zone must be described."""
    site = settings.PUBLIC_URL.rstrip("/")
    calendar = Calendar()
    calendar.add("prodid", f"-//Linli//{(get_language() or settings.LANGUAGE_CODE).upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    event = Event()
    event.add("uid", f"{entry.uid}@{urlsplit(site).hostname}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("description", entry.words)
    event.add("location", entry.where)
    event.add("url", site + entry.path)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    for before in () if entry.is_cancelled else REMINDERS:
        event.add_component(_reminder(entry.title, before))
    calendar.add_component(event)
    return calendar.to_ical()


def _reminder(title: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -before)
    return alarm


def calendar_response(entry: CalendarEntry, *, name: str, now: datetime) -> HttpResponse:
    """Answers with the calendar file. The caller has checked that the user may see it."""
    answer = HttpResponse(calendar_file(entry, now=now), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return answer
