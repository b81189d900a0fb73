"""Many processes after few places: nobody gets one that is not there, and none is lost."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import time
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from accounts.models import User
from community.core import clock
from services.scheduling import actions
from services.scheduling.models import Place, Slot, Waiting
from tests import factories as make
from tests.support.at_once import at_once
from tests.support.draws import few_or
from tests.support.processes import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, PLACES = 16, 100
floods = pytest.mark.parametrize("tries", [15, pytest.param(50, marks=pytest.mark.long)])


@pytest.fixture(scope="module")
def takers(django_db_setup: None) -> Iterator[Callable[..., dict[str, Any]]]:
    """Run ``tests.support.takers`` on the tests' database: it is loaded once for all of them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.takers"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(*words: object) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        print(*words, file=process.stdin, flush=True)
        told = process.stdout.readline()
        assert told, f"the takers ended with {process.wait(10)}; what they said stands above"
        return dict(json.loads(told))

    yield run
    process.communicate(timeout=60)
    assert process.returncode == 0


def rush(takers: Callable[..., dict[str, Any]], way: str, tries: int) -> tuple[Slot, Counter[str]]:
    people = [User(name="抢号", password="!") for _n in range(PROCESSES * tries)]
    User.objects.bulk_create(people)
    slot = make.make_slot(capacity=PLACES)
    told = takers("race", way, PROCESSES, tries, slot.pk)
    slot.refresh_from_db()
    return slot, Counter(told["outcomes"])


@floods
def test_rush__16_processes_for_100_places__exactly_100_get_one(tries: int, takers) -> None:
    slot, outcomes = rush(takers, "protected", tries)
    assert outcomes == {"taken": PLACES, "slot_full": PROCESSES * tries - PLACES}
    assert slot.taken == PLACES == Place.objects.live().filter(slot=slot).count()
    assert Place.objects.count() == PLACES


@floods
def test_rush__looking_before_coming_in__overbooks(tries: int, takers) -> None:
    """The race is real: who reads, then inserts, lets more in than there are places."""
    slot, outcomes = rush(takers, "unprotected", tries)
    assert outcomes["taken"] > PLACES
    assert Place.objects.live().filter(slot=slot).count() == outcomes["taken"]


