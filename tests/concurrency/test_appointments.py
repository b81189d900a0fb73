"""An appointment that several change at the same moment, and a process that dies in the middle of a move."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from community.core import clock
from community.core.errors import ActionError
from community.notifications.models import OutboxMessage
from services.renovation import actions
from services.renovation.actions import appointments
from services.renovation.models import Appointment, HomeState, Participation
from services.scheduling import actions as scheduling
from services.scheduling.models import Slot
from tests.factories import make_booking, make_resident
from tests.factories.renovation import Site, make_appointment, make_picture, make_work_item
from tests.support.at_once import at_once
from tests.support.processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
S = Appointment.Status


def moving() -> tuple[Site, Appointment, Slot, Slot]:
    """An appointment with a picture of before, its time, and another a week later."""
    site = Site()
    before = site.slot(capacity=2)
    later = site.slot(day=clock.today(clock.now()) + timedelta(days=7), capacity=2)
    visit = make_appointment(site=site, slot=before)
    make_picture(visit)
    return site, visit, before, later


def fresh(visit: Appointment) -> Appointment:
    return Appointment.objects.with_people().get(pk=visit.pk)


def move_to(visit: Appointment, slot: Slot, site: Site) -> Callable[[], None]:
    held = fresh(visit)
    return lambda: actions.move_appointment(appointment=held, to=slot, by=site.resident, now=clock.now())


def book(site: Site, slot: Slot) -> Callable[[], object]:
    act = partial(actions.book_appointment, home=site.home, item=site.item, slot=slot, by=site.resident)
    return lambda: act(key=uuid4(), now=clock.now())


def say_no(site: Site) -> Callable[[], object]:
    act = partial(actions.take_part, project=site.project, home=site.home, by=site.resident)
    return lambda: act(answer=actions.HouseholdAnswer(Participation.Answer.NO), now=clock.now())


def assert_counted(*slots: Slot) -> None:
    """Each counter says what its places do."""
    for slot in Slot.objects.filter(pk__in=[slot.pk for slot in slots]):
        assert slot.taken == slot.places.live().count()  # type: ignore[attr-defined]


def test_move__killed_in_the_middle__nothing_has_moved(process_env: dict[str, str]) -> None:
    site, visit, before, later = moving()
    command = [sys.executable, "-m", "tests.support.mover", str(visit.pk), str(later.pk)]
    done = subprocess.run(command, cwd=ROOT, env=process_env, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert_counted(before, later)
    stands = fresh(visit)
    assert (stands.status, stands.starts_at, stands.history.count()) == (S.BOOKED, before.starts_at, 1)
    assert not OutboxMessage.objects.exists()
    move_to(visit, later, site)()
    assert_counted(before, later)
    assert (fresh(visit).starts_at, fresh(visit).history.count()) == (later.starts_at, 2)


@pytest.mark.parametrize("round_", range(3))
def test_moved_while_the_crew_starts__one_of_them_is_told(round_: int) -> None:
    site, visit, before, later = moving()
    held = fresh(visit)
    outcomes = at_once(
        move_to(visit, later, site),
        lambda: actions.start_work(appointment=held, by=site.member, now=clock.now()),
    )
    assert outcomes == ["already_moved", "ok"]
    stands = fresh(visit)
    assert (stands.status, stands.starts_at) in (
        (S.BOOKED, later.starts_at),
        (S.UNDER_WAY, before.starts_at),
    )
    assert_counted(before, later)


def test_two_crews_finish_at_once__the_home_is_green() -> None:
    site = Site()
    pipes = make_work_item(project=site.project, name="上下水管")
    windows, site.item = site.item, pipes
    visits = [make_appointment(site=site, status="under_way", slot=site.slot())]
    site.item = windows
    visits.append(make_appointment(site=site, status="under_way", slot=site.slot(at=time(14))))
    held = [fresh(visit) for visit in visits]
    outcomes = at_once(
        *(
            lambda visit=visit: actions.finish_work(appointment=visit, by=site.member, now=clock.now())
            for visit in held
        )
    )
    assert outcomes == ["ok", "ok"]
    assert Participation.objects.get(home=site.home).state == HomeState.DONE


@pytest.mark.parametrize("round_", range(3))
def test_moved_by_two_and_cancelled_by_a_third__one_of_them_wins(round_: int) -> None:
    site, visit, before, later = moving()
    third = site.slot(day=clock.today(clock.now()) + timedelta(days=8))
    held = fresh(visit)
    outcomes = at_once(
        move_to(visit, later, site),
        move_to(visit, third, site),
        lambda: actions.cancel_appointment(appointment=held, by=site.resident, reason="", now=clock.now()),
    )
    assert outcomes == ["already_moved", "already_moved", "ok"]
    assert fresh(visit).history.count() == 2
    assert_counted(before, later, third)


@pytest.mark.parametrize("round_", range(3))
def test_not_taking_part_and_booked_at_once__one_of_them_wins(round_: int) -> None:
    site = Site()
    slot = site.slot(capacity=2)
    outcomes = at_once(book(site, slot), say_no(site))
    assert outcomes in (["has_appointment", "ok"], ["not_taking_part", "ok"])
    said = Participation.objects.get(home=site.home).answer
    booked = Appointment.objects.ahead().filter(home=site.home).count()
    assert (said, booked) in ((Participation.Answer.NO, 0), (Participation.Answer.YES, 1))
    assert_counted(slot)


def test_book__no_is_said_after_the_looking__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site()
    slot = site.slot()
    looked = appointments.check_may_book

    def look_then_no(*args: Any, **kwargs: Any) -> None:
        looked(*args, **kwargs)
        say_no(site)()

    monkeypatch.setattr(appointments, "check_may_book", look_then_no)
    with pytest.raises(ActionError) as refused:
        book(site, slot)()
    assert refused.value.code == "not_taking_part"
    assert not Appointment.objects.exists()
    assert_counted(slot)


def test_book__two_homes_in_the_slots_offered_to_each_other__both_are_booked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each request takes its place before it gives up the offered one, which the other has locked."""
    site = Site()
    other_home, other = site.neighbour()
    slots = [site.slot(at=time(at), capacity=2) for at in (9, 14)]
    for slot, home, resident in zip(slots, (site.home, other_home), (site.resident, other), strict=True):
        taken = [make_booking(slot=slot, resident=make_resident()) for _ in range(2)]
        wait = partial(actions.wait_for_slot, home=home, item=site.item, slot=slot)
        wait(by=resident, now=clock.now())
        for place in taken:
            scheduling.release_place(place=place, by=None, now=clock.now())
    both_have_their_place = threading.Barrier(2)
    create = appointments._create

    def create_later(*args: Any, **kwargs: Any) -> Appointment:
        with suppress(threading.BrokenBarrierError):
            both_have_their_place.wait(timeout=2)
        return create(*args, **kwargs)

    monkeypatch.setattr(appointments, "_create", create_later)
    book_ = partial(actions.book_appointment, item=site.item, now=clock.now())
    outcomes = at_once(
        lambda: book_(home=site.home, slot=slots[1], by=site.resident, key=uuid4()),
        lambda: book_(home=other_home, slot=slots[0], by=other, key=uuid4()),
    )
    assert outcomes == ["ok", "ok"]
    assert_counted(*slots)
    assert list(Slot.objects.order_by("pk").values_list("taken", flat=True)) == [1, 1]
