"""Today on the morning page: what is late, about to be, nobody's, unhappy, and today's appointments.

Read as it stands now, in one query a kind of thing: its first rows, and how many there are in all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When, Window
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from community.core import clock
from community.desk.measures import Words
from community.estates.models import Estate
from services.care.actions.steps import week_topic
from services.care.models import CareBooking
from services.common.actions import board_topic
from services.common.models import ResponseClock, Service
from services.common.response import Standing, standings
from services.feedback.actions.steps import desk_topic
from services.feedback.models import Feedback
from services.help.models import HelpCall
from services.help.models.calls import OVERDUE_AFTER
from services.renovation.models import Appointment, RenovationProject
from services.repairs.models import Repair

SHOWN, ALL_SHOWN = 5, 100
# A first answer that is due within so long can still be given in time.
SOON = timedelta(minutes=60)
# So long after its end a visit was not made, or nobody has said that it is over.
OVERRUN = timedelta(minutes=30)
AHEAD_DAYS = 7
NO_WORKER = (Repair.Status.NEW, Repair.Status.ACCEPTED, Repair.Status.REOPENED)


@dataclass(frozen=True)
class Line:
    """One thing, and the way to it."""

    url: str
    title: str
    sub: str
    icon: str
    tone: str
    meta: str = ""
    standing: Standing | None = None
    at: datetime | None = None
    is_over: bool = False


@dataclass
class Section:
    key: str
    title: Words
    # Said where there is nothing.
    nothing: Words
    icon: str
    tone: str
    count: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def has_more(self) -> bool:
        return self.count > len(self.lines)


@dataclass(frozen=True)
class Asked:
    estate: Estate
    now: datetime
    limit: int


Found = tuple[int, list[Line]]
Source = Callable[[Asked], Found]


def _first(rows: QuerySet[Any], asked: Asked, line: Callable[[Any, datetime], Line]) -> Found:
    found = list(rows.annotate(in_all=Window(Count("pk")))[: asked.limit])
    return (found[0].in_all if found else 0), [line(row, asked.now) for row in found]


# -- What is late, or about to be


def _calls(asked: Asked) -> Found:
    long_ago = Q(status=HelpCall.Status.COMING, status_changed_at__lte=asked.now - OVERDUE_AFTER)
    waiting = HelpCall.objects.filter(Q(status=HelpCall.Status.CALLING) | long_ago, estate=asked.estate)
    rows = waiting.filter(is_drill=False).with_people().order_by("created_at", "pk")
    return _first(rows, asked, _call_line)


def _call_line(call: HelpCall, now: datetime) -> Line:
    return Line(
        url=reverse("staff_help_call", args=[call.pk]),
        title=_("Call for help: %(who)s") % {"who": call.resident},
        sub=f"{call.where} · {call.get_status_display()}",
        icon="bell",
        tone="help",
        meta=_time(call.created_at, now),
    )


def _late_answers(asked: Asked) -> Found:
    return _clocks(ResponseClock.objects.overdue(asked.now), asked)


def _answers_soon_due(asked: Asked) -> Found:
    soon = ResponseClock.objects.running().filter(due_at__gt=asked.now, due_at__lte=asked.now + SOON)
    return _clocks(soon, asked)


def _clocks(rows: QuerySet[ResponseClock], asked: Asked) -> Found:
    """First answers, with what they are about: the clocks, then the things, a query a service."""
    rows = rows.filter(estate=asked.estate).order_by("due_at", "pk")
    found = list(rows.annotate(in_all=Window(Count("pk")))[: asked.limit])
    about = _about(asked.estate, found)
    left: dict[tuple[str, str], Standing] = {}
    for service in {one.service for one in found}:
        references = [one.reference for one in found if one.service == service]
        left |= {
            (service, reference): standing
            for reference, standing in standings(asked.estate, service, references, asked.now).items()
        }
    lines = [
        Line(
            url=one.url,
            title=about.get((one.service, one.reference), ("", ""))[0] or one.reference,
            sub=about.get((one.service, one.reference), ("", ""))[1],
            icon="tool" if one.service == Service.REPAIRS else "message",
            tone="repair" if one.service == Service.REPAIRS else "build",
            meta=one.reference,
            standing=left.get((one.service, one.reference)),
        )
        for one in found
    ]
    return (found[0].in_all if found else 0), lines  # type: ignore[attr-defined]


def _about(estate: Estate, clocks: Iterable[ResponseClock]) -> dict[tuple[str, str], tuple[str, str]]:
    """What the things are that wait, by service and reference: title and second line."""
    wanted = [one.reference for one in clocks]
    repairs = Repair.objects.filter(estate=estate, reference__in=wanted).with_people()
    feedback = Feedback.objects.filter(estate=estate, reference__in=wanted).with_people()
    return {
        **{(Service.REPAIRS, one.reference): (str(one.category), str(one.where)) for one in repairs},
        **{(Service.FEEDBACK, one.reference): _said(one) for one in feedback},
    }


def _said(feedback: Feedback) -> tuple[str, str]:
    kind = _("Follow-up") if feedback.is_follow_up else feedback.get_kind_display()
    title = f"{kind} · {feedback.about}" if feedback.about else str(kind)
    return title, str(feedback.resident) if feedback.resident else _("without a name")


def _late_visits(asked: Asked) -> Found:
    over = CareBooking.objects.open().filter(
        estate=asked.estate, service__needs_carer=True, place__slot__ends_at__lte=asked.now - OVERRUN
    )
    return _first(over.with_people().by_time(), asked, _visit_line)


def _late_appointments(asked: Asked) -> Found:
    begun = [Appointment.Status.BOOKED, Appointment.Status.UNDER_WAY]
    over = Appointment.objects.filter(
        estate=asked.estate, status__in=begun, place__slot__ends_at__lte=asked.now - OVERRUN
    )
    return _first(over.with_people().order_by("place__slot__starts_at", "pk"), asked, _appointment_line)


# -- What nobody has


def _repairs_of_nobody(asked: Asked) -> Found:
    rows = Repair.objects.filter(estate=asked.estate, status__in=NO_WORKER, worker=None)
    rows = rows.with_people().order_by("-is_emergency", "created_at", "pk")
    return _first(rows, asked, _repair_line)


def _repair_line(repair: Repair, now: datetime) -> Line:
    return Line(
        url=reverse("board_repair", args=[repair.pk]),
        title=str(repair.category),
        sub=f"{repair.where} · {repair.get_status_display()}",
        icon="tool",
        tone="help" if repair.is_emergency else "repair",
        meta=repair.reference,
    )


def _visits_of_nobody(asked: Asked) -> Found:
    today = clock.today(asked.now)
    nobody = CareBooking.objects.filter(
        estate=asked.estate, status=CareBooking.Status.BOOKED, service__needs_carer=True, carer=None
    )
    return _first(nobody.of_days(today, AHEAD_DAYS).with_people().by_time(), asked, _visit_line)


# -- Who is unhappy


def _unhappy_feedback(asked: Asked) -> Found:
    unhappy = Q(is_follow_up=True) | Q(status=Feedback.Status.REOPENED) | Q(is_escalated=True)
    rows = Feedback.objects.open().filter(unhappy, estate=asked.estate)
    return _first(rows.with_people().order_by("-is_escalated", "created_at", "pk"), asked, _feedback_line)


def _feedback_line(feedback: Feedback, now: datetime) -> Line:
    title, who = _said(feedback)
    return Line(
        url=reverse("staff_feedback_one", args=[feedback.pk]),
        title=title,
        sub=who,
        icon="mood-sad",
        tone="help" if feedback.is_escalated else "build",
        meta=feedback.reference,
    )


def _reopened_repairs(asked: Asked) -> Found:
    rows = Repair.objects.filter(estate=asked.estate, status=Repair.Status.REOPENED)
    return _first(rows.with_people().order_by("status_changed_at", "pk"), asked, _repair_line)


def _defects(asked: Asked) -> Found:
    rows = Appointment.objects.filter(estate=asked.estate, status=Appointment.Status.DEFECTS)
    return _first(rows.with_people().order_by("status_changed_at", "pk"), asked, _appointment_line)


# -- Today's appointments


def _visits_today(asked: Asked) -> Found:
    rows = CareBooking.objects.filter(estate=asked.estate).of_days(clock.today(asked.now))
    rows = rows.exclude(status=CareBooking.Status.CANCELLED).with_people()
    return _first(_ahead_first(rows, asked.now), asked, _visit_line)


def _ahead_first(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """What is still to come stands before what is over."""
    over = Case(When(place__slot__ends_at__lte=now, then=Value(1)), default=Value(0))
    return rows.annotate(over=over).order_by("over", "place__slot__starts_at", "pk")


def _appointments_today(asked: Asked) -> Found:
    begins = clock.midnight(clock.today(asked.now))
    rows = Appointment.objects.filter(
        estate=asked.estate,
        place__slot__starts_at__gte=begins,
        place__slot__starts_at__lt=begins + timedelta(days=1),
    ).exclude(status=Appointment.Status.CANCELLED)
    return _first(_ahead_first(rows.with_people(), asked.now), asked, _appointment_line)


def _time(moment: datetime, now: datetime) -> str:
    """With the day, where it is not today's."""
    at = clock.local(moment)
    return f"{at:%H:%M}" if at.date() == clock.today(now) else f"{at:%m-%d %H:%M}"


