"""Queries for the coordinator and the crews: open work, the week by crew, and appointments to move."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from accounts.policies import estates_of
from community.core import clock
from community.core.clock import SHANGHAI
from community.estates.models import Estate
from services.renovation import noise
from services.renovation.models import (
    Appointment,
    Crew,
    Participation,
    ProjectQuestion,
    RenovationProject,
    RenovationRecording,
)
from services.renovation.models.appointments import AT_WORK
from services.renovation.roles import OVERSEEING
from services.scheduling.models import Place, Slot

Status = Appointment.Status


@dataclass
class SlotRow:
    """A time of a crew, and the appointments in it."""

    slot: Slot
    appointments: list[Appointment] = field(default_factory=list)

    @property
    def free(self) -> int:
        return max(self.slot.capacity - self.slot.taken, 0)


@dataclass
class DayColumn:
    date: date
    rows: list[SlotRow] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return datetime.combine(self.date, time(), tzinfo=SHANGHAI)


@dataclass
class CrewWeek:
    """The week of a crew."""

    crew: Crew
    days: list[DayColumn]


def monday_of(day: date) -> date:
    """Returns the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_of(crews: Iterable[Crew], monday: date, project: RenovationProject) -> list[CrewWeek]:
    """Returns the week that begins on ``monday`` for each crew. Two queries."""
    crews = list(crews)
    begins = datetime.combine(monday, time(), tzinfo=SHANGHAI)
    days = [monday + timedelta(days=number) for number in range(7)]
    slots = Slot.objects.filter(
        resource__in=[crew.resource_id for crew in crews],
        starts_at__gte=begins,
        starts_at__lt=begins + timedelta(days=7),
    ).order_by("starts_at", "pk")
    rows = {slot.pk: SlotRow(slot) for slot in slots}
    booked = Appointment.objects.filter(place__slot__in=rows, place__status__in=Place.LIVE).exclude(
        status__in=[Status.CANCELLED, Status.MISSED]
    )
    for appointment in booked.with_people().order_by("home__entrance__position", "home__number"):
        rows[appointment.place.slot_id].appointments.append(appointment)
    weeks = []
    for crew in crews:
        columns = {day: DayColumn(day) for day in days}
        for row in rows.values():
            if row.slot.resource_id == crew.resource_id:
                columns[clock.today(row.slot.starts_at)].rows.append(row)
        weeks.append(CrewWeek(crew, list(columns.values())))
    return weeks


def appointments_to_move(project: RenovationProject, *, now: datetime) -> list[Appointment]:
    """Returns appointments at times that were closed, or in which noisy work is no longer allowed."""
    ahead = Appointment.objects.filter(
        project=project, status=Status.BOOKED, place__slot__starts_at__gt=now
    ).with_people()
    rows = list(ahead.order_by("place__slot__starts_at", "pk"))
    noisy = [row for row in rows if row.item.is_noisy]
    rule = noise.rule_for(project.estate_id, [row.starts_at for row in noisy])
    return [
        row
        for row in rows
        if row.place.slot.is_closed or (row.item.is_noisy and not rule.allows(row.starts_at, row.ends_at))
    ]


def defects_of(project: RenovationProject) -> QuerySet[Appointment]:
    """Returns the appointments with defects, those open longest first."""
    rows = Appointment.objects.filter(project=project, status=Status.DEFECTS)
    return rows.with_people().order_by("status_changed_at")


def missed_of(project: RenovationProject) -> list[Appointment]:
    """Returns missed appointments for which no other time was booked since."""
    rows = Appointment.objects.filter(project=project, status=Status.MISSED)
    again = Appointment.objects.live().filter(project=project).values_list("home", "item")
    booked = set(again)
    found = rows.with_people().order_by("status_changed_at")
    return [row for row in found if (row.home_id, row.item_id) not in booked]


def count_waiting(user: User) -> int:
    """Counts the questions and defects that wait for the coordinator."""
    estates = estates_of(user, *OVERSEEING)
    questions = ProjectQuestion.objects.filter(project__estate__in=estates, answer="").count()
    return questions + Appointment.objects.filter(estate__in=estates, status=Status.DEFECTS).count()


def with_counts(projects: QuerySet[RenovationProject]) -> QuerySet[RenovationProject]:
    """Annotates projects with ``open_questions``, ``open_defects`` and ``booked``."""
    return projects.annotate(
        open_questions=Count("questions", filter=Q(questions__answer=""), distinct=True),
        open_defects=Count("appointments", filter=Q(appointments__status=Status.DEFECTS), distinct=True),
        booked=Count("appointments", filter=Q(appointments__status=Status.BOOKED), distinct=True),
    )


def crews_of(estate: Estate | int) -> QuerySet[Crew]:
    """Returns the active crews of an estate."""
    return Crew.objects.filter(resource__estate=estate, resource__is_active=True).select_related(
        "resource__estate"
    )


def day_bounds(now: datetime) -> tuple[datetime, datetime]:
    """Returns when the day of ``now`` begins and ends."""
    midnight = datetime.combine(clock.today(now), time(), tzinfo=SHANGHAI)
    return midnight, midnight + timedelta(days=1)


def appointments_of_today(user: User, now: datetime) -> QuerySet[Appointment]:
    """Returns the crew member's appointments of today, those begun, and those with defects, by time."""
    begins, ends = day_bounds(now)
    today = Q(place__slot__starts_at__gte=begins, place__slot__starts_at__lt=ends)
    begun = Q(status__in=[Status.UNDER_WAY, Status.DEFECTS])
    rows = Appointment.objects.of_crew_member(user).exclude(status=Status.CANCELLED)
    return rows.filter(today | begun).with_people().order_by("place__slot__starts_at", "pk")


def wishes_of(appointments: Iterable[Appointment]) -> dict[tuple[int, int], str]:
    """Returns the wishes of the households of these appointments, by project and home."""
    keys = {(row.project_id, row.home_id) for row in appointments if row.status in AT_WORK}
    participations = Participation.objects.filter(
        project__in={project for project, _home in keys}, home__in={home for _project, home in keys}
    )
    return {
        (row.project_id, row.home_id): row.wishes
        for row in participations
        if (row.project_id, row.home_id) in keys
    }


def spoken_wishes_of(appointment: Appointment) -> list[RenovationRecording]:
    """Returns what the household said as its wishes; none once the crew has no more work in the home."""
    if appointment.status not in AT_WORK:
        return []
    wishes = {"participation__project": appointment.project_id, "participation__home": appointment.home_id}
    return list(RenovationRecording.objects.filter(**wishes))
