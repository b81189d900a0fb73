"""Calls for staff: estates, open calls, response times, uncovered hours and the alarm bar."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Case, Count, Exists, F, Q, QuerySet, Value, When
from django.urls import reverse

from accounts.models import Delegation, User
from accounts.policies import Role, estates_of
from community.core.statements import Statement
from community.estates.models import Estate
from services.common.alarms import Heard
from services.common.models import Alarm
from services.help import duty_roster
from services.help.models import DutyLeave, DutyShift, HelpCall
from services.help.models.calls import (
    OVERDUE_AFTER,
)
from services.help.roles import OVERSEEING

# Numbers of the family on the page of the red button.
FAMILY = 3
COUNTED = timedelta(days=30)
IN_TIME = timedelta(seconds=60)
S = HelpCall.Status


@dataclass(frozen=True)
class Figures:
    """Response times of the past 30 days, of calls or of drills."""

    calls: int
    in_time: int
    average: timedelta | None

    @property
    def seconds(self) -> int | None:
        """Returns the average response time in whole seconds; None without answers."""
        return None if self.average is None else round(self.average.total_seconds())


def family_to_call(resident: User) -> list[User]:
    """Returns at most three people who act for this resident, in the order of their accounts."""
    given = Delegation.objects.active().filter(resident=resident).values("delegate")
    people = User.objects.filter(pk__in=given, is_active=True).exclude(phone_index=None)
    return list(people.order_by("pk")[:FAMILY])


def estates_watched_by(user: User, now: datetime) -> QuerySet[Estate]:
    """Returns the estates whose calls this person answers or oversees now."""
    on_duty = Estate.objects.filter(pk__in=duty_roster.estates_on_duty(user, now))
    return estates_of(user, *OVERSEEING) | on_duty


def is_on_duty(user: User, now: datetime) -> bool:
    """Whether a roster names this person now. One query for people in no roster."""
    named = Exists(DutyShift.objects.filter(user=user)) | Exists(DutyLeave.objects.filter(substitute=user))
    return User.objects.filter(named, pk=user.pk).exists() and bool(duty_roster.estates_on_duty(user, now))


def open_calls(user: User, estate: Estate, now: datetime) -> list[HelpCall]:
    """Returns at most 100 calls that are not ended, real ones before drills.

    Unanswered ones come first, then those whose outcome is overdue, then those taken back, then those with a
    responder on the way.
    """
    order = Case(
        When(status=S.CALLING, then=Value(0)),
        When(status=S.COMING, status_changed_at__lte=now - OVERDUE_AFTER, then=Value(1)),
        When(status=S.CANCELLED, then=Value(2)),
        default=Value(3),
    )
    seen = HelpCall.objects.answered_by(user, now).unfinished().filter(estate=estate)
    calls = seen.with_people().annotate(urgency=order).order_by("is_drill", "urgency", "created_at", "pk")
    return [_mark_overdue(call, now) for call in calls[:100]]


def _mark_overdue(call: HelpCall, now: datetime) -> HelpCall:
    """Sets ``waits_for_outcome`` on the call."""
    call.waits_for_outcome = call.is_overdue(now)  # type: ignore[attr-defined]
    return call


def count_unfinished(user: User, now: datetime) -> int:
    """Returns how many calls in the user's estates are not ended."""
    return HelpCall.objects.unfinished().filter(estate__in=estates_watched_by(user, now)).count()


def figures(estate: Estate, now: datetime) -> dict[str, Figures]:
    """Returns the figures under ``calls`` and ``drills``. One query."""
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


def uncovered_hours(user: User, now: datetime) -> int:
    """Returns the hours without duty in the coming week, in the estates that this person manages."""
    kept = list(estates_of(user, Role.MANAGER))
    return sum(span.hours for spans in duty_roster.gaps(kept, now).values() for span in spans)


def _named_in_a_roster(person: int, desks: list[int]) -> QuerySet[User, int]:
    """Returns the person's key if a roster of an estate other than ``desks`` names them."""
    shifts = DutyShift.objects.filter(user=person).exclude(estate__in=desks)
    leaves = DutyLeave.objects.filter(substitute=person).exclude(estate__in=desks)
    found = User.objects.filter(Exists(shifts) | Exists(leaves), pk=person).order_by()
    return found.values_list("pk", flat=True)


_NAMED: Statement[int] = Statement(_named_in_a_roster)


def heard_on_duty(user: User, desks: Collection[int], now: datetime) -> Heard:
    """Returns what a person on duty hears in estates other than ``desks``, where they hear all alarms.

    One query for people whom no other roster names.
    """
    if not _NAMED(user.pk, [*desks]):
        return Heard()
    on_duty = duty_roster.estates_on_duty(user, now)
    estates = [pk for pk in on_duty if pk not in desks]
    if not estates:
        return Heard()
    # Their own call stays in it, so that the responder sees a change of home.
    mine = Q(status=S.CALLING) | Q(responder=user)
    calls = HelpCall.objects.answered_by(user, now, on_duty).open().filter(mine, estate__in=estates)
    calls = calls.select_related("alarm__raised_by")
    return Heard(
        estates, [_with_take_url(call) for call in calls if call.alarm and not call.alarm.acknowledged_at]
    )


def _with_take_url(call: HelpCall) -> Alarm:
    """Returns the call's alarm, with the address at which it is taken."""
    assert call.alarm is not None
    call.alarm.take_url = reverse("staff_help_act", args=[call.pk, "take"])  # type: ignore[attr-defined]
    return call.alarm
