"""Two workers tap "take" on the same job at the same moment."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from accounts.models import StaffRole, User
from community.core import clock
from community.core.transitions import AlreadyMoved
from services.repairs import actions
from services.repairs.models import Repair
from tests.factories import make_repair, make_staff
from tests.support.draws import few_or


def _at_once(repair: Repair, workers: list[User], take) -> list[str]:
    """What each of them is told: "got it", or the code of the refusal."""
    start, answers = Barrier(len(workers)), []

    def tap(worker: User) -> None:
        try:
            mine = Repair.objects.get(pk=repair.pk)
            start.wait()
            take(mine, worker)
            answers.append("got it")
        except AlreadyMoved as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    threads = [Thread(target=tap, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
@few_or(100)
def test_take__by_two_at_once__one_gets_it_and_the_other_is_told(rounds: int) -> None:
    first = make_repair(status=Repair.Status.ACCEPTED)
    workers = [make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=first.estate) for _n in range(2)]
    for _round in range(rounds):
        repair = make_repair(
            status=Repair.Status.ACCEPTED,
            home=first.home,
            estate=first.estate,
            resident=first.resident,
            category=first.category,
        )
        answers = _at_once(
            repair, workers, lambda mine, by: actions.take_repair(repair=mine, by=by, now=clock.now())
        )
        assert answers == ["already_taken", "got it"]
        repair.refresh_from_db()
        assert repair.worker in workers
        assert repair.history.filter(to_status=Repair.Status.ASSIGNED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_take__without_the_guard__both_believe_they_have_it() -> None:
    """The race is real: reading, then writing, lets two workers through."""
    repair = make_repair(status=Repair.Status.ACCEPTED)
    workers = [make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=repair.estate) for _n in range(2)]

    def naive(mine: Repair, by: User) -> None:
        if mine.status not in Repair.TAKEABLE:
            raise AlreadyMoved
        Repair.objects.filter(pk=mine.pk).update(status=Repair.Status.ASSIGNED, worker=by)

    assert _at_once(repair, workers, naive) == ["got it", "got it"]
