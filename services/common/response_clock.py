"""Response clock: a first answer is due in a number of working minutes; paused while we wait for the
resident.

Each service that promises an answer starts and stops its clocks. Managers are notified of overdue ones.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from accounts.models import StaffRole, User
from community.core import clock as core_clock
from community.core.changes import covering
from community.core.statements import Statement
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime, add_working_minutes, working_minutes
from community.notifications import outbox
from community.notifications.topics import desk_topic
from services.common.models.requests import RequestRef
from services.common.models.response import (
    DEFAULT_MINUTES,
    ClockQuerySet,
    ResponseClock,
    ResponseTime,
    answering,
)

__all__ = [
    "Standing",
    "add_working_minutes",
    "drop_clock",
    "escalate_due",
    "pause",
    "resume",
    "standings",
    "start_clock",
    "stop_clock",
    "working_minutes",
]

# Levels of escalation: when the time has run out, and when it has run out twice.
LEVELS = 2
AT_ONCE = 500
SOON_MINUTES = 20


def minutes_of(estate: Estate | int, service: str) -> int:
    """Returns the working minutes that the estate promises for this service."""
    number = estate.pk if isinstance(estate, Estate) else estate
    promised = ResponseTime.objects.filter(estate=number, service=service).values_list("minutes", flat=True)
    return promised.first() or DEFAULT_MINUTES


def _clocks(request: RequestRef) -> ClockQuerySet:
    return ResponseClock.objects.filter(**asdict(request))


def start_clock(request: RequestRef, *, now: datetime, url: str = "") -> ResponseClock:
    """Starts a clock at ``now``; returns the running one if there is one.

    Call it in the transaction of the cause, which locks the request's row, so that two cannot start at once.
    """
    clocks = _clocks(request)
    if running := clocks.open().first():
        return running
    allowed = minutes_of(request.estate_id, request.service)
    last = clocks.aggregate(last=Max("round"))["last"] or 0
    return ResponseClock.objects.create(
        **asdict(request),
        round=last + 1,
        url=url,
        minutes=allowed,
        started_at=now,
        due_at=add_working_minutes(request.estate_id, now, allowed),
    )


def stop_clock(request: RequestRef, *, now: datetime) -> None:
    """Stops the clock. Repeating it changes nothing.

    A paused clock is resumed first, so that its paused time does not count.
    """
    with suppress(AlreadyMoved):  # resumed at the same moment
        resume(request, now=now)
    with _telling(request):
        _clocks(request).open().update(answered_at=now, paused_at=None)


def drop_clock(request: RequestRef) -> None:
    """Deletes the open clock, without an answer; it counts in no figure."""
    _clocks(request).open().delete()


def pause(request: RequestRef, *, now: datetime) -> None:
    """Pauses the clock while we wait for the resident."""
    with _telling(request):
        _clocks(request).running().update(paused_at=now)


def resume(request: RequestRef, *, now: datetime) -> None:
    """Resumes the clock with the remaining working minutes; an overdue one stays overdue.

    Raises ``AlreadyMoved`` if it was resumed or answered at the same time.
    """
    clock = _clocks(request).open().first()
    if clock is None or clock.paused_at is None:
        return
    paused_minutes = working_minutes(request.estate_id, clock.paused_at, now)
    due_at = clock.due_at
    if clock.due_at > clock.paused_at:
        left = working_minutes(request.estate_id, clock.paused_at, clock.due_at)
        due_at = add_working_minutes(request.estate_id, now, left)
    mine = ResponseClock.objects.filter(pk=clock.pk, paused_at=clock.paused_at)
    with _telling(request):
        resumed = mine.update(
            due_at=due_at, paused_at=None, paused_minutes=F("paused_minutes") + max(paused_minutes, 0)
        )
    if not resumed:
        raise AlreadyMoved


def _telling(request: RequestRef) -> AbstractContextManager[None]:
    """Covers updates of the request's clocks, which staff of its service see counted."""
    return covering(ResponseClock, topics=[desk_topic(request.service, request.estate_id)])


