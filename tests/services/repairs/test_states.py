"""The life of a repair: every state can be reached, every illegal move is refused."""

import pytest

from community.core import clock
from community.core.transitions import AlreadyMoved, move
from services.repairs import policies
from services.repairs.models import Repair
from tests.factories import make_repair

Status = Repair.Status


def test_every_state_is_reachable_from_new() -> None:
    reached, frontier = {Status.NEW}, [Status.NEW]
    while frontier:
        for state in Repair.TRANSITIONS[frontier.pop()]:
            if state not in reached:
                reached.add(state)
                frontier.append(state)
    assert reached == set(Status)


def test_every_state_has_a_row_in_the_table() -> None:
    assert set(Repair.TRANSITIONS) == set(Status)


def test_a_finished_repair_leads_nowhere() -> None:
    assert all(not Repair.TRANSITIONS[state] for state in Repair.FINISHED)


@pytest.mark.parametrize(
    "verb", [name for name in policies.VERBS if name not in {"rate_repair", "add_work_pictures"}]
)
def test_every_verb_starts_from_a_state_that_leads_somewhere(verb: str) -> None:
    assert policies.VERBS[verb].states
    assert not policies.VERBS[verb].states & set(Repair.FINISHED)


@pytest.mark.django_db
@pytest.mark.parametrize("old", list(Status))
def test_move__illegal__is_refused_and_writes_nothing(old: str) -> None:
    repair = make_repair(status=old)
    for new in set(Status) - Repair.TRANSITIONS[old]:
        with pytest.raises(AlreadyMoved):
            move(repair, new, by=repair.resident, now=clock.now())
    repair.refresh_from_db()
    assert (repair.status, repair.history.count()) == (old, 1)


@pytest.mark.django_db
def test_move__from_a_stale_copy__is_refused() -> None:
    repair = make_repair()
    stale = Repair.objects.get(pk=repair.pk)
    move(repair, Status.ACCEPTED, by=repair.resident, now=clock.now())
    with pytest.raises(AlreadyMoved):
        move(stale, Status.DECLINED, by=repair.resident, now=clock.now())
    stale.refresh_from_db()
    assert stale.status == Status.ACCEPTED
