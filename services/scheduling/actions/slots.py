"""Makes slots ahead of time and keeps them in line with hours, closures and the calendar.

A booking is never dropped: a slot that should no longer exist but has people is closed for others and listed
until staff have moved them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Greatest

from community.core import clock
from community.core.clock import SHANGHAI
from community.core.hours import DAY
from community.estates.calendar import WorkCalendar
from community.estates.models import Estate
from services.scheduling.actions.offers import offer_free
from services.scheduling.models import Closure, Place, Resource, Slot
from services.scheduling.spans import Span, days_between, spans_of_day

DAYS_AHEAD = 28


@dataclass
class Planned:
    """Counts of made, closed and reopened slots, and the bookings that staff must move."""

    made: int = 0
    closed: int = 0
    reopened: int = 0
    to_move: list[Place] = field(default_factory=list)

    def __iadd__(self, other: "Planned") -> "Planned":
        self.made += other.made
        self.closed += other.closed
        self.reopened += other.reopened
        self.to_move += other.to_move
        return self


def make_slots(*, resource: Resource, until: date | datetime, now: datetime) -> int:
    """Makes missing slots up to and including the day ``until``; returns how many.

    Makes none in the past. Repeating it changes nothing.
    """
    return plan_slots(resource=resource, until=until, now=now).made


def plan_ahead(*, resources: Iterable[Resource], now: datetime) -> Planned:
    """Updates the slots of these resources for the next ``DAYS_AHEAD`` days: nightly and after each change."""
    planned = Planned()
    for resource in resources:
        planned += plan_slots(resource=resource, until=clock.today(now) + timedelta(days=DAYS_AHEAD), now=now)
    return planned


def plan_estate(*, estate: Estate | None, now: datetime) -> Planned:
    """Updates the slots of every resource of an estate, or of all estates."""
    resources = Resource.objects.select_related("estate").order_by("pk")
    return plan_ahead(resources=resources.filter(estate=estate) if estate else resources, now=now)


def plan_slots(*, resource: Resource, until: date | datetime, now: datetime) -> Planned:
    """Makes, closes and reopens the future slots of one resource according to its present hours."""
    last = clock.today(until) if isinstance(until, datetime) else until
    with transaction.atomic():
        there = _future_slots(resource, now)
        wanted, reasons = _wanted(resource, last, now)
        planned = Planned(made=_make(resource, wanted, there, last))
        changed = []
        for slot in there:
            span = wanted.get(slot.starts_at)
            if span is None or (span.ends_at != slot.ends_at and slot.taken):
                planned.closed += _close(slot, reasons)
            elif _open(slot, span):
                planned.reopened += slot.is_closed
                changed.append(slot.pk)
        for slot_id in changed:
            offer_free(slot_id, now=now)
        planned.to_move = list(
            Place.objects.to_move(now).filter(slot__resource=resource).select_related("slot", "resident")
        )
    return planned


def _future_slots(resource: Resource, now: datetime) -> list[Slot]:
    """Returns the future slots, locked in the order of locks of ``services.scheduling.actions``."""
    return list(Slot.objects.select_for_update().filter(resource=resource, starts_at__gt=now).order_by("pk"))


def _wanted(resource: Resource, last: date, now: datetime) -> tuple[dict[datetime, Span], list[Closure]]:
    """Returns the slots that should exist by their beginning, and the closures."""
    first = clock.today(now)
    known = Slot.objects.filter(resource=resource).aggregate(last=Max("starts_at"))["last"]
    last = max(last, clock.today(known)) if known else last
    # Hours of the day before can end after midnight.
    first -= DAY
    calendar = WorkCalendar(estate=resource.estate_id, first=first, last=last)
    end = datetime.combine(last, time.max, tzinfo=SHANGHAI)
    closures = list(Closure.objects.of_resource(resource).touching(now, end))
    rows = list(resource.hours.all()) if resource.is_active else []
    wanted = {
        span.starts_at: span
        for day in days_between(first, last)
        for span in spans_of_day(rows, day, calendar)
        if span.starts_at > now and not any(_closes(one, span.starts_at, span.ends_at) for one in closures)
    }
    return wanted, closures


def _closes(closure: Closure, starts_at: datetime, ends_at: datetime) -> bool:
    return closure.starts_at < ends_at and starts_at < closure.ends_at


def _make(resource: Resource, wanted: dict[datetime, Span], there: list[Slot], last: date) -> int:
    """Makes missing slots, except where they overlap a slot whose people must still be moved."""
    known = {slot.starts_at for slot in there}
    occupied = [slot for slot in there if slot.taken and _ends_otherwise(slot, wanted.get(slot.starts_at))]
    missing = [
        Slot(resource=resource, starts_at=span.starts_at, ends_at=span.ends_at, capacity=span.capacity)
        for span in wanted.values()
        if span.starts_at not in known
        and clock.today(span.starts_at) <= last
        and not any(slot.starts_at < span.ends_at and span.starts_at < slot.ends_at for slot in occupied)
    ]
    # Another process may make the same slots; the constraint keeps one of each.
    Slot.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _ends_otherwise(slot: Slot, span: Span | None) -> bool:
    return span is None or span.ends_at != slot.ends_at


def _close(slot: Slot, closures: list[Closure]) -> bool:
    """Closes a slot; returns whether it was open."""
    reason = next((one.reason for one in closures if _closes(one, slot.starts_at, slot.ends_at)), "")
    if slot.is_closed and slot.closed_because == reason:
        return False
    Slot.objects.filter(pk=slot.pk).update(is_closed=True, closed_because=reason)
    return not slot.is_closed


def _open(slot: Slot, span: Span) -> bool:
    """Opens or updates a slot; returns whether anything changed. Capacity never falls below ``taken``."""
    capacity = max(span.capacity, slot.taken)
    if (slot.is_closed, slot.capacity, slot.ends_at) == (False, capacity, span.ends_at):
        return False
    Slot.objects.filter(pk=slot.pk).update(
        is_closed=False,
        closed_because="",
        capacity=Greatest(Value(span.capacity), F("taken")),
        ends_at=span.ends_at,
    )
    return True