def test_slot__counted_above_its_capacity__is_refused_by_the_database() -> None:
    slot = make.make_booking().slot
    with pytest.raises(IntegrityError):
        Slot.objects.filter(pk=slot.pk).update(taken=2)


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.long)])
def test_move__process_killed_in_the_middle__nothing_doubled_or_lost(kills: int, takers) -> None:
    resource = make.make_resource()
    slots = [make.make_slot(resource=resource, at=time(hour), capacity=3) for hour in range(6, 12)]
    places = [make.make_booking(slot=slots[number // 2]) for number in range(10)]
    killed = takers("moves", kills, kills, *(place.pk for place in places))["killed"]

    assert Place.objects.live().count() == len(places)
    for slot in Slot.objects.all():
        assert slot.taken == Place.objects.live().filter(slot=slot).count()
    moves = 0
    for place in Place.objects.prefetch_related("history"):
        where = [change.slot_id for change in sorted(place.history.all(), key=lambda change: change.pk)]
        assert where[-1] == place.slot_id
        assert all(before != after for before, after in pairwise(where))
        moves += len(where) - 1
    assert moves >= killed


def _moving(place: Place, to: Slot) -> Callable[[], object]:
    mine = Place.objects.select_related("slot", "resident").get(pk=place.pk)
    return lambda: actions.move_place(place=mine, to=to, by=None, now=clock.now())


@few_or(20)
def test_swap__two_at_once__neither_waits_for_ever(rounds: int) -> None:
    resource = make.make_resource()
    one, other = (make.make_slot(resource=resource, at=time(hour), capacity=2) for hour in (9, 10))
    first, second = make.make_booking(slot=one), make.make_booking(slot=other)
    for _round in range(rounds):
        assert at_once(_moving(first, other), _moving(second, one)) == ["ok", "ok"]
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.slot, second.slot) == (other, one)
        assert list(Slot.objects.values_list("taken", flat=True)) == [1, 1]
        one, other = other, one


@few_or(15)
def test_release_and_take__at_once__is_taken_or_told_that_it_is_full(rounds: int) -> None:
    for _round in range(rounds):
        place = make.make_booking()
        person = make.make_user()
        outcomes = at_once(
            lambda place=place: actions.release_place(place=place, by=None, now=clock.now()),
            lambda slot=place.slot, person=person: actions.book_place(
                slot=slot, resident=person, by=person, key=uuid4(), now=clock.now()
            ),
        )
        assert outcomes in (["ok", "ok"], ["ok", "slot_full"])
        live = Place.objects.live().filter(slot=place.slot).count()
        assert Slot.objects.get(pk=place.slot_id).taken == live == outcomes.count("ok") - 1


@few_or(15)
def test_release_and_join__at_once__nobody_waits_beside_a_free_place(rounds: int) -> None:
    for _round in range(rounds):
        place, person = make.make_booking(), make.make_user()
        outcomes = at_once(
            lambda place=place: actions.release_place(place=place, by=None, now=clock.now()),
            lambda slot=place.slot, person=person: actions.join_waiting(
                slot=slot, resident=person, by=person, now=clock.now()
            ),
        )
        slot = Slot.objects.get(pk=place.slot_id)
        waiting = Waiting.objects.filter(slot=slot).values_list("status", flat=True)
        if outcomes == ["ok", "ok"]:
            assert (slot.taken, list(waiting)) == (1, [Waiting.Status.OFFERED])
        else:
            assert (outcomes, slot.taken, list(waiting)) == (["ok", "slot_free"], 0, [])


def test_tap__four_times_at_once_with_one_key__is_one_place() -> None:
    slot, person, key = make.make_slot(capacity=9), make.make_user(), uuid4()
    tap = lambda: actions.book_place(slot=slot, resident=person, by=person, key=key, now=clock.now())  # noqa: E731
    assert at_once(tap, tap, tap, tap) == ["ok"] * 4
    assert Place.objects.count() == 1


@few_or(15)
def test_confirm_and_lapse__at_once__one_of_them_happens(rounds: int) -> None:
    person = make.make_user()
    for _round in range(rounds):
        slot, now = make.make_slot(), clock.now()
        place = actions.hold_place(slot=slot, resident=person, by=person, key=uuid4(), now=now)
        until = place.held_until
        at_once(
            lambda place=place, now=now: actions.confirm_place(place=place, by=person, now=now),
            lambda until=until: actions.lapse_due(until),
        )
        place.refresh_from_db()
        slot.refresh_from_db()
        assert (place.status, slot.taken) in [("booked", 1), ("lapsed", 0)]


@few_or(15)
def test_take_offer_and_leave__at_once__one_of_them_happens(rounds: int) -> None:
    person = make.make_user()
    for _round in range(rounds):
        place, now = make.make_booking(), clock.now()
        waiting = actions.join_waiting(slot=place.slot, resident=person, by=person, now=now)
        actions.release_place(place=place, by=None, now=now)
        mine, stale = (Waiting.objects.select_related("place").get(pk=waiting.pk) for _n in range(2))
        at_once(
            lambda mine=mine: actions.take_offer(waiting=mine, by=person, key=uuid4(), now=clock.now()),
            lambda stale=stale: actions.leave_waiting(waiting=stale, by=person, now=clock.now()),
        )
        slot = Slot.objects.get(pk=place.slot_id)
        waiting.refresh_from_db()
        assert (waiting.status, slot.taken) in [("taken", 1), ("left", 0)]
        assert slot.taken == Place.objects.live().filter(slot=slot).count()


def test_make_slots__twice_at_once__makes_each_once() -> None:
    resource = make.make_hours(capacity=2).resource
    plan = lambda: actions.plan_ahead(resources=[resource], now=clock.now())  # noqa: E731
    assert at_once(plan, plan, plan) == ["ok"] * 3
    starts = list(Slot.objects.values_list("starts_at", flat=True))
    assert len(starts) == len(set(starts)) > 0
