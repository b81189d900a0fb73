"""One place: held, booked, confirmed, given back, moved, lapsed."""

from datetime import timedelta
from uuid import uuid4

import pytest

from community.core import clock, events
from community.core.errors import ActionError
from services.scheduling import actions
from services.scheduling.models import Place, Slot
from tests import factories as make
from tests.support.events_sent import sent

Status = Place.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


def hold(slot, resident, now, **overrides):
    fields = {"by": resident, "key": uuid4(), "now": now}
    return actions.hold_place(slot=slot, resident=resident, **(fields | overrides))


def book(slot, resident, now, **overrides):
    fields = {"by": resident, "key": uuid4(), "now": now}
    return actions.book_place(slot=slot, resident=resident, **(fields | overrides))


def free_in(slot, now) -> int:
    return Slot.objects.open(now).get(pk=slot.pk).free


def code_of(refused: pytest.ExceptionInfo[ActionError]) -> str:
    return refused.value.code


def test_book__last_place__the_next_is_told_that_it_is_full(now):
    slot = make.make_slot(capacity=2)
    book(slot, make.make_resident(), now)
    assert free_in(slot, now) == 1
    book(slot, make.make_resident(), now)
    late = make.make_resident()
    with pytest.raises(ActionError) as refused:
        book(slot, late, now)
    assert code_of(refused) == "slot_full"
    assert free_in(slot, now) == 0
    assert late.places.count() == 0


def test_book__repeated_tap__is_one_place(now):
    slot, resident, key = make.make_slot(capacity=2), make.make_resident(), uuid4()
    first = book(slot, resident, now, key=key)
    assert book(slot, resident, now, key=key) == first
    assert free_in(slot, now) == 1
    assert first.history.count() == 1


def test_book__twice_by_one_person__is_refused(now):
    slot, resident = make.make_slot(capacity=2), make.make_resident()
    book(slot, resident, now)
    with pytest.raises(ActionError) as refused:
        book(slot, resident, now)
    assert code_of(refused) == "already_yours"
    assert free_in(slot, now) == 1


def test_book__key_of_somebody_else__is_refused(now):
    slot, key = make.make_slot(capacity=2), uuid4()
    book(slot, make.make_resident(), now, key=key)
    with pytest.raises(ActionError) as refused:
        book(slot, make.make_resident(), now, key=key)
    assert code_of(refused) == "key_used"


def test_book__in_the_past__is_refused(now):
    slot = make.make_slot(starts_at=now - timedelta(minutes=1))
    with pytest.raises(ActionError) as refused:
        book(slot, make.make_resident(), now)
    assert code_of(refused) == "slot_past"


def test_book__closed_slot__is_refused(now):
    with pytest.raises(ActionError) as refused:
        book(make.make_slot(is_closed=True), make.make_resident(), now)
    assert code_of(refused) == "slot_closed"


def test_hold__until_it_runs_out__counts_for_everybody(now):
    slot = make.make_slot()
    held = hold(slot, make.make_resident(), now)
    assert held.held_until == now + timedelta(minutes=15)
    with pytest.raises(ActionError):
        book(slot, make.make_resident(), now + timedelta(minutes=14))


def test_hold__ran_out_and_nobody_swept__the_next_gets_the_place(now):
    slot = make.make_slot()
    held, later = hold(slot, make.make_resident(), now), now + timedelta(minutes=15)
    assert free_in(slot, later) == 1
    book(slot, make.make_resident(), later)
    held.refresh_from_db()
    assert held.status == Status.LAPSED
    assert Slot.objects.get().taken == 1


def test_hold__ran_out__can_be_held_again_by_the_same_person(now):
    slot, resident = make.make_slot(capacity=5), make.make_resident()
    hold(slot, resident, now)
    again = hold(slot, resident, now + timedelta(hours=1))
    assert again.status == Status.HELD
    assert Slot.objects.get().taken == 1


def test_hold__again_with_another_key__is_the_same_hold_not_prolonged(now):
    slot, resident = make.make_slot(), make.make_resident()
    first = hold(slot, resident, now)
    again = hold(slot, resident, now + timedelta(minutes=10))
    assert (again, again.held_until) == (first, first.held_until)


def test_hold__shortly_before_the_slot__ends_with_its_beginning(now):
    slot = make.make_slot(starts_at=now + timedelta(minutes=5))
    assert hold(slot, make.make_resident(), now).held_until == slot.starts_at


def test_book__what_is_held_for_oneself__is_booked(now):
    slot, resident, key = make.make_slot(), make.make_resident(), uuid4()
    held = hold(slot, resident, now)
    booked = book(slot, resident, now, key=key)
    assert (booked, booked.status) == (held, Status.BOOKED)
    assert book(slot, resident, now, key=key) == held
    assert Slot.objects.get().taken == 1


def test_book__with_the_key_of_the_hold__is_booked_or_told_that_it_ran_out(now):
    slot, resident, key = make.make_slot(), make.make_resident(), uuid4()
    held = hold(slot, resident, now, key=key)
    assert book(slot, resident, now, key=key).status == Status.BOOKED
    other = make.make_slot(capacity=2)
    key = uuid4()
    hold(other, resident, now, key=key)
    with pytest.raises(ActionError) as refused:
        book(other, resident, now + timedelta(hours=1), key=key)
    assert code_of(refused) == "hold_lapsed"
    assert Place.objects.get(pk=held.pk).status == Status.BOOKED


