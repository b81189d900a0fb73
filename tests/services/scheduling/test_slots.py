"""Slots made ahead: once, never in the past, and following what staff change."""

from datetime import date, datetime, time, timedelta

import pytest

from community.core import clock
from community.estates.models import CalendarDay
from services.scheduling import actions, tasks
from services.scheduling.models import Closure, Place, Resource, Slot, Waiting
from tests import factories as make

pytestmark = pytest.mark.django_db
# A Monday, 9:30.
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=clock.SHANGHAI)
MONDAY, NEXT_MONDAY = date(2026, 11, 23), date(2026, 11, 30)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.SHANGHAI)


def plan(resource: Resource) -> actions.Planned:
    return actions.plan_ahead(resources=[resource], now=NOW)


@pytest.fixture
def resource() -> Resource:
    """Mondays 8 to 12, an hour each; planned."""
    hours = make.make_hours(capacity=2)
    plan(hours.resource)
    return hours.resource


def slot_at(resource: Resource, moment: datetime) -> Slot:
    return resource.slots.get(starts_at=moment)


def test_make__twice__makes_nothing_twice_and_nothing_past(resource: Resource) -> None:
    assert Slot.objects.first().starts_at == at(MONDAY, 10)
    assert Slot.objects.count() == 2 + 4 * 4
    assert actions.make_slots(resource=resource, until=MONDAY + timedelta(days=28), now=NOW) == 0
    assert Slot.objects.count() == 18


def test_make__until_a_day__that_day_too() -> None:
    resource = make.make_hours(weekday=2).resource
    assert actions.make_slots(resource=resource, until=date(2026, 11, 25), now=NOW) == 4
    assert actions.make_slots(resource=resource, until=at(date(2026, 12, 2), 7), now=NOW) == 4


def test_nightly_task__makes_them_for_every_resource() -> None:
    make.make_hours()
    make.make_hours()
    assert tasks.make_slots_ahead() > 0
    assert tasks.make_slots_ahead() == 0
    assert Slot.objects.values("resource").distinct().count() == 2


def test_task__lapse_due__runs() -> None:
    assert tasks.lapse_due() == 0


def close(of: Resource, **overrides) -> Closure:
    fields = {"estate": of.estate, "resource": of, "reason": "护理员请假"}
    times = {"starts_at": at(NEXT_MONDAY, 9), "ends_at": at(NEXT_MONDAY, 11)}
    return Closure.objects.create(**(fields | times | overrides))


def test_closure__added_later__closes_the_empty_and_lists_the_booked(resource: Resource) -> None:
    booked = make.make_booking(slot=slot_at(resource, at(NEXT_MONDAY, 10)), now=NOW)
    close(resource)
    planned = plan(resource)
    assert (planned.closed, planned.to_move) == (2, [booked])
    booked.refresh_from_db()
    assert booked.status == Place.Status.BOOKED
    assert list(Slot.objects.to_move(NOW)) == [booked.slot]
    closed = Slot.objects.filter(is_closed=True)
    assert [slot.starts_at for slot in closed] == [at(NEXT_MONDAY, 9), at(NEXT_MONDAY, 10)]
    assert {slot.closed_because for slot in closed} == {"护理员请假"}
    actions.move_place(place=booked, to=slot_at(resource, at(NEXT_MONDAY, 8)), by=booked.resident, now=NOW)
    assert plan(resource).to_move == []


def test_closure__taken_back__opens_again_for_whoever_waits(resource: Resource) -> None:
    slot = slot_at(resource, at(NEXT_MONDAY, 9))
    places = [make.make_booking(slot=slot, now=NOW) for _n in range(2)]
    person = make.make_resident()
    waiting = actions.join_waiting(slot=slot, resident=person, by=person, now=NOW)
    closure = close(resource)
    plan(resource)
    actions.release_place(place=places[0], by=person, now=NOW)
    waiting.refresh_from_db()
    assert waiting.status == Waiting.Status.WAITING
    closure.delete()
    assert plan(resource).reopened == 2
    waiting.refresh_from_db()
    assert waiting.status == Waiting.Status.OFFERED
    assert not Slot.objects.filter(is_closed=True).exists()


def test_closure__of_the_whole_estate__closes_all_of_its_resources_only(resource: Resource) -> None:
    other = make.make_hours().resource
    close(resource, resource=None)
    assert actions.plan_estate(estate=resource.estate, now=NOW).closed == 2
    assert plan(other).closed == 0
    assert Slot.objects.filter(resource=other, starts_at=at(NEXT_MONDAY, 9), is_closed=False).exists()


def test_hours__taken_away__close_and_keep_their_bookings(resource: Resource) -> None:
    booked = make.make_booking(slot=slot_at(resource, at(NEXT_MONDAY, 8)), now=NOW)
    resource.hours.all().delete()
    planned = plan(resource)
    assert planned.closed == 18
    assert planned.to_move == [booked]


def test_hours__cut_otherwise__not_over_the_head_of_a_booking(resource: Resource) -> None:
    booked = make.make_booking(slot=slot_at(resource, at(NEXT_MONDAY, 9)), now=NOW)
    resource.hours.update(slot_minutes=30)
    planned = plan(resource)
    assert planned.to_move == [booked]
    of_day = Slot.objects.of_day(NEXT_MONDAY).filter(is_closed=False)
    assert [f"{clock.local(slot.starts_at):%H:%M}" for slot in of_day] == [
        *("08:00", "08:30", "10:00", "10:30", "11:00", "11:30"),
    ]
    actions.move_place(place=booked, to=slot_at(resource, at(NEXT_MONDAY, 8)), by=booked.resident, now=NOW)
    plan(resource)
    assert Slot.objects.of_day(NEXT_MONDAY).filter(is_closed=False).count() == 8


def test_capacity__raised__is_offered_and_never_falls_below_what_is_taken(resource: Resource) -> None:
    slot = slot_at(resource, at(NEXT_MONDAY, 9))
    for _number in range(2):
        make.make_booking(slot=slot, now=NOW)
    person = make.make_resident()
    waiting = actions.join_waiting(slot=slot, resident=person, by=person, now=NOW)
    resource.hours.update(capacity=3)
    plan(resource)
    waiting.refresh_from_db()
    assert waiting.status == Waiting.Status.OFFERED
    resource.hours.update(capacity=1)
    plan(resource)
    assert sorted(Slot.objects.of_day(NEXT_MONDAY).values_list("capacity", flat=True)) == [1, 1, 1, 3]


def test_resource__no_longer_bookable__is_closed(resource: Resource) -> None:
    resource.is_active = False
    resource.save()
    assert not Slot.objects.open(NOW).exists()
    assert plan(resource).closed == 18


def test_calendar_day__declared_off__closes_what_is_for_working_days_only() -> None:
    hours = make.make_hours(works="working_days")
    plan(hours.resource)
    CalendarDay.objects.create(estate=hours.resource.estate, date=NEXT_MONDAY, name="社区活动日")
    assert plan(hours.resource).closed == 4
    assert not Slot.objects.of_day(NEXT_MONDAY).open(NOW).exists()
