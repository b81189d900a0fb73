"""Times of a service as people choose them: by day, with the number of free places."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from accounts.models import User
from community.core import clock, dates
from community.core.statements import Statement
from services.care.models import CareBooking, CareService
from services.scheduling.models import Place, Slot, Waiting

DAYS_SHOWN = 10
# Free times that the page of a full one leads to.
NEXT_FREE = 3


@dataclass(frozen=True)
class Time:
    """A time that can be chosen; ``is_mine`` if the resident has booked it, ``waits`` if they wait for it.

    ``clashes`` if another visit to the resident is booked for the same time: this one would be refused.
    """

    slot: Slot
    free: int
    is_mine: bool = False
    waits: bool = False
    clashes: bool = False


@dataclass
class Day:
    """A day with its times."""

    on: date
    today: date
    times: list[Time] = field(default_factory=list)

    @property
    def free(self) -> int:
        return sum(time.free for time in self.times if not time.clashes)

    @property
    def clashes(self) -> bool:
        """Whether all its times clash with other visits or are booked."""
        return all(time.clashes or time.is_mine for time in self.times)

    @property
    def label(self) -> str:
        return dates.near_day(self.on, self.today) or dates.weekday(self.on)


def open_slots(service: CareService, now: datetime, *, is_helper: bool) -> QuerySet[Slot]:
    """Returns the slots that can still be chosen, with ``free``; staff may choose until a slot begins."""
    notice = timedelta(0) if is_helper else timedelta(minutes=service.notice_minutes)
    slots = Slot.objects.open(now).filter(resource=service.resource_id, starts_at__gte=now + notice)
    return slots.order_by("starts_at", "pk")


def _places_of(resident: User, slots: list[Slot], now: datetime) -> tuple[set[int], set[int]]:
    """Returns the slots that the resident has booked, and those held for the resident. One query."""
    booked, held = Place.Status.BOOKED, Place.Status.HELD
    places = _PLACES(resident.pk, [slot.pk for slot in slots], now)
    by_status = {wanted: {slot for slot, status in places if status == wanted} for wanted in (booked, held)}
    return by_status[booked], by_status[held]


def _places(resident: int, slots: list[int], now: datetime) -> QuerySet[Place, tuple[int, str]]:
    taken = Q(status=Place.Status.BOOKED) | Q(status=Place.Status.HELD, held_until__gt=now)
    return Place.objects.filter(taken, resident=resident, slot__in=slots).values_list("slot", "status")


_PLACES: Statement[tuple[int, str]] = Statement(_places)
_OPEN: Statement[Slot] = Statement(
    lambda resources, now, begin, end: (
        Slot.objects.open(now)
        .filter(resource__in=resources, starts_at__gte=begin, starts_at__lt=end)
        .order_by("starts_at")
    )
)


def _visits_to(
    resident: User, service: CareService, slots: list[Slot], moved: CareBooking | None
) -> list[Slot]:
    """Returns the slots of the resident's other visits at the time of these slots. One query."""
    if not service.needs_carer or not slots:
        return []
    first, last = slots[0].starts_at, max(slot.ends_at for slot in slots)
    visits = CareBooking.objects.open().filter(resident=resident, service__needs_carer=True)
    visits = visits.filter(place__slot__starts_at__lt=last, place__slot__ends_at__gt=first)
    if moved:
        visits = visits.exclude(pk=moved.pk)
    return [visit.place.slot for visit in visits.select_related("place__slot")]


def _overlap(one: Slot, other: Slot) -> bool:
    return one.pk != other.pk and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def days_of(
    service: CareService,
    resident: User,
    now: datetime,
    *,
    is_helper: bool,
    first: date | None = None,
    moved: CareBooking | None = None,
) -> tuple[list[Day], date | None]:
    """Returns some days with their times, and the day on which the next ones begin. At most five queries.

    A place held for the resident counts as free for them: they may go back and choose again. Not for a
    booking that is ``moved``: it cannot move to a slot in which its resident has a second place.
    """
    today = clock.today(now)
    slots = open_slots(service, now, is_helper=is_helper)
    if first:
        slots = slots.filter(starts_at__gte=clock.midnight(first))
    shown = list(slots[:200])
    booked, held = _places_of(resident, shown, now)
    for slot in shown:
        if slot.pk in held and not moved:
            slot.free = max(slot.free, 1)
    visits = _visits_to(resident, service, shown, moved)
    waiting = Waiting.objects.live().filter(resident=resident, slot__in=shown)
    waiting_slots = set(waiting.values_list("slot_id", flat=True))
    days = [
        Day(
            on,
            today,
            [
                Time(
                    slot,
                    slot.free,
                    is_mine=slot.pk in booked,
                    waits=slot.pk in waiting_slots,
                    clashes=any(_overlap(slot, visit) for visit in visits),
                )
                for slot in of_day
            ],
        )
        for on, of_day in groupby(shown, key=lambda slot: clock.today(slot.starts_at))
    ]
    more = days[DAYS_SHOWN].on if len(days) > DAYS_SHOWN else None
    return days[:DAYS_SHOWN], more


def free_by_day(service: CareService, now: datetime, *, is_helper: bool) -> dict[date, int]:
    """Returns the number of free places of each day on which the service is offered. One query."""
    free: dict[date, int] = {}
    for slot in open_slots(service, now, is_helper=is_helper):
        day = clock.today(slot.starts_at)
        free[day] = free.get(day, 0) + slot.free
    return free


def next_free(service: CareService, full: Slot, now: datetime, *, is_helper: bool) -> list[Slot]:
    """Returns the next free slots after one that is full; the first ones of all if none comes later."""
    free = open_slots(service, now, is_helper=is_helper).filter(Q(free__gt=0))
    later = list(free.filter(starts_at__gt=full.starts_at)[:NEXT_FREE])
    return later or list(free[:NEXT_FREE])


def tomorrows_meal(
    services: list[CareService], resident: User, now: datetime
) -> tuple[CareService, Slot] | None:
    """Returns tomorrow's first meal that can be booked with one tap, with its slot.

    A place is free or held for the resident, and none is booked. Two queries.
    """
    meals = {meal.resource_id: meal for meal in services if meal.kind == CareService.Kind.MEALS}
    if not meals:
        return None
    tomorrow = clock.today(now) + timedelta(days=1)
    begin, end = clock.midnight(tomorrow), clock.midnight(tomorrow + timedelta(days=1))
    slots = _OPEN([*meals], now, begin, end)
    booked, held = _places_of(resident, slots, now)
    for slot in slots:
        service = meals[slot.resource_id]
        if slot.pk in held:
            slot.free = max(slot.free, 1)
        is_in_time = slot.starts_at >= now + timedelta(minutes=service.notice_minutes)
        if slot.free and slot.pk not in booked and is_in_time:
            return service, slot
    return None
