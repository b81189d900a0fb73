"""Times that a home can book, and the number of free places in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from community.core import clock
from community.estates.models import Home
from services.renovation import noise
from services.renovation.models import Campaign, Crew, WorkItem
from services.scheduling.models import Slot, SlotQuerySet

# Free times that the page of a full one leads to.
NEXT_FREE = 3


@dataclass
class Day:
    """A day with its times and their free places."""

    date: date
    slots: list[Slot] = field(default_factory=list)

    @property
    def free(self) -> int:
        return sum(slot.free for slot in self.slots)

    @property
    def is_full(self) -> bool:
        return not self.free

    @property
    def first(self) -> datetime:
        return self.slots[0].starts_at


def offered(home: Home, item: WorkItem, *, now: datetime) -> SlotQuerySet:
    """Limits to slots open to this home, with ``free`` on each; full ones too. Does not check the hours for
    noise.
    """
    begun = Campaign.objects.begun(now).filter(item=item, building=home.entrance.building_id)
    return Slot.objects.open(now).filter(resource__in=begun.values("crew__resource"))


def slots_for(home: Home, item: WorkItem, *, now: datetime) -> list[Slot]:
    """Returns the times open to this home, with ``free`` on each; full ones too."""
    slots = offered(home, item, now=now).select_related("resource__crew")
    return noise.fitting_slots(item, slots.order_by("starts_at", "pk"), estate=item.project.estate_id)


def next_free(slots: Iterable[Slot], full: Slot) -> list[Slot]:
    """Returns the next free slots after one that is full; the first ones of all if none comes later."""
    free = [slot for slot in slots if slot.free]
    return ([slot for slot in free if slot.starts_at > full.starts_at] or free)[:NEXT_FREE]


def slots_of_crews(crews: Iterable[Crew], item: WorkItem, *, now: datetime) -> list[Slot]:
    """Returns the times that a coordinator can move to: of all crews, also before a campaign is open."""
    slots = Slot.objects.open(now).filter(resource__in=[crew.resource_id for crew in crews])
    return noise.fitting_slots(
        item,
        slots.select_related("resource").order_by("starts_at", "pk"),
        estate=item.project.estate_id,
    )


def is_offered(home: Home, item: WorkItem, slot: Slot, *, now: datetime, by_staff: bool = False) -> bool:
    """Whether this time is of a crew whose campaign for this home is open; does not check the hours for
    noise.
    """
    if by_staff:
        return Crew.objects.filter(
            resource=slot.resource_id, resource__estate=item.project.estate_id
        ).exists()
    begun = Campaign.objects.begun(now).filter(item=item, building=home.entrance.building_id)
    return begun.filter(crew__resource=slot.resource_id).exists()


def by_day(slots: Iterable[Slot]) -> list[Day]:
    """Groups slots by day."""
    days: dict[date, Day] = {}
    for slot in slots:
        day = clock.today(slot.starts_at)
        days.setdefault(day, Day(day)).slots.append(slot)
    return list(days.values())
