"""The rows of a place that raw SQL writes are the ones that models would write."""

from threading import Event
from uuid import uuid4

import pytest
from django.db import transaction

from community.core import clock
from services.scheduling import actions
from services.scheduling.actions import taking
from services.scheduling.models import Place, PlaceChange, Slot
from tests import factories as make
from tests.support.at_once import at_once


@pytest.mark.django_db
def test_book__by_a_relative__writes_every_column() -> None:
    slot, person, relative, now, key = (
        make.make_slot(),
        make.make_user(),
        make.make_user(),
        clock.now(),
        uuid4(),
    )
    place = actions.book_place(slot=slot, resident=person, by=relative, key=key, now=now)
    stored = Place.objects.get()
    assert (stored.slot, stored.status, stored.key) == (slot, "booked", key)
    assert (stored.resident, stored.made_by, stored.held_until) == (person, relative, None)
    assert (stored.created_at, stored.status_changed_at) == (now, now)
    assert all(
        getattr(place, field.attname) == getattr(stored, field.attname) for field in Place._meta.fields
    )
    change = PlaceChange.objects.get()
    assert (change.place, change.slot, change.from_status, change.to_status) == (stored, slot, "", "booked")
    assert (change.actor, change.on_behalf_of, change.reason, change.at) == (relative, person, "", now)
    slot.refresh_from_db()
    assert slot.taken == 1


@pytest.mark.django_db
def test_hold__for_oneself__names_nobody_else() -> None:
    slot, person, now = make.make_slot(), make.make_user(), clock.now()
    place = actions.hold_place(slot=slot, resident=person, by=person, key=uuid4(), now=now)
    stored = Place.objects.get()
    assert (stored, stored.status, stored.held_until) == (place, "held", place.held_until)
    assert (stored.history.get().actor, stored.history.get().on_behalf_of) == (person, None)


@pytest.mark.parametrize("model", [Place, PlaceChange])
def test_statements__name_every_column_of_the_tables(model: type) -> None:
    """A column that is added to a model is added here."""
    text = taking._PLACE if model is Place else taking._HISTORY
    named = text.partition("(")[2].partition(")")[0].replace(",", " ").split()
    assert set(named) == {field.column for field in model._meta.concrete_fields} - {"id"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [{"is_closed": True}, {"capacity": 1, "taken": 1}])
def test_book__room_gone_between_the_look_and_the_count__leaves_nothing(change: dict[str, int]) -> None:
    """Somebody closes the slot, or takes the last place, and commits while the other waits for the row."""
    slot, person, changed = make.make_slot(), make.make_user(), Event()

    def take_away() -> None:
        with transaction.atomic():
            Slot.objects.filter(pk=slot.pk).update(**change)
            changed.set()
            over.wait(0.3)

    def book() -> None:
        changed.wait(10)
        actions.book_place(slot=slot, resident=person, by=person, key=uuid4(), now=clock.now())

    over = Event()
    outcomes = at_once(take_away, book)
    assert outcomes == ["ok", "slot_closed" if "is_closed" in change else "slot_full"]
    assert (Place.objects.count(), PlaceChange.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_book__inside_a_transaction_that_goes_on__a_refusal_undoes_only_itself() -> None:
    slot, person = make.make_slot(capacity=2), make.make_user()
    with transaction.atomic():
        first = actions.hold_place(slot=slot, resident=person, by=person, key=uuid4(), now=clock.now())
        again = actions.hold_place(slot=slot, resident=person, by=person, key=uuid4(), now=clock.now())
        assert again == first
    slot.refresh_from_db()
    assert (slot.taken, Place.objects.count(), PlaceChange.objects.count()) == (1, 1, 1)
