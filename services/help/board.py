"""What the staff page of help shows: whose estates, the open calls, and how fast they are answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Case, Count, Exists, F, Q, QuerySet, Value, When
from django.urls import reverse

from accounts.models import User
from accounts.policies import Role, estates_of
from community.estates.models import Estate
from services.common import alarms
from services.common.models import Alarm
from services.help import duty
from services.help.models import DutyLeave, DutyShift, HelpCall
from services.help.models.calls import (
    OVERDUE_AFTER,
)
from services.help.roles import OVERSEEING

COUNTED = timedelta(days=30)
IN_TIME = timedelta(seconds=60)
S = HelpCall.Status


@dataclass(frozen=True)
class Figures:
    """Of the past 30 days; drills are counted apart."""

    calls: int
    in_time: int
    average: timedelta | None

    @property
    def seconds(self) -> int | None:
        return None if self.average is None else round(self.average.total_seconds())


def watched_by(user: User, now: datetime) -> QuerySet[Estate]:
    """The estates whose calls this person answers or oversees now."""
    on_duty = Estate.objects.filter(pk__in=duty.estates_on_duty(user, now))
    return estates_of(user, *OVERSEEING) | on_duty


def is_on_duty(user: User, now: datetime) -> bool:
    """One query for the many whom no roster names."""
    named = Exists(DutyShift.objects.filter(user=user)) | Exists(DutyLeave.objects.filter(substitute=user))
    return User.objects.filter(named, pk=user.pk).exists() and bool(duty.estates_on_duty(user, now))


def open_calls(user: User, estate: Estate, now: datetime) -> list[HelpCall]:
    """Unanswered first, then of which nobody wrote how they ended; what was taken back; who is on the way."""
    order = Case(
        When(status=S.CALLING, then=Value(0)),
        When(status=S.COMING, status_changed_at__lte=now - OVERDUE_AFTER, then=Value(1)),
        When(status=S.CANCELLED, then=Value(2)),
        default=Value(3),
    )
    seen = HelpCall.objects.answered_by(user, now).to_see_to().filter(estate=estate)
    calls = seen.with_people().annotate(urgency=order).order_by("is_drill", "urgency", "created_at", "pk")
    return [_marked(call, now) for call in calls[:100]]


def _marked(call: HelpCall, now: datetime) -> HelpCall:
    call.waits_for_outcome = call.is_overdue(now)  # type: ignore[attr-defined]
    return call


def to_see_to(user: User, now: datetime) -> int:
    """How many calls wait for this person's like."""
    return HelpCall.objects.to_see_to().filter(estate__in=watched_by(user, now)).count()


def figures(estate: Estate, now: datetime) -> dict[str, Figures]:
    """One query: calls, and drills apart."""
    in_time = Q(answered_at__lte=F("created_at") + IN_TIME)
    rows = (
        HelpCall.objects.filter(estate=estate, created_at__gte=now - COUNTED)
        .order_by()
        .values("is_drill")
        .annotate(
            number=Count("pk"),
            fast=Count("pk", filter=in_time),
            average=Avg(F("answered_at") - F("created_at")),
        )
    )
    found: dict[bool, Any] = {row["is_drill"]: row for row in rows}
    none = {"number": 0, "fast": 0, "average": None}
    return {
        name: Figures(row["number"], row["fast"], row["average"])
        for name, row in (("calls", found.get(False, none)), ("drills", found.get(True, none)))
    }


def gaps_of(user: User, now: datetime) -> int:
    """Hours of the coming week without anybody on duty, where this person answers for it."""
    kept = list(estates_of(user, Role.MANAGER))
    return sum(span.hours for spans in duty.gaps(kept, now).values() for span in spans)


def bar(user: User, estate: Estate, now: datetime) -> dict[str, Any]:
    """The alarm bar; who is on duty and not at the desk hears the calls for help, and takes them."""
    shown = alarms.bar(user=user, estate=estate, now=now)
    if shown["hears_alarms"] or estate.pk not in duty.estates_on_duty(user, now):
        return shown
    # On the way already, one hears that it is to another home.
    mine = Q(status=S.CALLING) | Q(responder=user)
    calls = HelpCall.objects.answered_by(user, now).open().filter(mine, estate=estate).with_people()
    return shown | {
        "hears_alarms": True,
        "alarms": [_for_duty(call) for call in calls if call.alarm and not call.alarm.acknowledged_at],
        "alarms_url": f"{reverse('staff_help_alarms')}?estate={estate.pk}",
    }


def _for_duty(call: HelpCall) -> Alarm:
    assert call.alarm is not None
    call.alarm.take_url = reverse("staff_help_act", args=[call.pk, "take"])  # type: ignore[attr-defined]
    return call.alarm
