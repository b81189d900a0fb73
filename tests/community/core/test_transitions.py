import threading
from typing import Any

import pytest
from django.db import connections

from accounts.models import Residency
from community.core import clock
from community.core.transitions import AlreadyMoved, move
from tests.factories import make_home, make_residency, make_staff, make_user

Status = Residency.Status


@pytest.fixture
def asked(db: None) -> Residency:
    return make_residency(user=make_user(), home=make_home(), status=Status.REQUESTED)


def test_move__allowed__changes_and_writes_history(asked: Residency) -> None:
    staff, now = make_staff(), clock.now()
    move(asked, Status.ACTIVE, by=staff, now=now, reason="看过房产证", on_behalf_of=asked.user)
    asked.refresh_from_db()
    assert (asked.status, asked.status_changed_at) == (Status.ACTIVE, now)
    step = asked.history.last()
    assert (step.from_status, step.to_status, step.actor) == ("requested", "active", staff)
    assert (step.on_behalf_of, step.reason, step.at) == (asked.user, "看过房产证", now)


def test_move__not_in_the_table__is_refused_and_writes_nothing(asked: Residency) -> None:
    staff, now = make_staff(), clock.now()
    move(asked, Status.DECLINED, by=staff, now=now)
    for to in Status:
        with pytest.raises(AlreadyMoved):
            move(asked, to, by=staff, now=now)
    asked.refresh_from_db()
    assert asked.status == Status.DECLINED
    assert asked.history.count() == 2


def test_move__from_a_stale_copy__is_refused(asked: Residency) -> None:
    stale, staff, now = Residency.objects.get(pk=asked.pk), make_staff(), clock.now()
    move(asked, Status.DECLINED, by=staff, now=now)
    with pytest.raises(AlreadyMoved):
        move(stale, Status.ACTIVE, by=staff, now=now)
    stale.refresh_from_db()
    assert stale.status == Status.DECLINED


def test_move__condition_not_met__is_refused_and_leaves_the_copy_as_it_was(asked: Residency) -> None:
    with pytest.raises(AlreadyMoved):
        move(asked, Status.ACTIVE, by=None, now=clock.now(), only_if={"kind": Residency.Kind.TENANT})
    assert asked.status == Status.REQUESTED
    assert asked.history.count() == 1


@pytest.mark.parametrize("_time", range(5))
@pytest.mark.django_db(transaction=True)
def test_move__two_at_the_same_moment__one_gets_it(_time: int) -> None:
    residency = make_residency(user=make_user(), home=make_home(), status=Status.REQUESTED)
    outcomes: list[Any] = []
    start = threading.Barrier(2)

    def go(to: str) -> None:
        mine = Residency.objects.get(pk=residency.pk)
        start.wait()
        try:
            move(mine, to, by=None, now=clock.now())
            outcomes.append(to)
        except AlreadyMoved:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(to,)) for to in (Status.ACTIVE, Status.DECLINED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes).count("refused") == 1
    residency.refresh_from_db()
    assert residency.status in outcomes
    assert residency.history.count() == 2
