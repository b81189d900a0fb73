"""Counting the rows of some days: what the figures of the morning page are made of.

Each function returns the days that it can tell about, and for each day and part how many of how many.
Days are those of the estate's calendar. The rows behind a figure come from the same querysets.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate

from accounts.models import Residency, ResidencyChange, RosterEntry
from community.core import clock
from community.core.modes import LARGE, STANDARD
from community.desk.models import Presence
from services.common.models import ResponseClock, Satisfaction, Service
from services.feedback.models import Feedback, FeedbackChange
from services.fees.models import Bill
from services.repairs.models import Repair, RepairChange

OLDER_FROM = 60
ANY, UNKNOWN = "any", "unknown"
IN_TIME = Q(answered_at__lte=F("due_at"))
GOOD = Q(face=Satisfaction.Face.GOOD)
# What ends a repair or a feedback well, and what opens it again.
ENDS = (Repair.Status.CONFIRMED, Repair.Status.CLOSED)
REPAIR_OUTCOMES = (*ENDS, Repair.Status.REOPENED)
FEEDBACK_OUTCOMES = (Feedback.Status.CLOSED, Feedback.Status.REOPENED)
SOLVED = Q(to_status__in=(*ENDS, Feedback.Status.CLOSED))

Key = tuple[date, str]


@dataclass(frozen=True)
class Span:
    """Some days, the last one included."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        return clock.midnight(self.first)

    @property
    def end(self) -> datetime:
        return clock.midnight(self.last + timedelta(days=1))

    @cached_property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def within(self, name: str) -> dict[str, datetime]:
        return {f"{name}__gte": self.begin, f"{name}__lt": self.end}


@dataclass
class Counted:
    """``days``: about which there is something to say, be it that nothing happened."""

    days: list[date]
    figures: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def fill_up(self, parts: Iterable[str]) -> "Counted":
        """A day without any row counts none of none."""
        for day in self.days:
            for part in parts:
                self.figures.setdefault((day, part), (0, 0))
        return self


# -- The rows


def clocks_due(estate: int, span: Span) -> QuerySet[ResponseClock]:
    """First answers that were due; one that stands still while we wait for the resident is not.

    What had run out before we asked the resident anything stays late.
    """
    due = ResponseClock.objects.filter(estate=estate, **span.within("due_at"))
    return due.exclude(answered_at=None, paused_at__lt=F("due_at"))


def repair_outcomes(estate: int, span: Span) -> QuerySet[RepairChange]:
    return RepairChange.objects.filter(
        repair__estate=estate, to_status__in=REPAIR_OUTCOMES, **span.within("at")
    )


def feedback_outcomes(estate: int, span: Span) -> QuerySet[FeedbackChange]:
    return FeedbackChange.objects.filter(
        feedback__estate=estate, to_status__in=FEEDBACK_OUTCOMES, **span.within("at")
    )


def answers_given(estate: int, span: Span) -> QuerySet[Satisfaction]:
    return Satisfaction.objects.filter(estate=estate, **span.within("at"))


def bills_of(estate: int, span: Span) -> QuerySet[Bill]:
    """The bills of the months that begin in the span."""
    bills = Bill.objects.filter(estate=estate, period__gte=span.first, period__lte=span.last)
    return bills.exclude(status=Bill.Status.VOIDED)


# -- The counts


def _by_day(rows: QuerySet[Any], moment: str, part: str, good: Q) -> dict[Key, tuple[int, int]]:
    counted = (
        rows.order_by()
        .annotate(on=TruncDate(moment, tzinfo=clock.SHANGHAI))
        .values_list("on", part)
        .annotate(good=Count("pk", filter=good), all=Count("pk"))
    )
    return {(day, name): (number, of) for day, name, number, of in counted}


def first_answers(estate: int, span: Span) -> Counted:
    found = _by_day(clocks_due(estate, span), "due_at", "service", IN_TIME)
    return Counted(span.days, found).fill_up((Service.REPAIRS, Service.FEEDBACK))


