"""Processes that take places against each other, or are killed while they move one.

``python -m tests.support.takers race <way> <processes> <tries> <slot>`` or ``… moves <kills> <seed>
<place>…``; without arguments, one such line at a time from its input, until the input ends. The children are
forked by a process that never opens the database, so each has a connection of its own. Prints one line of
JSON for each line of input.
"""

import importlib
import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import django

FORK = multiprocessing.get_context("fork")


def race(way: str, processes: int, tries: int, slot_id: int) -> dict[str, Any]:
    """Starts all processes at one moment; returns the count of each outcome and the seconds."""
    start, told = FORK.Barrier(processes + 1), FORK.SimpleQueue()
    children = [
        FORK.Process(target=_try, args=(way, number, processes, tries, slot_id, start, told))
        for number in range(processes)
    ]
    for child in children:
        child.start()
    start.wait(60)
    began = time.perf_counter()
    outcomes: Counter[str] = Counter()
    for _child in children:
        outcomes.update(told.get())
    seconds = time.perf_counter() - began
    for child in children:
        child.join(60)
    return {"outcomes": outcomes, "seconds": seconds}


def _try(way: str, number: int, processes: int, tries: int, slot_id: int, start: Any, told: Any) -> None:
    from accounts.models import User
    from community.core.errors import ActionError
    from services.scheduling.models import Slot

    slot = Slot.objects.get(pk=slot_id)
    people = User.objects.named("抢号").prefetch_related("residencies__home__entrance__building__estate")
    residents = list(people.order_by("pk")[number * tries : (number + 1) * tries])
    outcomes: Counter[str] = Counter()
    start.wait(60)
    try:
        for resident in residents:
            try:
                outcomes["taken" if WAYS[way](slot, resident) else "slot_full"] += 1
            except ActionError as refusal:
                outcomes[refusal.code] += 1
    except Exception as error:
        # Whoever started this process waits for its outcomes.
        outcomes[type(error).__name__] += 1
        raise
    finally:
        told.put(outcomes)


def _protected(slot: Any, resident: Any) -> bool:
    from community.core import clock
    from services.scheduling import actions

    actions.book_place(slot=slot, resident=resident, by=resident, key=uuid4(), now=clock.now())
    return True


def _unprotected(slot: Any, resident: Any) -> bool:
    """Takes a place the naive way: checks for room, then takes it."""
    from community.core import clock
    from services.scheduling.models import Place

    if Place.objects.live().filter(slot=slot).count() >= slot.capacity:
        return False
    now = clock.now()
    Place.objects.create(slot=slot, status="booked", resident=resident, created_at=now, status_changed_at=now)
    return True


def _bare(slot: Any, resident: Any) -> bool:
    """Takes the same rows with bare statements, to show what the database alone can do."""
    from django.db import connection, transaction

    from community.core import clock

    now = clock.now()
    place = (
        "INSERT INTO scheduling_place (slot_id, status, key, resident_id, made_by_id, created_at, "
        "status_changed_at) VALUES (%s, 'booked', %s, %s, %s, %s, %s) RETURNING id"
    )
    history = (
        "INSERT INTO scheduling_placechange (place_id, slot_id, from_status, to_status, actor_id, reason, at) "
        "VALUES (%s, %s, '', 'booked', %s, '', %s)"
    )
    count = "UPDATE scheduling_slot SET taken = taken + 1 WHERE id = %s AND taken < capacity"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(place, [slot.pk, uuid4().hex, resident.pk, resident.pk, now, now])
        cursor.execute(history, [cursor.fetchone()[0], slot.pk, resident.pk, now])
        cursor.execute(count, [slot.pk])
        if not cursor.rowcount:
            transaction.set_rollback(True)
            return False
    return True


def _care(slot: Any, resident: Any) -> bool:
    """Books a whole visit: holds the place, then books the draft."""
    from community.core import clock
    from services.care import actions
    from services.care.models import CareService

    service = CareService.objects.select_related("estate", "provider").get(resource=slot.resource_id)
    [residency] = resident.residencies.all()
    choice = actions.CareChoice(service=service, resident=resident, home=residency.home, key=uuid4())
    draft = actions.begin_booking(choice, slot=slot, by=resident, now=clock.now())
    actions.book(draft=draft, by=resident, now=clock.now())
    return True


def _renovation(slot: Any, resident: Any) -> bool:
    """Books a whole appointment for the work in a home."""
    from community.core import clock
    from services.renovation import actions
    from services.renovation.models import WorkItem

    item = WorkItem.objects.select_related("project__estate").get(campaigns__crew__resource=slot.resource_id)
    [residency] = resident.residencies.all()
    actions.book_appointment(
        home=residency.home, item=item, slot=slot, by=resident, key=uuid4(), now=clock.now()
    )
    return True


WAYS: dict[str, Callable[[Any, Any], bool]] = {
    "protected": _protected,
    "unprotected": _unprotected,
    "bare": _bare,
    "care": _care,
    "renovation": _renovation,
}


def moves(kills: int, seed: int, place_ids: list[int]) -> dict[str, Any]:
    """Lets two processes move places endlessly and kills one after the other in the middle of it."""
    chance = random.Random(seed)
    movers = [_Mover(number, place_ids) for number in range(2)]
    for number in range(kills):
        victim = movers[number % 2]
        victim.is_at_work()
        time.sleep(chance.random() * 0.05)
        victim.kill()
        movers[number % 2] = _Mover(number + 2, place_ids)
    for mover in movers:
        mover.is_at_work()
        mover.kill()
    return {"killed": kills + 2}


class _Mover:
    def __init__(self, seed: int, place_ids: list[int]) -> None:
        # Has no lock, since a killed process would never release it.
        self.moved = FORK.Value("i", 0, lock=False)
        self.process = FORK.Process(target=_move_on, args=(seed, place_ids, self.moved))
        self.process.start()

    def is_at_work(self) -> None:
        until = time.monotonic() + 60
        while not self.moved.value:
            if time.monotonic() > until or not self.process.is_alive():
                raise RuntimeError("the mover does not move")
            time.sleep(0.001)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        if self.process.exitcode != -signal.SIGKILL:
            raise RuntimeError("the mover ended by itself")


def _move_on(seed: int, place_ids: list[int], moved: Any) -> None:
    from community.core import clock
    from community.core.errors import ActionError
    from services.scheduling import actions
    from services.scheduling.models import Place, Slot

    chance = random.Random(seed)
    slots = list(Slot.objects.order_by("pk"))
    while True:
        place = Place.objects.select_related("slot", "resident").get(pk=chance.choice(place_ids))
        to = chance.choice([slot for slot in slots if slot.pk != place.slot_id])
        try:
            actions.move_place(place=place, to=to, by=place.resident, now=clock.now())
        except ActionError:
            continue
        moved.value += 1


def main() -> None:
    # Lowers the priority (not when it is measured): other tests on these cores check that a page changes in time.
    os.nice(int(os.environ.get("TAKERS_NICE", "10")))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
    django.setup()
    # Imported before the fork, so that the children's loading time is not measured.
    importlib.import_module("services.scheduling.actions")
    for line in [sys.argv[1:]] if sys.argv[1:] else map(str.split, sys.stdin):
        print(json.dumps(_carry_out(*line)), flush=True)


def _carry_out(what: str, *words: str) -> dict[str, Any]:
    if what == "race":
        way, *numbers = words
        return race(way, *(int(number) for number in numbers))
    kills, seed, *places = (int(word) for word in words)
    return moves(kills, seed, places)


if __name__ == "__main__":
    main()
