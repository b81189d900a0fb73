"""Noisy work stays within the estate's hours, whatever is booked, moved or re-planned."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from community.core import clock
from community.core.clock import SHANGHAI
from community.core.errors import ActionError
from community.estates.models import CalendarDay
from services.renovation import actions, noise, queries, times
from services.renovation.models import Appointment, Campaign, NoiseHours
from services.renovation.noise import NoiseRule, QuietHours
from services.scheduling.actions import plan_ahead
from services.scheduling.models import Slot
from tests.factories import make_estate, make_staff
from tests.factories.renovation import Site, make_appointment, make_picture

pytestmark = pytest.mark.django_db
# A working Monday, a Saturday, a day of Golden Week, and a Saturday that is worked for it.
MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)
HOLIDAY, MAKE_UP_DAY = date(2026, 10, 1), date(2026, 10, 10)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


def allows(day: date, first: int, last: int) -> bool:
    return NoiseRule(estate=make_estate(), first=day, last=day).allows(at(day, first), at(day, last))


def test_common_rule__working_days_without_noon() -> None:
    assert allows(MONDAY, 8, 12)
    assert allows(MONDAY, 14, 18)
    assert not allows(MONDAY, 11, 13)
    assert not allows(MONDAY, 12, 14)
    assert not allows(MONDAY, 17, 19)
    assert not allows(SATURDAY, 9, 10)
    assert not allows(HOLIDAY, 9, 10)
    assert allows(MAKE_UP_DAY, 9, 10)


def test_the_estates_own_hours__stand_instead() -> None:
    estate = make_estate()
    NoiseHours.objects.create(estate=estate, opens=time(9), closes=time(11))
    NoiseHours.objects.create(estate=estate, opens=time(11), closes=time(12))
    NoiseHours.objects.create(estate=estate, opens=time(10), closes=time(12), days="days_off")
    rule = NoiseRule(estate=estate, first=MONDAY, last=SATURDAY)
    assert rule.allows(at(MONDAY, 9), at(MONDAY, 12))
    assert not rule.allows(at(MONDAY, 8), at(MONDAY, 9))
    assert rule.allows(at(SATURDAY, 10), at(SATURDAY, 12))


def test_a_day_that_staff_corrected__counts() -> None:
    estate = make_estate()
    CalendarDay.objects.create(estate=estate, date=MONDAY, is_working=False, name="本地节日")
    assert not NoiseRule(estate=estate, first=MONDAY, last=MONDAY).allows(at(MONDAY, 9), at(MONDAY, 10))


SPANS = st.lists(
    st.tuples(st.integers(6, 20), st.integers(1, 6), st.sampled_from(["working_days", "days_off"])),
    max_size=4,
    unique_by=lambda span: (span[0], span[2]),
)
TIMES = st.tuples(st.integers(0, 20), st.integers(0, 23 * 4), st.integers(2, 20))


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(spans=SPANS, wanted=st.lists(TIMES, min_size=1, max_size=4), moves=st.lists(TIMES, max_size=3))
def test_property__no_noise_outside_the_hours(
    spans: list[tuple[int, int, str]], wanted: list[tuple[int, int, int]], moves: list[tuple[int, int, int]]
) -> None:
    """Whatever hours an estate sets and whatever is tried, a minute-by-minute count finds no noise outside."""
    site = Site(is_noisy=True)
    for opens, hours, days in spans:
        NoiseHours.objects.create(
            estate=site.estate, opens=time(opens), closes=time(min(opens + hours, 23)), days=days
        )
    first = clock.today(clock.now()) + timedelta(days=1)
    slots = [_slot(site, first, one) for one in (*wanted, *moves)]
    for slot in slots[: len(wanted)]:
        try:
            actions.book_appointment(
                home=site.home, item=site.item, slot=slot, by=site.resident, key=uuid4(), now=clock.now()
            )
        except ActionError:
            continue
    mine = Appointment.objects.filter(project=site.project).with_people()
    for appointment in mine.all():
        for slot in slots:
            try:
                actions.move_appointment(appointment=appointment, to=slot, by=site.resident, now=clock.now())
            except ActionError:
                continue
    mine = Appointment.objects.filter(project=site.project).with_people()
    for appointment in mine.all():
        assert _is_quiet_elsewhere(appointment, spans)
    offered = times.slots_for(site.home, site.item, now=clock.now())
    assert all(_within(spans, slot.starts_at, slot.ends_at) for slot in offered)


def _slot(site: Site, first: date, wanted: tuple[int, int, int]) -> Slot:
    ahead, quarter, length = wanted
    starts_at = at(first + timedelta(days=ahead), 0) + timedelta(minutes=15 * quarter)
    slot, _is_new = Slot.objects.get_or_create(
        resource=site.crew.resource,
        starts_at=starts_at,
        defaults={"ends_at": starts_at + timedelta(minutes=15 * max(length, 4)), "capacity": 3},
    )
    return slot


def _is_quiet_elsewhere(appointment: Appointment, spans: list[tuple[int, int, str]]) -> bool:
    return _within(spans, appointment.starts_at, appointment.ends_at)


def _within(spans: list[tuple[int, int, str]], starts_at: datetime, ends_at: datetime) -> bool:
    """Brute force: each minute lies in a span of its day's kind."""
    from community.estates.calendar import is_working_day

    known = spans or [(8, 4, "working_days"), (14, 4, "working_days")]
    moment = starts_at
    while moment < ends_at:
        here = clock.local(moment)
        kind = "working_days" if is_working_day(here.date()) else "days_off"
        if not any(
            opens <= here.hour + here.minute / 60 < min(opens + hours, 23)
            for opens, hours, days in known
            if days == kind
        ):
            return False
        moment += timedelta(minutes=1)
    return True


