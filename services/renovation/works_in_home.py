"""Work in a home: each work item, its appointment, and the household's next steps."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from community.estates.models import Home
from services.renovation import timeline
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Campaign,
    Participation,
    RenovationPicture,
    RenovationProject,
    RenovationRecording,
    WorkItem,
)
from services.scheduling.models import Slot, Waiting

Status = Appointment.Status


@dataclass
class HomeWork:
    """A work item in a home."""

    item: WorkItem
    home: Home
    appointment: Appointment | None = None
    opens_at: datetime | None = None
    is_open: bool = False
    waiting: list[AppointmentWaiting] = field(default_factory=list)
    times: list[Slot] = field(default_factory=list)
    # Appointment of the former household; its time and pictures are theirs, only the warranty goes with the
    # home.
    inherited: Appointment | None = None

    @property
    def tone(self) -> str:
        return timeline.tone(self.appointment) if self.appointment else "plain"


def work_in(project: RenovationProject, home: Home, *, reader: User, now: datetime) -> list[HomeWork]:
    """Returns each work item in this home, in order, as ``reader`` may see it. Five queries."""
    items = list(project.items.filter(where=WorkItem.Where.HOMES).select_related("project__estate"))
    known = Appointment.objects.filter(home=home, item__in=items).exclude(status=Status.CANCELLED)
    seen = set(known.visible_to(reader).values_list("pk", flat=True))
    latest: dict[int, Appointment] = {}
    for row in known.with_people().order_by("created_at", "pk"):
        latest[row.item_id] = row
    opening: dict[int, datetime] = {}
    for campaign in Campaign.objects.filter(item__in=items, building=home.entrance.building_id):
        opening[campaign.item_id] = min(opening.get(campaign.item_id, campaign.opens_at), campaign.opens_at)
    waiting = AppointmentWaiting.objects.filter(
        home=home, item__in=items, waiting__in=Waiting.objects.live()
    ).select_related("waiting__slot")
    rows = []
    for item in items:
        opens_at = opening.get(item.pk)
        appointment = latest.get(item.pk)
        can_book = appointment is None or appointment.status == Status.MISSED
        is_seen = appointment is None or appointment.pk in seen
        is_open = opens_at is not None and opens_at <= now and project.is_bookable
        rows.append(
            HomeWork(
                item=item,
                home=home,
                appointment=appointment if is_seen else None,
                inherited=None if is_seen or can_book else appointment,
                opens_at=opens_at,
                is_open=is_open and can_book,
                waiting=[entry for entry in waiting if entry.item_id == item.pk],
            )
        )
    return rows


def participation_of(project: RenovationProject, home: Home) -> Participation:
    """Returns the home's answer; an unsaved row if there is none."""
    found = Participation.objects.filter(project=project, home=home).first()
    return found or Participation(project=project, home=home)


def spoken_wishes(participation: Participation) -> list[RenovationRecording]:
    """Returns what the home said as its wishes; no query for an unsaved row."""
    return list(participation.recordings.all()) if participation.pk else []


def next_appointments(user: User, now: datetime) -> list[Appointment]:
    """Returns the household's appointments that are ahead or wait for its answer, for the home page."""
    rows = Appointment.objects.of_household(user).filter(
        status__in=[Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.DEFECTS]
    )
    return list(rows.with_people().order_by("place__slot__starts_at")[:3])


@dataclass(frozen=True)
class Pair:
    """Pictures of the same subject before and after the work."""

    title: str
    before: RenovationPicture
    after: RenovationPicture


def pairs_of_appointment(appointment: Appointment) -> list[Pair]:
    """Returns the pairs of an appointment."""
    return pairs(list(appointment.pictures.all()), title=str(appointment.item))


def pairs(pictures: list[RenovationPicture], *, title: str) -> list[Pair]:
    """Pairs the first picture before with the first after, and so on."""
    before = [picture for picture in pictures if picture.shows == RenovationPicture.Shows.BEFORE]
    after = [picture for picture in pictures if picture.shows == RenovationPicture.Shows.AFTER]
    return [
        Pair(first.caption or second.caption or title, first, second)
        for first, second in zip(before, after, strict=False)
    ]


def shared_pairs(project: RenovationProject) -> list[Pair]:
    """Returns the pairs of shared areas, for everybody."""
    rows = project.pictures.exclude(item=None).select_related("item").order_by("item__position", "at", "id")
    by_item: dict[int, list[RenovationPicture]] = {}
    for row in rows:
        by_item.setdefault(row.item_id or 0, []).append(row)
    return [pair for group in by_item.values() for pair in pairs(group, title=str(group[0].item))]


def pairs_of_neighbours(project: RenovationProject, *, limit: int = 3) -> list[Pair]:
    """Returns pairs of homes whose households agreed, without saying which homes. At most ``limit``."""
    agreed = Appointment.objects.shown_to_neighbours().filter(project=project)
    rows = project.pictures.filter(appointment__in=agreed).select_related("appointment__item")
    by_visit: dict[int, list[RenovationPicture]] = {}
    for row in rows.order_by("-appointment__status_changed_at", "at", "id")[: limit * 6]:
        by_visit.setdefault(row.appointment_id or 0, []).append(row)
    found = []
    for group in by_visit.values():
        assert group[0].appointment is not None
        found += pairs(group, title=str(group[0].appointment.item))
    return found[:limit]