def _visit_line(booking: CareBooking, now: datetime) -> Line:
    carer = booking.carer.name if booking.carer else pgettext("visit", "nobody yet")
    who = f"{booking.resident} · {carer}" if booking.service.needs_carer else str(booking.resident)
    return Line(
        url=reverse("care_desk_booking", args=[booking.pk]),
        title=f"{_time(booking.starts_at, now)} {booking.service}",
        sub=f"{who} · {booking.get_status_display()}",
        icon="heart",
        tone="care",
        meta=booking.reference,
        at=booking.starts_at,
        is_over=booking.ends_at <= now,
    )


def _appointment_line(appointment: Appointment, now: datetime) -> Line:
    return Line(
        url=reverse("staff_appointment", args=[appointment.pk]),
        title=f"{_time(appointment.starts_at, now)} {appointment.item}",
        sub=f"{appointment.home} · {appointment.get_status_display()}",
        icon="hammer",
        tone="build",
        meta=appointment.reference,
        at=appointment.starts_at,
        is_over=appointment.ends_at <= now,
    )


SECTIONS: tuple[tuple[Section, tuple[Source, ...]], ...] = (
    (
        Section("late", gettext_lazy("Late"), gettext_lazy("Nothing is late."), "alert", "help"),
        (_calls, _late_answers, _late_visits, _late_appointments),
    ),
    (
        Section("soon", gettext_lazy("Late within the hour"), gettext_lazy("Nothing is."), "clock", "care"),
        (_answers_soon_due,),
    ),
    (
        Section(
            "unassigned",
            pgettext_lazy("morning", "Nobody's yet"),
            gettext_lazy("Everything is in hand."),
            "user",
            "repair",
        ),
        (_repairs_of_nobody, _visits_of_nobody),
    ),
    (
        Section("unhappy", gettext_lazy("Unhappy"), gettext_lazy("Nobody complains."), "mood-sad", "build"),
        (_unhappy_feedback, _reopened_repairs, _defects),
    ),
    (
        Section(
            "today",
            gettext_lazy("Today's appointments"),
            gettext_lazy("Nothing is booked for today."),
            "calendar",
            "brand",
        ),
        (_visits_today, _appointments_today),
    ),
)
KEYS = tuple(section.key for section, _sources in SECTIONS)


