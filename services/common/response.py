"""The response clock: a first answer is due in so many working minutes; it waits while we wait for the resident.

Every service that promises an answer starts one and stops it. What runs out is told to the manager.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from accounts.models import StaffRole, User
from community.core import clock as core_clock
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime, add_working_minutes, working_minutes
from community.notifications import outbox
from services.common.models.requests import RequestRef
from services.common.models.response import DEFAULT_MINUTES, ClockQuerySet, ResponseClock, ResponseTime

__all__ = [
    "Standing",
    "add_working_minutes",
    "answer",
    "drop_clock",
    "escalate_due",
    "pause",
    "resume",
    "standings",
    "start_clock",
    "working_minutes",
]

# The manager hears of it when the time has run out, and once more when it has run out again.
LEVELS = 2
AT_ONCE = 500
SOON_MINUTES = 20


def minutes_of(estate: Estate | int, service: str) -> int:
    """What this estate promises for this service, in working minutes."""
    number = estate.pk if isinstance(estate, Estate) else estate
    told = ResponseTime.objects.filter(estate=number, service=service).values_list("minutes", flat=True)
    return told.first() or DEFAULT_MINUTES


def _clocks(request: RequestRef) -> ClockQuerySet:
    return ResponseClock.objects.filter(**asdict(request))


def start_clock(request: RequestRef, *, now: datetime, url: str = "") -> ResponseClock:
    """Await an answer from ``now`` on; returns the running clock where one is awaited already.

    Call it in the transaction of the cause, which holds the request's own row: no two start at once.
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


def answer(request: RequestRef, *, now: datetime) -> None:
    """Stop the clock; a second answer changes nothing.

    A clock that stands still is resumed first: the time that was left did not run.
    """
    with suppress(AlreadyMoved):  # it was resumed at this very moment
        resume(request, now=now)
    _clocks(request).open().update(answered_at=now, paused_at=None)


def drop_clock(request: RequestRef) -> None:
    """Delete the open clock: nobody waits any more and nobody was answered, so it counts in no figure."""
    _clocks(request).open().delete()


def pause(request: RequestRef, *, now: datetime) -> None:
    """Stand the clock still while we wait for the resident."""
    _clocks(request).running().update(paused_at=now)


def resume(request: RequestRef, *, now: datetime) -> None:
    """Let the clock go on with the working minutes that were left; one that had run out stays so.

    Raises ``AlreadyMoved`` if it was resumed or answered at the same time.
    """
    found = _clocks(request).open().first()
    if found is None or found.paused_at is None:
        return
    stood = working_minutes(request.estate_id, found.paused_at, now)
    due_at = found.due_at
    if found.due_at > found.paused_at:
        left = working_minutes(request.estate_id, found.paused_at, found.due_at)
        due_at = add_working_minutes(request.estate_id, now, left)
    mine = ResponseClock.objects.filter(pk=found.pk, paused_at=found.paused_at)
    if not mine.update(due_at=due_at, paused_at=None, paused_minutes=F("paused_minutes") + max(stood, 0)):
        raise AlreadyMoved


def escalate_due(now: datetime) -> int:
    """Tell the managers of what has run out: once when it does, once more when it has done so twice.

    Each in a transaction of its own: one that goes wrong holds up no other.
    """
    late = ResponseClock.objects.overdue(now).filter(escalation_level__lt=LEVELS).select_related("estate")

    def escalate(one: ResponseClock) -> bool:
        level = _level(one, now)
        return level > one.escalation_level and _escalate(one, level, now)

    return sweep_rows(
        late.order_by("due_at")[:AT_ONCE],
        escalate,
        failing="response: nobody could be told of clock %s",
    )


def _level(one: ResponseClock, now: datetime) -> int:
    late = working_minutes(one.estate_id, one.due_at, one.paused_at or now)
    return min(LEVELS, 1 + late // max(one.minutes, 1))


def _escalate(one: ResponseClock, level: int, now: datetime) -> bool:
    """The conditional update decides who tells; an answer that comes first wins."""
    with transaction.atomic():
        mine = ResponseClock.objects.overdue(now).filter(pk=one.pk, escalation_level=one.escalation_level)
        if not mine.update(escalation_level=level, escalated_at=now):
            return False
        for manager in managers_of(one.estate_id):
            outbox.queue_message(
                manager,
                "answer_overdue",
                key=f"response:{one.pk}:{level}",
                params={"reference": one.reference, "minutes": one.minutes},
                url=one.url,
                now=now,
            )
    return True


def managers_of(estate_id: int) -> list[User]:
    leading = StaffRole.objects.filter(estate=estate_id, role=StaffRole.Role.MANAGER).values("user")
    return list(User.objects.filter(pk__in=leading, is_active=True))


@dataclass(frozen=True)
class Standing:
    """How a clock stands now: ``minutes`` working minutes are left, or it is late by so many."""

    minutes: int
    is_late: bool = False
    is_paused: bool = False

    @property
    def is_soon(self) -> bool:
        return not self.is_late and not self.is_paused and self.minutes <= SOON_MINUTES


def standings(
    estate: Estate | int, service: str, references: Iterable[str], now: datetime
) -> Mapping[str, Standing]:
    """The open clocks of these things by reference. Three queries, however many there are."""
    wanted = [reference for reference in references if reference]
    if not wanted:
        return {}
    clocks = list(ResponseClock.objects.open().filter(estate=estate, service=service, reference__in=wanted))
    if not clocks:
        return {}
    first = min([now, *(one.due_at for one in clocks)])
    last = max([now, *(one.due_at for one in clocks)])
    hours = WorkingTime(estate, first=max(first, now - HORIZON), last=last)
    return {one.reference: _standing(one, hours, now) for one in clocks}


def _standing(one: ResponseClock, hours: WorkingTime, now: datetime) -> Standing:
    at = one.paused_at or now
    if one.due_at <= at:
        since = max(one.due_at, at - HORIZON)
        return Standing(hours.minutes(since, at), is_late=True, is_paused=bool(one.paused_at))
    return Standing(hours.minutes(at, one.due_at), is_paused=bool(one.paused_at))


def next_full_hour(moment: datetime) -> datetime:
    """For what must not tell when it happened: the clock starts with the next full hour."""
    hour = core_clock.local(moment).replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


def full_hour(moment: datetime) -> datetime:
    """The hour in which something happened, and no more."""
    return core_clock.local(moment).replace(minute=0, second=0, microsecond=0)
