"""The response clock's sweep, whatever one of its rows says."""

from datetime import datetime, timedelta

import pytest

from accounts.models import StaffRole
from community.core import clock
from community.notifications.models import OutboxMessage
from services.common import response_clock
from services.common.models import ResponseClock
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_escalate__one_goes_wrong__the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    manager = make.make_staff(role=StaffRole.Role.MANAGER)
    estate = manager.staff_roles.get().estate
    bad, good = (
        ResponseClock.objects.create(
            estate=estate,
            service="repairs",
            reference=f"R-{days}",
            minutes=60,
            started_at=now - timedelta(days=days, hours=1),
            due_at=now - timedelta(days=days),
        )
        for days in (2, 1)
    )
    real = response_clock._level

    def level(one: ResponseClock, moment: datetime) -> int:
        if one == bad:
            raise ValueError("nonsense in the row")
        return real(one, moment)

    monkeypatch.setattr(response_clock, "_level", level)
    assert [response_clock.escalate_due(now) for _n in range(2)] == [1, 0]
    told = OutboxMessage.objects.filter(recipient=manager, template="answer_overdue", channel="inbox")
    assert [message.params["reference"] for message in told] == [good.reference]
    monkeypatch.undo()
    assert response_clock.escalate_due(now) == 1
