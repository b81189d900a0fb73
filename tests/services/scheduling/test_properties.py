"""Whatever people, staff and the clock do in whatever order: what is counted is what is there."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from services.scheduling import actions
from services.scheduling.models import Closure, Place, Slot, Waiting
from tests import factories as make
from tests.support.draws import PROFILES

# A Monday at noon; the slots are on Tuesday at 8 and 9. So few that they are soon full.
BEGINNING = datetime(2026, 11, 23, 12, tzinfo=clock.SHANGHAI)
TUESDAY = date(2026, 11, 24)
REFUSALS = {
    *("slot_full", "slot_past", "slot_closed", "slot_free", "already_yours", "already_moved"),
    *("hold_lapsed", "offer_over", "key_used"),
}
PEOPLE, SLOTS = 4, 2
people = st.integers(0, PEOPLE - 1)
slots = st.integers(0, SLOTS - 1)
picks = st.integers(0, 99)


class Places(RuleBasedStateMachine):
    persons: list[User]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = BEGINNING
        hours = make.make_hours(weekday=1, opens=time(8), closes=time(10), capacity=1)
        self.resource = hours.resource
        actions.make_slots(resource=self.resource, until=TUESDAY, now=self.now)
        self.slots = list(Slot.objects.filter(resource=self.resource).order_by("pk"))
        assert len(self.slots) == SLOTS
        self.keys: list[tuple[Slot, User, UUID]] = []

    @initialize(order=st.permutations(range(PEOPLE)), until=st.integers(0, PEOPLE))
    def rush(self, order: list[int], until: int) -> None:
        """It begins with a slot that is full, perhaps, and with some who wait for it."""
        for person in order[:until]:
            self.book(0, person)
            self.join(0, person)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def tries(self, act: Any, **given: Any) -> str:
        """``ok``, or why not; every refusal is one that a person is told in words."""
        try:
            act(now=self.now, **given)
        except ActionError as refusal:
            outcome = refusal.code
        else:
            return "ok"
        assert outcome in REFUSALS
        return outcome

    def some_place(self, pick: int) -> Place | None:
        """One that still counts, mostly; now and then one that is over."""
        every = Place.objects.select_related("slot", "resident").order_by("pk")
        places = list(every if pick % 5 == 0 else every.live())
        return places[pick % len(places)] if places else None

    def some_waiting(self, pick: int) -> Waiting | None:
        every = Waiting.objects.select_related("slot", "resident", "place").order_by("pk")
        those = list(every if pick % 5 == 0 else every.live())
        return those[pick % len(those)] if those else None

    @rule(slot=slots, person=people)
    def hold(self, slot: int, person: int) -> None:
        resident, key = self.persons[person], uuid4()
        self.keys.append((self.slots[slot], resident, key))
        self.tries(actions.hold_place, slot=self.slots[slot], resident=resident, by=resident, key=key)

    @rule(slot=slots, person=people)
    def book(self, slot: int, person: int) -> None:
        """Who is told that there is room gets in; who is told that there is none does not."""
        chosen, resident, key = self.slots[slot], self.persons[person], uuid4()
        self.keys.append((chosen, resident, key))
        mine = Place.objects.live().filter(slot=chosen, resident=resident)
        waits = Waiting.objects.live().filter(slot=chosen, resident=resident)
        is_new = not mine.exists() and not waits.exists()
        has_room = Slot.objects.with_room(self.now).filter(pk=chosen.pk).exists()
        outcome = self.tries(actions.book_place, slot=chosen, resident=resident, by=resident, key=key)
        if is_new:
            assert (outcome == "ok") == has_room

    @rule(pick=picks)
    def tap_again(self, pick: int) -> None:
        if self.keys:
            slot, resident, key = self.keys[pick % len(self.keys)]
            before = Place.objects.filter(key=key).count()
            self.tries(actions.book_place, slot=slot, resident=resident, by=resident, key=key)
            assert before <= Place.objects.filter(key=key).count() <= 1

    @precondition(lambda self: Place.objects.exists())
    @rule(pick=picks)
    def confirm(self, pick: int) -> None:
        if place := self.some_place(pick):
            self.tries(actions.confirm_place, place=place, by=place.resident)

    @precondition(lambda self: Place.objects.exists())
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        if place := self.some_place(pick):
            assert self.tries(actions.release_place, place=place, by=place.resident) == "ok"

    @precondition(lambda self: Place.objects.exists())
    @rule(pick=picks, slot=slots)
    def move(self, pick: int, slot: int) -> None:
        if place := self.some_place(pick):
            before, to = place.slot_id, self.slots[slot]
            outcome = self.tries(actions.move_place, place=place, to=to, by=place.resident)
            assert Place.objects.get(pk=place.pk).slot_id == (to.pk if outcome == "ok" else before)

    @rule(slot=slots, person=people)
    def join(self, slot: int, person: int) -> None:
        resident = self.persons[person]
        self.tries(actions.join_waiting, slot=self.slots[slot], resident=resident, by=resident)

    @precondition(lambda self: Waiting.objects.exists())
    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        if waiting := self.some_waiting(pick):
            assert self.tries(actions.leave_waiting, waiting=waiting, by=waiting.resident) == "ok"

    @precondition(lambda self: Waiting.objects.exists())
    @rule(pick=picks)
    def take_offer(self, pick: int) -> None:
        if waiting := self.some_waiting(pick):
            self.tries(actions.take_offer, waiting=waiting, by=waiting.resident, key=uuid4())

    @rule(minutes=st.sampled_from([1, 10, 15, 29, 31, 31, 8 * 60]), is_swept=st.booleans())
    def time_passes(self, minutes: int, is_swept: bool) -> None:
        """The worker sweeps, or is dead."""
        self.now += timedelta(minutes=minutes)
        if is_swept:
            actions.lapse_due(self.now)
            assert not Place.objects.overdue(self.now).exists()

    @precondition(lambda self: not Closure.objects.exists())
    @rule(slot=slots)
    def close(self, slot: int) -> None:
        chosen = self.slots[slot]
        Closure.objects.create(
            estate=self.resource.estate,
            resource=self.resource,
            starts_at=chosen.starts_at,
            ends_at=chosen.ends_at,
            reason="检修",
        )
        booked = set(Place.objects.filter(status="booked", slot__starts_at__gt=self.now))
        actions.make_slots(resource=self.resource, until=TUESDAY, now=self.now)
        assert set(Place.objects.filter(status="booked", slot__starts_at__gt=self.now)) == booked

    @precondition(lambda self: Closure.objects.exists())
    @rule()
    def open_again(self) -> None:
        Closure.objects.all().delete()
        actions.make_slots(resource=self.resource, until=TUESDAY, now=self.now)

    @rule(capacity=st.integers(1, 3))
    def change_capacity(self, capacity: int) -> None:
        self.resource.hours.update(capacity=capacity)
        actions.make_slots(resource=self.resource, until=TUESDAY, now=self.now)

    @invariant()
    def counts_agree(self) -> None:
        live = Counter(Place.objects.live().values_list("slot", flat=True))
        waiting = set(Waiting.objects.in_line().values_list("slot", flat=True))
        for slot in Slot.objects.filter(resource=self.resource):
            assert slot.taken == live[slot.pk]
            assert 0 <= slot.taken <= slot.capacity
            if slot.pk in waiting and not slot.is_closed and slot.starts_at > self.now:
                assert slot.taken == slot.capacity, "somebody waits beside a free place"

    @invariant()
    def nobody_has_two(self) -> None:
        pairs = Counter(Place.objects.live().values_list("slot", "resident"))
        assert set(pairs.values()) <= {1}

    @invariant()
    def offers_are_held(self) -> None:
        offered = Waiting.objects.filter(status="offered").select_related("place")
        for waiting in offered:
            assert waiting.place is not None
            assert (waiting.place.status, waiting.place.slot_id) == ("held", waiting.slot_id)
            assert (waiting.place.resident_id, waiting.place.held_until) == (
                waiting.resident_id,
                waiting.offered_until,
            )
        kept = Place.objects.filter(status="held", made_by=None)
        assert set(kept) == {waiting.place for waiting in offered}


@pytest.mark.django_db
@PROFILES
def test_places__whatever_happens__what_is_counted_is_what_is_there(profile: str) -> None:
    Places.persons = [make.make_user(name=f"住户{number}") for number in range(PEOPLE)]
    run_state_machine_as_test(Places, settings=settings.get_profile(profile))
