"""The life of a booking: every state can be reached, every illegal move is refused."""

import pytest

from community.core import clock
from community.core.transitions import AlreadyMoved, move
from services.care import policies
from services.care.models import CareBooking
from tests.factories import make_care_booking

Status = CareBooking.Status


def test_every_state_is_reachable_from_booked() -> None:
    reached, frontier = {Status.BOOKED}, [Status.BOOKED]
    while frontier:
        for state in CareBooking.TRANSITIONS[frontier.pop()]:
            if state not in reached:
                reached.add(state)
                frontier.append(state)
    assert reached == set(Status) == set(CareBooking.TRANSITIONS)


def test_a_finished_booking_leads_nowhere() -> None:
    assert all(not CareBooking.TRANSITIONS[state] for state in CareBooking.FINISHED)
    assert set(CareBooking.OPEN) | set(CareBooking.FINISHED) == set(Status)


@pytest.mark.parametrize("verb", sorted(set(policies.VERBS) - {"give_thumb", "book_again"}))
def test_every_verb_starts_from_a_state_that_leads_somewhere(verb: str) -> None:
    assert policies.VERBS[verb].states
    assert not policies.VERBS[verb].states & set(CareBooking.FINISHED)


@pytest.mark.django_db
@pytest.mark.parametrize("old", list(Status))
def test_move__illegal__is_refused_and_writes_nothing(old: str) -> None:
    booking = make_care_booking(status=old)
    for new in set(Status) - CareBooking.TRANSITIONS[old]:
        with pytest.raises(AlreadyMoved):
            move(booking, new, by=booking.resident, now=clock.now())
    booking.refresh_from_db()
    assert (booking.status, booking.history.count()) == (old, 1)
