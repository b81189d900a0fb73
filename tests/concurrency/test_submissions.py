"""A phone that lost its patience sends the same entry twice at the same moment."""

from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connections

from community.core import clock
from services.common.submissions import submit_once
from services.repairs import actions
from services.repairs.models import Repair
from tests.factories import make_repair
from tests.support.draws import few_or


def _twice_at_once(job: Repair, key: UUID | None) -> None:
    """Two requests with one key; without one, what would happen if nobody looked."""
    start = Barrier(2)

    def send() -> None:
        try:
            mine = Repair.objects.get(pk=job.pk)
            by = mine.worker
            assert by is not None
            now = clock.now()
            start.wait()
            if key is None:
                actions.add_words(repair=mine, by=by, words="半小时后到", now=now)
                return
            submit_once(
                key=key,
                worker=by,
                job=mine.ref,
                act=lambda: actions.add_words(repair=mine, by=by, words="半小时后到", now=now),
                now=now,
            )
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
@few_or(20)
def test_submission__twice_at_once__counts_once(rounds: int) -> None:
    job = make_repair(status=Repair.Status.IN_WORK)
    for number in range(1, rounds + 1):
        _twice_at_once(job, uuid4())
        assert job.messages.count() == number


@pytest.mark.django_db(transaction=True)
def test_submission__without_the_key__counts_twice() -> None:
    """The trouble is real: two requests are two messages."""
    job = make_repair(status=Repair.Status.IN_WORK)
    _twice_at_once(job, None)
    assert job.messages.count() == 2
