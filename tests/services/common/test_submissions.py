"""An entry that a worker's phone sends twice or late counts once."""

from uuid import uuid4

import pytest

from community.core import clock
from community.core.errors import ActionError
from services.common.models import WorkSubmission
from services.common.submissions import derived_key, record_submission, submit_once, was_submitted
from tests.factories import make_repair, make_staff

pytestmark = pytest.mark.django_db


def test_record_submission__twice__is_first_once() -> None:
    job, worker, key = make_repair(), make_staff(), uuid4()
    given = {"key": key, "worker": worker, "job": job.ref, "now": clock.now()}
    assert record_submission(**given)
    assert not record_submission(**given)
    assert was_submitted(key=key, worker=worker, job=job.ref)


@pytest.mark.parametrize("other", ["worker", "job"])
def test_record_submission__key_of_another__is_refused(other: str) -> None:
    given = {
        "key": uuid4(),
        "worker": make_staff(),
        "job": make_repair().ref,
        "now": clock.now(),
    }
    record_submission(**given)
    given[other] = make_staff() if other == "worker" else make_repair().ref
    with pytest.raises(ActionError, match="key_used"):
        record_submission(**given)


def test_was_submitted__by_another_or_for_another_job__is_not() -> None:
    job, worker, key = make_repair(), make_staff(), uuid4()
    record_submission(key=key, worker=worker, job=job.ref, now=clock.now())
    assert not was_submitted(key=key, worker=make_staff())
    assert not was_submitted(key=key, worker=worker, job=make_repair().ref)
    assert not was_submitted(key=derived_key(key, "finish"), worker=worker)


def test_submit_once__refused__leaves_no_trace_and_can_be_sent_again() -> None:
    given = {
        "key": uuid4(),
        "worker": make_staff(),
        "job": make_repair().ref,
        "now": clock.now(),
    }

    def refuse() -> None:
        raise ActionError("no", "no")

    with pytest.raises(ActionError, match="no"):
        submit_once(**given, act=refuse)
    assert not WorkSubmission.objects.exists()
    done: list[int] = []
    assert submit_once(**given, act=lambda: done.append(1))
    assert not submit_once(**given, act=lambda: done.append(2))
    assert done == [1]
