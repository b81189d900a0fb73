"""Visits on the morning page."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import pgettext

from community.core import clock
from community.core.services.morning import (
    FirstRows,
    Line,
    Morning,
    MorningQuery,
    MorningSource,
    short_time,
)
from services.care.actions.steps import week_topic
from services.care.models import CareBooking
from services.scheduling.queries import ahead_first

# Time after a visit's end before it counts as late: not made, or not reported as finished.
OVERRUN = timedelta(minutes=30)
AHEAD_DAYS = 7
# Relations that a line shows.
SHOWS = ("service", "place__slot", "resident", "carer")


def _late(query: MorningQuery) -> FirstRows:
    over = CareBooking.objects.open().filter(
        estate=query.estate, service__needs_carer=True, place__slot__ends_at__lte=query.now - OVERRUN
    )
    return FirstRows(over.by_time(), _line, SHOWS)


def _unassigned(query: MorningQuery) -> FirstRows:
    """Returns visits of the next days without a carer."""
    without_carer = CareBooking.objects.filter(
        estate=query.estate, status=CareBooking.Status.BOOKED, service__needs_carer=True, carer=None
    )
    ahead = without_carer.of_days(clock.today(query.now), AHEAD_DAYS)
    return FirstRows(ahead.by_time(), _line, SHOWS)


def _today(query: MorningQuery) -> FirstRows:
    rows = CareBooking.objects.filter(estate=query.estate).of_days(clock.today(query.now))
    rows = rows.exclude(status=CareBooking.Status.CANCELLED)
    return FirstRows(ahead_first(rows, query.now), _line, SHOWS)


def _line(booking: CareBooking, now: datetime) -> Line:
    carer = booking.carer.name if booking.carer else pgettext("visit", "nobody yet")
    who = f"{booking.resident} · {carer}" if booking.service.needs_carer else str(booking.resident)
    return Line(
        url=reverse("care_desk_booking", args=[booking.pk]),
        title=f"{short_time(booking.starts_at, now)} {booking.service}",
        sub=f"{who} · {booking.get_status_display()}",
        icon="heart",
        tone="care",
        meta=booking.reference,
        at=booking.starts_at,
        is_over=booking.ends_at <= now,
    )


MORNING = Morning(
    sources=(
        MorningSource(section="late", position=30, find=_late),
        MorningSource(section="unassigned", position=20, find=_unassigned),
        MorningSource(section="today", position=10, find=_today),
    ),
    topics=lambda estate: [week_topic(estate.pk)],
)
