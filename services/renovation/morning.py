"""Appointments of renovation on the morning page."""

from datetime import datetime, timedelta

from django.urls import reverse

from community.core import clock
from community.core.services.morning import (
    FirstRows,
    Line,
    Morning,
    MorningQuery,
    MorningSource,
    short_time,
)
from community.estates.models import Estate
from services.renovation.models import Appointment, RenovationProject
from services.scheduling.queries import ahead_first

# Time after an appointment's end before it counts as late: not reported as finished.
OVERRUN = timedelta(minutes=30)
# Relations that a line shows.
SHOWS = ("item", "place__slot", "home__entrance__building")


def _late(query: MorningQuery) -> FirstRows:
    begun = [Appointment.Status.BOOKED, Appointment.Status.UNDER_WAY]
    over = Appointment.objects.filter(
        estate=query.estate, status__in=begun, place__slot__ends_at__lte=query.now - OVERRUN
    )
    return FirstRows(over.order_by("place__slot__starts_at", "pk"), _line, SHOWS)


def _defects(query: MorningQuery) -> FirstRows:
    rows = Appointment.objects.filter(estate=query.estate, status=Appointment.Status.DEFECTS)
    return FirstRows(rows.order_by("status_changed_at", "pk"), _line, SHOWS)


def _today(query: MorningQuery) -> FirstRows:
    begins = clock.midnight(clock.today(query.now))
    rows = Appointment.objects.filter(
        estate=query.estate,
        place__slot__starts_at__gte=begins,
        place__slot__starts_at__lt=begins + timedelta(days=1),
    ).exclude(status=Appointment.Status.CANCELLED)
    return FirstRows(ahead_first(rows, query.now), _line, SHOWS)


def _line(appointment: Appointment, now: datetime) -> Line:
    return Line(
        url=reverse("staff_appointment", args=[appointment.pk]),
        title=f"{short_time(appointment.starts_at, now)} {appointment.item}",
        sub=f"{appointment.home} · {appointment.get_status_display()}",
        icon="hammer",
        tone="build",
        meta=appointment.reference,
        at=appointment.starts_at,
        is_over=appointment.ends_at <= now,
    )


def _topics(estate: Estate) -> list[str]:
    """Returns the topics of the estate's projects. One query."""
    projects = RenovationProject.objects.filter(estate=estate).values_list("pk", flat=True)
    return [f"renovation:{pk}" for pk in projects]


MORNING = Morning(
    sources=(
        MorningSource(section="late", position=40, find=_late),
        MorningSource(section="unhappy", position=30, find=_defects),
        MorningSource(section="today", position=20, find=_today),
    ),
    topics=_topics,
)
