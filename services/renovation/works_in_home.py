"""Work in a home: each work item, its appointment, and the household's next steps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.models import User
from community.core.statements import Statement
from community.estates.models import Home
from services.renovation import timeline
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    Participation,
    RenovationPicture,
    RenovationProject,
    RenovationRecording,
    WorkItem,
)
from services.scheduling.models import Slot, Waiting

Status = Appointment.Status
# Pairs of pictures of neighbours' homes that a page shows.
NEIGHBOURS = 3
# The key that no row has.
NONE = 0


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
    """Returns each work item in this home, in order, as ``reader`` may see it. Two queries; a third if the home
    waits for a time.
    """
    plan = plan_of(project, [home])
    return works_in([home], plan, reader=reader, now=now, with_waiting=True)[home.pk]


@dataclass(frozen=True)
class Plan:
    """The work items of a project in order, when booking opens, by building and item, and the items for which a
    home waits.
    """

    items: list[WorkItem]
    opening: dict[tuple[int, int], datetime]
    waited_for: set[int]


def plan_of(project: RenovationProject, homes: Sequence[Home]) -> Plan:
    """Returns the plan, as far as it concerns these homes. One query."""
    buildings = {home.entrance.building_id for home in homes} or {NONE}
    plan = Plan([], {}, set())
    items: dict[int, WorkItem] = {}
    for row in _ITEMS(project.pk, sorted(buildings), [home.pk for home in homes] or [NONE]):
        item = items.setdefault(row.pk, row)
        item.project = project
        if row.opens_at is not None:
            key = (row.opens_in, row.pk)
            plan.opening[key] = min(plan.opening.get(key, row.opens_at), row.opens_at)
        if row.is_waited_for:
            plan.waited_for.add(row.pk)
    plan.items.extend(items.values())
    return plan


def _items(project: int, buildings: list[int], homes: list[int]) -> QuerySet[WorkItem]:
    """Returns each item once for each of its campaigns in these buildings, once without one."""
    waiting = AppointmentWaiting.objects.filter(waiting__in=Waiting.objects.live(), home__in=homes)
    begun = FilteredRelation("campaigns", condition=Q(campaigns__building__in=buildings))
    rows = WorkItem.objects.filter(project=project).select_related("entrance__building")
    return rows.annotate(
        begun=begun,
        opens_in=F("begun__building"),
        opens_at=F("begun__opens_at"),
        is_waited_for=Exists(waiting.filter(item=OuterRef("pk"))),
    ).order_by("position", "pk")


_ITEMS: Statement[Any] = Statement(_items)


def works_in(
    homes: Sequence[Home], plan: Plan, *, reader: User, now: datetime, with_waiting: bool = False
) -> dict[int, list[HomeWork]]:
    """Returns, by the key of the home, each work item in it, as ``reader`` may see it.

    One query for any number of homes, none without one; with ``with_waiting`` another if one of them waits for a
    time.
    """
    items = [one for one in plan.items if one.where == WorkItem.Where.HOMES]
    if not homes or not items:
        return {home.pk: [] for home in homes}
    keys, of_items = [home.pk for home in homes], [item.pk for item in items]
    seen = Appointment.objects.visible_to(reader).filter(home__in=homes)
    latest: dict[tuple[int, int], Appointment] = {}
    for row in _KNOWN(keys, of_items, seen):
        latest[row.home_id, row.item_id] = row
    opening = plan.opening
    waiting: dict[tuple[int, int], list[AppointmentWaiting]] = defaultdict(list)
    for entry in _WAITING(keys, of_items) if with_waiting and plan.waited_for else ():
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


def _known(homes: list[int], items: list[int], seen: Any) -> QuerySet[Appointment]:
    """Returns the appointments of these homes, the latest last, with whether they are among ``seen``."""
    rows = Appointment.objects.filter(home__in=homes, item__in=items).exclude(status=Status.CANCELLED)
    is_seen = ExpressionWrapper(Q(pk__in=seen), output_field=BooleanField())
    return rows.with_people().annotate(is_seen=is_seen).order_by("created_at", "pk")


_KNOWN: Statement[Appointment] = Statement(_known)
_WAITING: Statement[AppointmentWaiting] = Statement(
    lambda homes, items: AppointmentWaiting.objects.filter(
        waiting__in=Waiting.objects.live(), home__in=homes, item__in=items
    ).select_related("waiting__slot")
)


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


def pictures_of(project: RenovationProject) -> list[RenovationPicture]:
    """Returns the drawings and the pictures of shared areas, in order, then the newest of homes whose households
    agreed, those of a visit together. One query.
    """
    return _PICTURES(project.pk)


def _pictures(project: int) -> QuerySet[RenovationPicture]:
    every = RenovationPicture.objects.filter(project=project)
    agreed = Appointment.objects.shown_to_neighbours().filter(project=project)
    newest = every.filter(appointment__in=agreed).order_by("-appointment__status_changed_at", "at", "id")
    common = Q(shows=RenovationPicture.Shows.DRAWING) | Q(item__isnull=False)
    rows = every.filter(common | Q(pk__in=newest.values("pk")[: NEIGHBOURS * 6]))
    return rows.select_related("item", "appointment__item").order_by(
        F("appointment__status_changed_at").desc(nulls_first=True), "at", "id"
    )


_PICTURES: Statement[RenovationPicture] = Statement(_pictures)


def pairs_of_neighbours(pictures: Iterable[RenovationPicture]) -> list[Pair]:
    """Returns the pairs among a project's pictures of homes whose households agreed, without saying which homes.

    At most ``NEIGHBOURS``.
    """
    by_visit: dict[int, list[RenovationPicture]] = {}
    for row in pictures:
        if row.appointment_id is not None:
            by_visit.setdefault(row.appointment_id, []).append(row)
    found = []
    for group in by_visit.values():
        assert group[0].appointment is not None
        found += pairs(group, title=str(group[0].appointment.item))
    return found[:NEIGHBOURS]
