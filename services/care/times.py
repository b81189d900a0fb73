"""The times of a service as people choose them: day by day, with what is honestly free."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core import clock
from services.care.models import CareService
from services.scheduling.models import Place, Slot, Waiting

DAYS_SHOWN = 10
WEEKDAYS: tuple[str | Promise, ...] = (
    pgettext_lazy("short weekday", "Mon"),
    pgettext_lazy("short weekday", "Tue"),
    pgettext_lazy("short weekday", "Wed"),
    pgettext_lazy("short weekday", "Thu"),
    pgettext_lazy("short weekday", "Fri"),
    pgettext_lazy("short weekday", "Sat"),
    pgettext_lazy("short weekday", "Sun"),
)


@dataclass(frozen=True)
class Time:
    """One time that can be chosen; ``is_mine`` if this person has a place in it already."""

    slot: Slot
    free: int
    is_mine: bool = False
    waits: bool = False

    @property
    def from_to(self) -> str:
        return from_to(self.slot.starts_at, self.slot.ends_at)


@dataclass
class Day:
    on: date
    today: date
    times: list[Time] = field(default_factory=list)

    @property
    def free(self) -> int:
        return sum(time.free for time in self.times)

    @property
    def label(self) -> str:
        return day_label(self.on, self.today)

    @property
    def date_words(self) -> str:
        return month_day(self.on)


def from_to(starts_at: datetime, ends_at: datetime) -> str:
    """``11:30–12:30`` on the clocks of the estate."""
    return f"{clock.local(starts_at):%H:%M}–{clock.local(ends_at):%H:%M}"


def month_day(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")


def day_label(day: date, today: date) -> str:
    """Today, tomorrow, the day after, or the weekday."""
    near = {0: _("Today"), 1: _("Tomorrow"), 2: _("In two days")}
    return near.get((day - today).days) or str(WEEKDAYS[day.weekday()])


def open_slots(service: CareService, now: datetime, *, is_helper: bool) -> QuerySet[Slot]:
    """The times that can still be chosen, with ``free``; staff choose until they begin."""
    notice = timedelta(0) if is_helper else timedelta(minutes=service.notice_minutes)
    slots = Slot.objects.open(now).filter(resource=service.resource_id, starts_at__gte=now + notice)
    return slots.order_by("starts_at", "pk")


def _places_of(resident: User, slots: list[Slot], now: datetime) -> tuple[set[int], set[int]]:
    """The times in which this person has booked a place, and those in which one is kept for them. One query."""
    booked, kept = Place.Status.BOOKED, Place.Status.HELD
    stands = Q(status=booked) | Q(status=kept, held_until__gt=now)
    found = list(
        Place.objects.filter(stands, resident=resident, slot__in=slots).values_list("slot", "status")
    )
    by_status = {one: {slot for slot, status in found if status == one} for one in (booked, kept)}
    return by_status[booked], by_status[kept]


def days_of(
    service: CareService,
    resident: User,
    now: datetime,
    *,
    is_helper: bool,
    first: date | None = None,
    is_move: bool = False,
) -> tuple[list[Day], date | None]:
    """Some days with their times, and the day on which the next ones begin. Four queries at most.

    What is kept for this person is free for them: who goes back may choose it again, or another. Not for
    ``is_move``: a booking cannot move to where its resident has a second place.
    """
    today = clock.today(now)
    slots = open_slots(service, now, is_helper=is_helper)
    if first:
        slots = slots.filter(starts_at__gte=clock.midnight(first))
    found = list(slots[:200])
    mine, kept = _places_of(resident, found, now)
    for slot in found:
        if slot.pk in kept and not is_move:
            slot.free = max(slot.free, 1)
    in_line = Waiting.objects.live().filter(resident=resident, slot__in=found)
    waits = set(in_line.values_list("slot_id", flat=True))
    days = [
        Day(
            on,
            today,
            [Time(slot, slot.free, slot.pk in mine, slot.pk in waits) for slot in of_day],
        )
        for on, of_day in groupby(found, key=lambda slot: clock.today(slot.starts_at))
    ]
    more = days[DAYS_SHOWN].on if len(days) > DAYS_SHOWN else None
    return days[:DAYS_SHOWN], more


def tomorrows_meal(
    services: list[CareService], resident: User, now: datetime
) -> tuple[CareService, Slot] | None:
    """Tomorrow's first meal that can be had with one tap: a place is free, or kept for them, and none is
    booked. Two queries.
    """
    meals = {one.resource_id: one for one in services if one.kind == CareService.Kind.MEALS}
    if not meals:
        return None
    tomorrow = clock.today(now) + timedelta(days=1)
    slots = list(Slot.objects.open(now).of_day(tomorrow).filter(resource__in=meals).order_by("starts_at"))
    mine, kept = _places_of(resident, slots, now)
    for slot in slots:
        service = meals[slot.resource_id]
        if slot.pk in kept:
            slot.free = max(slot.free, 1)
        is_early = slot.starts_at >= now + timedelta(minutes=service.notice_minutes)
        if slot.free and slot.pk not in mine and is_early:
            return service, slot
    return None
