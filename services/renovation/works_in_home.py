"""Work in a home: each work item, its appointment, and the household's next steps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

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
    """Returns each work item in this home, in order, as ``reader`` may see it. Four queries."""
    items = project.items.filter(where=WorkItem.Where.HOMES).select_related("project__estate")
    return works_in([home], list(items), reader=reader, now=now)[home.pk]


def works_in(
    homes: Sequence[Home], items: Sequence[WorkItem], *, reader: User, now: datetime
) -> dict[int, list[HomeWork]]:
    """Returns, by the key of the home, each of these work items of one project in it, as ``reader`` may see it.

    Three queries for any number of homes, none without one.
    """
    if not homes:
        return {}
    seen = Appointment.objects.visible_to(reader).filter(pk=OuterRef("pk"))
    known = Appointment.objects.filter(home__in=homes, item__in=items).exclude(status=Status.CANCELLED)
    latest: dict[tuple[int, int], Appointment] = {}
    for row in known.with_people().annotate(is_seen=Exists(seen)).order_by("created_at", "pk"):
        latest[row.home_id, row.item_id] = row
    opening: dict[tuple[int, int], datetime] = {}
    buildings = {home.entrance.building_id for home in homes}
    for campaign in Campaign.objects.filter(item__in=items, building__in=buildings):
        key = (campaign.building_id, campaign.item_id)
        opening[key] = min(opening.get(key, campaign.opens_at), campaign.opens_at)
    waiting: dict[tuple[int, int], list[AppointmentWaiting]] = defaultdict(list)
    live = AppointmentWaiting.objects.filter(
        waiting__in=Waiting.objects.live(), home__in=homes, item__in=items
    )
    for entry in live.select_related("waiting__slot"):
        waiting[entry.home_id, entry.item_id].append(entry)
    return {
        home.pk: [
            _in_home(
                item,
                home,
                latest.get((home.pk, item.pk)),
                opens_at=opening.get((home.entrance.building_id, item.pk)),
                waiting=waiting[home.pk, item.pk],
                now=now,
            )
            for item in items
        ]
        for home in homes
    }


def _in_home(
    item: WorkItem,
    home: Home,
    appointment: Any,
    *,
    opens_at: datetime | None,
    waiting: list[AppointmentWaiting],
    now: datetime,
) -> HomeWork:
    can_book = appointment is None or appointment.status == Status.MISSED
    is_seen = appointment is None or appointment.is_seen
    is_open = opens_at is not None and opens_at <= now and item.project.is_bookable
    return HomeWork(
        item=item,
        home=home,
        appointment=appointment if is_seen else None,
        inherited=None if is_seen or can_book else appointment,
        opens_at=opens_at,
        is_open=is_open and can_book,
        waiting=waiting,
    )


def participation_of(project: RenovationProject, home: Home) -> Participation:
    """Returns the home's answer; an unsaved row if there is none."""
    return participations_of(project, [home])[home.pk]


def participations_of(project: RenovationProject, homes: Sequence[Home]) -> dict[int, Participation]:
    """Returns the answers of these homes by key; an unsaved row where there is none. One query."""
    rows = Participation.objects.filter(project=project, home__in=homes) if homes else []
    answered = {row.home_id: row for row in rows}
    return {home.pk: answered.get(home.pk) or Participation(project=project, home=home) for home in homes}


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


def shared_pairs(pictures: Iterable[RenovationPicture]) -> list[Pair]:
    """Returns the pairs among a project's pictures of shared areas, in the order of the work."""
    by_item: dict[WorkItem, list[RenovationPicture]] = defaultdict(list)
    for row in sorted(pictures, key=lambda one: (one.at, one.pk)):
        if row.item is not None:
            by_item[row.item].append(row)
    in_order = sorted(by_item.items(), key=lambda one: one[0].position)
    return [pair for item, group in in_order for pair in pairs(group, title=str(item))]


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