def test_hours_at_night__entered_in_the_back_office__are_offered_to_nobody() -> None:
    """Whatever hours a crew is given, noisy work is not booked, moved, waited for or agreed at the door then."""
    site = Site(is_noisy=True)
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    for opens, closes in ((time(12), time(14)), (time(19), time(21)), (time(9), time(11))):
        site.crew.resource.hours.create(
            weekday=0, opens=opens, closes=closes, slot_minutes=120, capacity=2, works="every_day"
        )
    now = clock.now()
    plan_ahead(resources=[site.crew.resource], now=now)
    all_of_them = list(site.crew.resource.slots.all())
    night = next(slot for slot in all_of_them if clock.local(slot.starts_at).hour == 19)
    rule = NoiseRule(estate=site.estate, first=MONDAY - timedelta(days=9), last=MONDAY + timedelta(days=99))
    offered = times.slots_for(site.home, site.item, now=now)
    assert 0 < len(offered) < len(all_of_them)
    assert all(rule.allows(slot.starts_at, slot.ends_at) for slot in offered)
    asked = {"home": site.home, "item": site.item, "slot": night}
    for by in (site.resident, coordinator):
        with pytest.raises(QuietHours):
            actions.book_appointment(**asked, by=by, key=uuid4(), now=now)
    door = actions.DoorBooking(**asked, name="何奶奶", key=uuid4())
    with pytest.raises(QuietHours):
        actions.book_at_door(door, by=coordinator, now=now)
    Slot.objects.filter(pk=night.pk).update(taken=2)
    with pytest.raises(QuietHours):
        actions.wait_for_slot(**asked, by=site.resident, now=now)
    Slot.objects.filter(pk=night.pk).update(taken=0)
    booked = make_appointment(site=site, slot=offered[0])
    for by in (site.resident, coordinator):
        with pytest.raises(QuietHours):
            actions.move_appointment(
                appointment=Appointment.objects.with_people().get(pk=booked.pk), to=night, by=by, now=now
            )


def test_work_that_turns_out_to_be_noisy__the_coordinator_is_told_whom_to_move() -> None:
    site = Site()
    noon = site.slot(day=_next(working=True), at=time(12))
    booked = make_appointment(site=site, slot=noon)
    assert queries.appointments_to_move(site.project, now=clock.now()) == []
    site.item.is_noisy = True
    site.item.save()
    assert queries.appointments_to_move(site.project, now=clock.now()) == [booked]
    make_picture(booked)
    fresh = Appointment.objects.with_people().get(pk=booked.pk)
    with pytest.raises(ActionError, match="quiet_hours"):
        actions.start_work(appointment=fresh, by=site.member, now=noon.starts_at)