def solutions(estate: int, span: Span) -> Counted:
    counted = Counted(span.days)
    for part, rows in (
        (Service.REPAIRS, repair_outcomes(estate, span)),
        (Service.FEEDBACK, feedback_outcomes(estate, span)),
    ):
        sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        for (day, _status), (good, all_of_them) in _by_day(rows, "at", "to_status", SOLVED).items():
            sums[day][0] += good
            sums[day][1] += all_of_them
        counted.figures |= {(day, part.value): (good, all_) for day, (good, all_) in sums.items()}
    return counted.fill_up((Service.REPAIRS, Service.FEEDBACK))


def satisfaction(estate: int, span: Span) -> Counted:
    found = _by_day(answers_given(estate, span), "at", "service", GOOD)
    return Counted(span.days, found).fill_up(Service.values)


def collection(estate: int, span: Span) -> Counted:
    """By months, in fen; a bill that is voided was never owed."""
    months = sorted({day.replace(day=1) for day in span.days if day.day == 1})
    sums = (
        bills_of(estate, span)
        .order_by()
        .values_list("period", "item__kind")
        .annotate(paid=Sum("paid_fen"), billed=Sum("amount_fen"))
    )
    return Counted(months, {(period, kind): (paid, billed) for period, kind, paid, billed in sums})


@dataclass(frozen=True)
class Living:
    """Somebody has a home in the estate from a day on, until a day on which they have it no more."""

    user: int
    since: date
    until: date | None
    birth_year: int | None

    def is_there(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)


def _living(estate: int, span: Span) -> list[Living]:
    begun = ResidencyChange.objects.filter(residency=OuterRef("pk"), to_status=Residency.Status.ACTIVE)
    born = RosterEntry.objects.filter(
        home__entrance__building__estate=estate,
        phone_index=OuterRef("user__phone_index"),
        birth_year__isnull=False,
    )
    rows = (
        Residency.objects.filter(home__entrance__building__estate=estate)
        .filter(
            Q(status=Residency.Status.ACTIVE)
            | Q(status=Residency.Status.ENDED, status_changed_at__gte=span.begin)
        )
        .annotate(
            begun_at=Subquery(begun.order_by("at").values("at")[:1]),
            birth_year=Subquery(born.order_by("birth_year").values("birth_year")[:1]),
        )
        .values_list("user", "status", "status_changed_at", "begun_at", "birth_year")
    )
    living = []
    for user, status, changed_at, begun_at, birth_year in rows:
        is_over = status == Residency.Status.ENDED
        since = begun_at if is_over else changed_at
        # A request that was taken back never was a home.
        if since is not None:
            until = clock.today(changed_at) if is_over else None
            living.append(Living(user, clock.today(since), until, birth_year))
    return living


def _seen(people: set[int], days: list[date]) -> dict[date, dict[str, set[int]]]:
    seen: dict[date, dict[str, set[int]]] = {day: defaultdict(set) for day in days}
    rows = Presence.objects.filter(day__gte=days[0], day__lte=days[-1])
    for day, user, mode in rows.values_list("day", "user", "mode"):
        if user in people:
            seen[day][mode].add(user)
            seen[day][ANY].add(user)
    return seen


def _use(estate: int, span: Span, *, older: bool) -> Counted:
    """Days before the first that anybody was written down for cannot be told any more."""
    known_from = Presence.objects.aggregate(first=Min("day"))["first"]
    days = [day for day in span.days if known_from and day >= known_from]
    if not days:
        return Counted([])
    living = _living(estate, span)
    seen = _seen({one.user for one in living}, days)
    counted = Counted(days)
    for day in days:
        here = [one for one in living if one.is_there(day)]
        everybody = {one.user for one in here}
        if older:
            unknown = everybody - {one.user for one in here if one.birth_year}
            asked = {one.user for one in here if one.birth_year and day.year - one.birth_year >= OLDER_FROM}
            counted.figures[day, UNKNOWN] = (len(seen[day][ANY] & unknown), len(unknown))
        else:
            asked = everybody
        for part in (ANY, STANDARD, LARGE):
            counted.figures[day, part] = (len(seen[day][part] & asked), len(asked))
    return counted


def use(estate: int, span: Span) -> Counted:
    return _use(estate, span, older=False)


def use_by_older(estate: int, span: Span) -> Counted:
    return _use(estate, span, older=True)