def sections(estate: Estate, now: datetime, *, only: str = "", limit: int = SHOWN) -> list[Section]:
    """Each with its first lines; the appointments of all services in the order of their times."""
    asked = Asked(estate, now, limit)
    return [_filled(section, sources, asked) for section, sources in SECTIONS if only in ("", section.key)]


def _filled(section: Section, sources: Iterable[Source], asked: Asked) -> Section:
    found = [source(asked) for source in sources]
    lines = [line for _count, some in found for line in some]
    if section.key == "today":
        lines.sort(key=lambda line: (line.is_over, line.at or asked.now))
    return Section(
        section.key,
        section.title,
        section.nothing,
        section.icon,
        section.tone,
        count=sum(count for count, _lines in found),
        lines=_fairly(found, asked.limit) if section.key != "today" else lines[: asked.limit],
    )


def _fairly(found: list[Found], limit: int) -> list[Line]:
    """Some of each kind, so that a long queue of one hides no other."""
    kinds = [lines for _count, lines in found if lines]
    chosen: set[int] = set()
    for turn in range(limit):
        for lines in kinds:
            if turn < len(lines) and len(chosen) < limit:
                chosen.add(id(lines[turn]))
    return [line for lines in kinds for line in lines if id(line) in chosen]


def topics(estate: Estate) -> list[str]:
    """Whatever changes one of the lists. One query, for the projects that are under way."""
    projects = RenovationProject.objects.filter(estate=estate).values_list("pk", flat=True)
    return [
        board_topic(estate.pk),
        desk_topic(estate.pk),
        week_topic(estate.pk),
        *(f"renovation:{pk}" for pk in projects),
    ]
