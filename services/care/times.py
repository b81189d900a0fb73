"""The times of a service as people choose them: day by day, with what is honestly free."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import QuerySet
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


def days_of(
    service: CareService, resident: User, now: datetime, *, is_helper: bool, first: date | None = None
) -> tuple[list[Day], date | None]:
    """Some days with their times, and the day on which the next ones begin. Four queries at most."""
    today = clock.today(now)
    slots = open_slots(service, now, is_helper=is_helper)
    if first:
        slots = slots.filter(starts_at__gte=clock.midnight(first))
    found = list(slots[:200])
    booked = Place.objects.filter(resident=resident, status=Place.Status.BOOKED, slot__in=found)
    mine = set(booked.values_list("slot_id", flat=True))
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
    """Tomorrow's first meal that can be had with one tap: a place is free and none is booked. Two queries."""
    meals = {one.resource_id: one for one in services if one.kind == CareService.Kind.MEALS}
    if not meals:
        return None
    tomorrow = clock.today(now) + timedelta(days=1)
    slots = list(
        Slot.objects.with_room(now).of_day(tomorrow).filter(resource__in=meals).order_by("starts_at")
    )
    taken = set(
        Place.objects.filter(resident=resident, status=Place.Status.BOOKED, slot__in=slots).values_list(
            "slot_id", flat=True
        )
    )
    for slot in slots:
        service = meals[slot.resource_id]
        if slot.pk not in taken and slot.starts_at >= now + timedelta(minutes=service.notice_minutes):
            return service, slot
    return None