def escalate_due(now: datetime) -> int:
    """Notifies managers of overdue clocks, once when they run out and once after twice the time.

    Clocks of a service that is switched off wait until it is on again.
    Each clock has a transaction of its own, so that one error stops no other.
    """
    late = ResponseClock.objects.overdue(now).filter(
        escalation_level__lt=LEVELS, service__in=dict(answering())
    )
    late = late.select_related("estate")

    def escalate(clock: ResponseClock) -> bool:
        level = _level(clock, now)
        return level > clock.escalation_level and _escalate(clock, level, now)

    return sweep_rows(
        late.order_by("due_at")[:AT_ONCE],
        escalate,
        failing="response: nobody could be told of clock %s",
    )


def _level(clock: ResponseClock, now: datetime) -> int:
    late = working_minutes(clock.estate_id, clock.due_at, clock.paused_at or now)
    return min(LEVELS, 1 + late // max(clock.minutes, 1))


def _escalate(clock: ResponseClock, level: int, now: datetime) -> bool:
    """Notifies the managers; the conditional update decides between two workers, and an earlier answer wins."""
    with transaction.atomic():
        mine = ResponseClock.objects.overdue(now).filter(pk=clock.pk, escalation_level=clock.escalation_level)
        with covering(ResponseClock):
            is_ours = mine.update(escalation_level=level, escalated_at=now)
        if not is_ours:
            return False
        for manager in managers_of(clock.estate_id):
            outbox.queue_message(
                manager,
                "answer_overdue",
                key=f"response:{clock.pk}:{level}",
                params={"reference": clock.reference, "minutes": clock.minutes},
                url=clock.url,
                now=now,
            )
    return True


def managers_of(estate_id: int) -> list[User]:
    leading = StaffRole.objects.filter(estate=estate_id, role=StaffRole.Role.MANAGER).values("user")
    return list(User.objects.filter(pk__in=leading, is_active=True))


@dataclass(frozen=True)
class Standing:
    """Present state of a clock: ``minutes`` working minutes are left, or it is late by them."""

    minutes: int
    is_late: bool = False
    is_paused: bool = False

    @property
    def is_soon(self) -> bool:
        return not self.is_late and not self.is_paused and self.minutes <= SOON_MINUTES


_OPEN: Statement[ResponseClock] = Statement(
    lambda estate, service, references: ResponseClock.objects.open().filter(
        estate=estate, service=service, reference__in=references
    )
)


def standings(
    estate: Estate | int, service: str, references: Iterable[str], now: datetime
) -> Mapping[str, Standing]:
    """Returns the open clocks of these requests by reference, in three queries."""
    wanted = [reference for reference in references if reference]
    if not wanted:
        return {}
    clocks = _OPEN(estate.pk if isinstance(estate, Estate) else estate, service, wanted)
    if not clocks:
        return {}
    first = min([now, *(clock.due_at for clock in clocks)])
    last = max([now, *(clock.due_at for clock in clocks)])
    hours = WorkingTime(estate, first=max(first, now - HORIZON), last=last)
    return {clock.reference: standing_of(clock, hours, now) for clock in clocks}


def standing_of(clock: ResponseClock, hours: WorkingTime, now: datetime) -> Standing:
    """Returns the standing of one open clock; ``hours`` reach ``HORIZON`` back."""
    at = clock.paused_at or now
    if clock.due_at <= at:
        since = max(clock.due_at, at - HORIZON)
        return Standing(hours.minutes(since, at), is_late=True, is_paused=bool(clock.paused_at))
    return Standing(hours.minutes(at, clock.due_at), is_paused=bool(clock.paused_at))


def next_full_hour(moment: datetime) -> datetime:
    """Returns the next full hour, for clocks whose exact start must stay secret."""
    hour = core_clock.local(moment).replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


def full_hour(moment: datetime) -> datetime:
    """Returns the full hour before a time."""
    return core_clock.local(moment).replace(minute=0, second=0, microsecond=0)
