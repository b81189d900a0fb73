"""The waiting list: what is freed goes to the next, for a while."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from community.core import clock, events
from community.core.errors import ActionError
from community.core.transitions import move
from services.scheduling import actions
from services.scheduling.models import Place, Slot, Waiting
from tests import factories as make
from tests.support.events_sent import sent

Status = Waiting.Status
pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=clock.SHANGHAI)


@pytest.fixture
def place() -> Place:
    """The only place of a slot of the day after."""
    slot = make.make_slot(day=(NOON + timedelta(days=1)).date())
    return make.make_booking(slot=slot, now=NOON)


def wait(slot: Slot, now: datetime = NOON, **overrides) -> Waiting:
    resident = overrides.pop("resident", None) or make.make_resident()
    return actions.join_waiting(slot=slot, resident=resident, **({"by": resident, "now": now} | overrides))


def free(place: Place, now: datetime = NOON) -> None:
    actions.release_place(place=place, by=place.resident, now=now)


def states(*those: Waiting) -> list[str]:
    return [Waiting.objects.get(pk=one.pk).status for one in those]


def test_join__slot_with_room__is_told_to_book() -> None:
    with pytest.raises(ActionError) as refused:
        wait(make.make_slot(), clock.now())
    assert refused.value.code == "slot_free"
    assert Waiting.objects.count() == 0


def test_join__slot_full_of_what_ran_out__is_told_to_book() -> None:
    slot, resident, now = make.make_slot(), make.make_resident(), clock.now()
    actions.hold_place(slot=slot, resident=resident, by=resident, key=uuid4(), now=now)
    with pytest.raises(ActionError) as refused:
        wait(slot, now + timedelta(minutes=20))
    assert refused.value.code == "slot_free"


def test_join__twice__is_one_turn(place: Place) -> None:
    first = wait(place.slot)
    assert wait(place.slot, resident=first.resident) == first


def test_join__with_a_place__is_refused(place: Place) -> None:
    with pytest.raises(ActionError) as refused:
        wait(place.slot, resident=place.resident)
    assert refused.value.code == "already_yours"


def test_join__past_or_closed__is_refused(place: Place) -> None:
    with pytest.raises(ActionError) as refused:
        wait(place.slot, place.slot.starts_at)
    assert refused.value.code == "slot_past"
    Slot.objects.update(is_closed=True)
    with pytest.raises(ActionError) as refused:
        wait(place.slot)
    assert refused.value.code == "slot_closed"


def test_release__somebody_waits__it_is_kept_for_the_first(place: Place, monkeypatch) -> None:
    told = sent(events.place_offered, monkeypatch)
    first, second = wait(place.slot), wait(place.slot, NOON + timedelta(minutes=1))
    free(place)
    assert states(first, second) == [Status.OFFERED, Status.WAITING]
    assert [(one["waiting"], one["waiting"].offered_until) for one in told] == [
        (first, NOON + timedelta(minutes=30))
    ]
    with pytest.raises(ActionError) as refused:
        make.make_booking(slot=place.slot, now=NOON)
    assert refused.value.code == "slot_full"
    assert Slot.objects.open(NOON).get().free == 0


def test_take_offer__in_time__is_booked(place: Place) -> None:
    waiting, key = wait(place.slot), uuid4()
    free(place)
    for _tap in range(2):
        taken = actions.take_offer(waiting=waiting, by=waiting.resident, key=key, now=NOON)
    assert (taken.resident, taken.status) == (waiting.resident, Place.Status.BOOKED)
    assert states(waiting) == [Status.TAKEN]
    assert Slot.objects.get().taken == 1


def test_book__what_is_offered_to_oneself__takes_the_offer(place: Place) -> None:
    waiting = wait(place.slot)
    free(place)
    make.make_booking(slot=place.slot, resident=waiting.resident, now=NOON)
    assert states(waiting) == [Status.TAKEN]


def test_offer__nobody_answers__goes_to_the_next(place: Place) -> None:
    first, second = wait(place.slot), wait(place.slot, NOON + timedelta(minutes=1))
    free(place)
    actions.lapse_due(NOON + timedelta(minutes=30))
    assert states(first, second) == [Status.EXPIRED, Status.OFFERED]
    with pytest.raises(ActionError) as refused:
        actions.take_offer(waiting=first, by=first.resident, key=uuid4(), now=NOON + timedelta(minutes=31))
    assert refused.value.code == "offer_over"


def test_offer__last_one_lets_it_go__is_free_for_all(place: Place) -> None:
    wait(place.slot)
    free(place)
    later = NOON + timedelta(minutes=31)
    assert make.make_booking(slot=place.slot, now=later).status == Place.Status.BOOKED


def test_leave__while_waiting_and_while_offered__the_next_moves_up(place: Place) -> None:
    first, second, third = (wait(place.slot, NOON + timedelta(minutes=number)) for number in range(3))
    actions.leave_waiting(waiting=first, by=first.resident, now=NOON)
    free(place)
    assert states(first, second, third) == [Status.LEFT, Status.OFFERED, Status.WAITING]
    # The page of the second still says that they wait.
    actions.leave_waiting(waiting=second, by=second.resident, now=NOON)
    actions.leave_waiting(waiting=second, by=second.resident, now=NOON)
    assert states(second, third) == [Status.LEFT, Status.OFFERED]
    assert Slot.objects.get().taken == 1


def test_move__away_from_a_full_slot__offers_the_place(place: Place) -> None:
    waiting = wait(place.slot)
    to = make.make_slot(day=place.slot.starts_at.date())
    actions.move_place(place=place, to=to, by=place.resident, now=NOON)
    assert states(waiting) == [Status.OFFERED]


@pytest.mark.parametrize(
    ("hour", "until"),
    [(12, (23, 12, 30)), (20, (23, 20, 30)), (22, (24, 8, 30)), (3, (23, 8, 30))],
)
def test_offer__at_night__is_kept_until_the_morning(place: Place, hour: int, until: tuple) -> None:
    waiting = wait(place.slot)
    free(place, NOON.replace(hour=hour))
    waiting.refresh_from_db()
    assert waiting.offered_until == datetime(2026, 11, *until, tzinfo=clock.SHANGHAI)


def test_offer__shortly_before_the_slot__ends_with_its_beginning(place: Place) -> None:
    waiting = wait(place.slot)
    free(place, place.slot.starts_at - timedelta(minutes=10))
    waiting.refresh_from_db()
    assert waiting.offered_until == place.slot.starts_at


def test_lapse_due__the_slot_has_begun__nobody_waits_any_more(place: Place) -> None:
    waiting = wait(place.slot)
    actions.lapse_due(place.slot.starts_at)
    assert states(waiting) == [Status.EXPIRED]


def test_lapse_due__the_waiting_of_one_cannot_be_ended__that_of_the_others_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = wait(place.slot), wait(place.slot, NOON + timedelta(minutes=1))

    def broken(row: Waiting, *given: object, **more: object) -> None:
        if row == bad:
            raise ValueError("nonsense in the row")
        move(row, *given, **more)

    monkeypatch.setattr("services.scheduling.actions.releases.move", broken)
    actions.lapse_due(place.slot.starts_at)
    assert states(bad, good) == [Status.WAITING, Status.EXPIRED]