def test_offer__in_hours_that_became_quiet__is_not_taken() -> None:
    site = Site(is_noisy=True)
    slot = site.slot(day=_next(working=True), at=time(9), capacity=1)
    home, neighbour = site.neighbour()
    first = make_appointment(site=site, home=home, resident=neighbour, slot=slot)
    wish = actions.wait_for_slot(home=site.home, item=site.item, slot=slot, by=site.resident, now=clock.now())
    actions.cancel_appointment(
        appointment=Appointment.objects.with_people().get(pk=first.pk),
        by=neighbour,
        reason="",
        now=clock.now(),
    )
    NoiseHours.objects.create(estate=site.estate, opens=time(14), closes=time(18))
    wish.waiting.refresh_from_db()
    with pytest.raises(QuietHours):
        actions.take_offered(entry=wish, by=site.resident, key=uuid4(), now=clock.now())


def test_open_campaign__no_time_in_the_hours__is_refused() -> None:
    site = Site(is_noisy=True)
    Campaign.objects.all().delete()
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    campaign = actions.NewCampaign(site.item, site.building, site.crew, opens_at=clock.now())
    given = {"project": site.project, "campaign": campaign}
    site.slot(day=_next(working=True), at=time(12))
    with pytest.raises(ActionError, match="no_times"):
        actions.open_campaign(**given, by=coordinator, now=clock.now())
    assert not Campaign.objects.exists()
    site.slot(day=_next(working=True), at=time(9))
    actions.open_campaign(**given, by=coordinator, now=clock.now())
    assert Campaign.objects.get().item == site.item


def _next(*, working: bool) -> date:
    from community.estates.calendar import is_working_day

    day = clock.today(clock.now()) + timedelta(days=1)
    while is_working_day(day) != working:
        day += timedelta(days=1)
    return day


def test_hours_changed_since__the_coordinator_is_told_whom_to_move() -> None:
    site = Site(is_noisy=True)
    booked = make_appointment(site=site, slot=site.slot(day=_next(working=True), at=time(9)))
    assert queries.appointments_to_move(site.project, now=clock.now()) == []
    NoiseHours.objects.create(estate=site.estate, opens=time(14), closes=time(18))
    assert queries.appointments_to_move(site.project, now=clock.now()) == [booked]
    with pytest.raises(QuietHours):
        actions.move_appointment(
            appointment=booked,
            to=site.slot(day=_next(working=True), at=time(10)),
            by=site.resident,
            now=clock.now(),
        )
    actions.move_appointment(
        appointment=booked,
        to=site.slot(day=_next(working=True), at=time(15)),
        by=site.resident,
        now=clock.now(),
    )
    assert queries.appointments_to_move(site.project, now=clock.now()) == []


def test_start_work__at_noon__waits_for_the_hours() -> None:
    site = Site(is_noisy=True)
    visit = make_appointment(site=site)
    make_picture(visit)
    day = _next(working=True)
    with pytest.raises(ActionError, match="quiet_hours"):
        actions.start_work(appointment=visit, by=site.member, now=at(day, 12, 30))
    actions.start_work(appointment=visit, by=site.member, now=at(day, 14, 1))
    assert visit.status == "under_way"


@pytest.mark.parametrize(
    ("hour", "minute", "may"),
    [
        (10, 0, True),
        (10, 30, True),  # a little late: until its time is over
        (10, 31, False),
        (11, 59, False),
        (14, 30, True),  # of the morning, but all of it fits
        (16, 1, False),
    ],
)
def test_start_work__all_of_it_fits_before_the_hours_end(hour: int, minute: int, may: bool) -> None:
    site = Site(is_noisy=True)
    site.item.minutes = 120
    site.item.save()
    day = _next(working=True)
    visit = make_appointment(site=site, slot=site.slot(day=day, at=time(10), minutes=120))
    make_picture(visit)
    if may:
        actions.start_work(appointment=visit, by=site.member, now=at(day, hour, minute))
    else:
        with pytest.raises(ActionError, match="quiet_hours"):
            actions.start_work(appointment=visit, by=site.member, now=at(day, hour, minute))
    assert visit.status == ("under_way" if may else "booked")


def test_start_work__a_little_late_in_a_time_that_lies_in_quiet_hours_since__waits() -> None:
    site = Site(is_noisy=True)
    day = _next(working=True)
    visit = make_appointment(site=site, slot=site.slot(day=day, at=time(11, 30), minutes=60))
    make_picture(visit)
    with pytest.raises(ActionError, match="quiet_hours"):
        actions.start_work(appointment=visit, by=site.member, now=at(day, 11, 35))


def test_fitting__quiet_work__any_time_that_is_long_enough() -> None:
    site = Site()
    short, noon = site.slot(minutes=30), site.slot(at=time(12), minutes=60)
    assert noise.fitting_slots(site.item, [short, noon], estate=site.estate) == [noon]