def test_confirm__in_time__is_booked_and_stays(now):
    place = hold(make.make_slot(), resident := make.make_resident(), now)
    actions.confirm_place(place=place, by=resident, now=now)
    actions.confirm_place(place=place, by=resident, now=now)
    assert actions.lapse_due(now + timedelta(hours=1)) == 0
    assert [change.to_status for change in place.history.all()] == ["held", "booked"]


def test_confirm__too_late__is_told_so(now):
    place = hold(make.make_slot(), resident := make.make_resident(), now)
    with pytest.raises(ActionError) as refused:
        actions.confirm_place(place=place, by=resident, now=now + timedelta(minutes=15))
    assert code_of(refused) == "hold_lapsed"


def test_confirm__slot_closed_meanwhile__is_told_so(now):
    place = hold(slot := make.make_slot(), resident := make.make_resident(), now)
    Slot.objects.filter(pk=slot.pk).update(is_closed=True)
    with pytest.raises(ActionError) as refused:
        actions.confirm_place(place=place, by=resident, now=now)
    assert code_of(refused) == "slot_closed"


def test_lapse_due__tells_whoever_made_something_of_the_place(now, monkeypatch):
    told = sent(events.place_lapsed, monkeypatch)
    place = hold(make.make_slot(), make.make_resident(), now)
    later = now + timedelta(minutes=16)
    assert actions.lapse_due(later) == 1
    assert actions.lapse_due(later) == 0
    assert told == [{"place": place, "now": later}]
    assert Slot.objects.get().taken == 0


def test_lapse_due__one_cannot_be_freed__the_others_are(now):
    bad = hold(make.make_slot(), make.make_resident(), now)
    good = hold(make.make_slot(), make.make_resident(), now + timedelta(minutes=1))
    # Its slot has lost count of it.
    Slot.objects.filter(pk=bad.slot_id).update(taken=0)
    assert actions.lapse_due(now + timedelta(minutes=17)) == 1
    assert Place.objects.get(pk=bad.pk).status == Status.HELD
    assert Place.objects.get(pk=good.pk).status == Status.LAPSED
    assert Slot.objects.get(pk=good.slot_id).taken == 0


def test_release__frees_once(now):
    place = make.make_booking(slot=make.make_slot(capacity=3), now=now)
    make.make_booking(slot=place.slot)
    for _tap in range(2):
        actions.release_place(place=place, by=place.resident, now=now, reason="有事")
    stale = Place.objects.get(pk=place.pk)
    actions.release_place(place=stale, by=place.resident, now=now)
    assert Slot.objects.get().taken == 1
    assert place.history.last().reason == "有事"


def test_release__seen_before_it_was_moved__frees_nothing(now):
    place = make.make_booking()
    stale = Place.objects.get(pk=place.pk)
    other = make.make_slot()
    actions.move_place(place=place, to=other, by=place.resident, now=now)
    with pytest.raises(ActionError) as refused:
        actions.release_place(place=stale, by=place.resident, now=now)
    assert code_of(refused) == "already_moved"
    assert Slot.objects.get(pk=other.pk).taken == 1


def test_move__takes_the_new_and_frees_the_old(now):
    place, other = make.make_booking(now=now), make.make_slot()
    before = place.slot
    for _tap in range(2):
        moved = actions.move_place(place=place, to=other, by=place.resident, now=now)
    assert (moved.slot, moved.status) == (other, Status.BOOKED)
    assert (free_in(before, now), free_in(other, now)) == (1, 0)
    assert [change.slot for change in place.history.all()] == [before, other]


def test_move__new_slot_full__stays_where_it_was(now):
    place, other = make.make_booking(), make.make_booking().slot
    before = place.slot
    with pytest.raises(ActionError) as refused:
        actions.move_place(place=place, to=other, by=place.resident, now=now)
    assert code_of(refused) == "slot_full"
    assert place.slot == before
    assert list(Slot.objects.values_list("taken", flat=True)) == [1, 1]
    assert place.history.count() == 1


def test_move__new_slot_full_of_what_ran_out__goes_there(now):
    place, other = make.make_booking(), make.make_slot()
    hold(other, make.make_resident(), now)
    later = now + timedelta(minutes=20)
    assert actions.move_place(place=place, to=other, by=place.resident, now=later).slot == other


def test_move__where_one_has_a_place_already__is_refused(now):
    place, other = make.make_booking(), make.make_slot(capacity=2)
    book(other, place.resident, now)
    with pytest.raises(ActionError) as refused:
        actions.move_place(place=place, to=other, by=place.resident, now=now)
    assert code_of(refused) == "already_yours"
    assert sorted(Slot.objects.values_list("taken", flat=True)) == [1, 1]


def test_move__only_held__is_refused(now):
    place = hold(make.make_slot(), resident := make.make_resident(), now)
    with pytest.raises(ActionError):
        actions.move_place(place=place, to=make.make_slot(), by=resident, now=now)


def test_by_somebody_else__history_says_for_whom(now):
    slot, desk, resident = make.make_slot(), make.make_staff(), make.make_resident()
    place = book(slot, resident, now, by=desk)
    actions.release_place(place=place, by=desk, now=now)
    assert [(change.actor, change.on_behalf_of) for change in place.history.all()] == [(desk, resident)] * 2
