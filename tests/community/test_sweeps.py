"""A round over what is due, one row of which goes wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from community.core import clock
from community.core.sweeps import sweep_rows
from community.notices import actions as notices
from community.notices.actions import publication
from community.notices.models import Notice
from services.feedback import tasks as feedback
from services.feedback.models import Feedback
from services.renovation.actions import reminders
from services.renovation.models import Appointment
from services.repairs import tasks as repairs
from services.repairs.models import Repair
from tests import factories as make
from tests.factories.renovation import make_appointment

WEEKS_AGO = timedelta(days=20)


def test_round__one_goes_wrong__the_others_are_done_and_it_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def act(number: int) -> int:
        return 6 // number

    assert sweep_rows([1, 0, 2], act, failing="test: %s could not be divided") == 9
    assert [record.message for record in caplog.records] == ["test: 0 could not be divided"]


def first_one_fails(monkeypatch: pytest.MonkeyPatch, module: Any, verb: str) -> None:
    """The first call breaks in a way that nobody thought of."""
    real: Callable[..., Any] = getattr(module, verb)
    calls: list[Any] = []

    def act(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(*args, **kwargs)

    monkeypatch.setattr(module, verb, act)


@pytest.mark.django_db
def test_repairs__one_cannot_be_closed__the_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(2):
        make.make_repair(status="done")
    Repair.objects.update(status_changed_at=clock.now() - WEEKS_AGO)
    first_one_fails(monkeypatch, repairs.actions, "close_unanswered")
    assert repairs.close_finished_repairs() == 1
    assert Repair.objects.filter(status="closed").count() == 1


@pytest.mark.django_db
def test_feedback__one_cannot_be_closed__the_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(2):
        make.make_feedback(status="solved_asked")
    Feedback.objects.update(status_changed_at=clock.now() - WEEKS_AGO)
    first_one_fails(monkeypatch, feedback.actions, "close_unanswered")
    assert feedback.close_answered_feedback() == 1
    assert Feedback.objects.filter(status="closed").count() == 1


@pytest.mark.django_db
def test_notices__one_cannot_be_published__the_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    estate, at = make.make_home().estate, clock.now() + timedelta(hours=1)
    for _n in range(2):
        make.make_notice(estate=estate, status=Notice.Status.SCHEDULED, at=at)
    first_one_fails(monkeypatch, publication, "_publish")
    assert notices.publish_due(at + timedelta(minutes=1)) == 1
    assert Notice.objects.filter(status=Notice.Status.PUBLISHED).count() == 1


@pytest.mark.django_db
def test_appointments__one_household_cannot_be_told__the_other_is_reminded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts = [make_appointment().starts_at for _n in range(2)]
    first_one_fails(monkeypatch, reminders, "tell_household")
    assert reminders.remind_due(max(starts) - timedelta(hours=1)) == 1
    assert Appointment.objects.filter(reminded_at=None).count() == 1
