"""Counting the rows of some days: what the figures of the morning page are made of.

Each function returns the days that it can tell about, and for each day and part how many of how many.
Days are those of the estate's calendar. The rows behind a figure come from the same querysets. Figures
that several services add to are counted here, with what each of them declares.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Residency, ResidencyChange, RosterEntry
from community.core import clock
from community.core.modes import LARGE, STANDARD
from community.core.services import Service, declared
from community.core.services.figures import Counted, Outcomes, Span, by_day
from community.desk.models import Presence
from services.common.models import ResponseClock, Satisfaction

OLDER_FROM = 60
ANY, UNKNOWN = "any", "unknown"
IN_TIME = Q(answered_at__lte=F("due_at"))
GOOD = Q(face=Satisfaction.Face.GOOD)


# -- The services that add to a figure, in the order of its parts


def _by_position(services: list[Service]) -> list[Service]:
    return sorted(services, key=lambda one: one.figures.position if one.figures else 0)


def answering() -> list[Service]:
    """Services that promise a first answer."""
    return _by_position([one for one in declared() if one.first_answers])


def ending() -> list[Service]:
    """Services whose requests end with a last word of the resident."""
    return _by_position([one for one in declared() if one.figures and one.figures.outcomes])


def rated() -> list[Service]:
    """Services whose things residents rate."""
    return _by_position([one for one in declared() if one.figures and one.figures.rated])


def outcomes_by_service() -> dict[str, Outcomes]:
    return {one.key: one.figures.outcomes for one in ending() if one.figures and one.figures.outcomes}


# -- The rows


def clocks_due(estate: int, span: Span) -> QuerySet[ResponseClock]:
    """First answers that were due; one that stands still while we wait for the resident is not.

    What had run out before we asked the resident anything stays late.
    """
    due = ResponseClock.objects.filter(
        estate=estate, service__in=[one.key for one in answering()], **span.within("due_at")
    )
    return due.exclude(answered_at=None, paused_at__lt=F("due_at"))


def answers_given(estate: int, span: Span) -> QuerySet[Satisfaction]:
    return Satisfaction.objects.filter(
        estate=estate, service__in=[one.key for one in rated()], **span.within("at")
    )


# -- The counts


def first_answers(estate: int, span: Span) -> Counted:
    found = by_day(clocks_due(estate, span), "due_at", "service", IN_TIME)
    return Counted(span.days, found).fill_up([one.key for one in answering()])


def solutions(estate: int, span: Span) -> Counted:
    counted = Counted(span.days)
    for key, outcomes in outcomes_by_service().items():
        sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        found = by_day(outcomes.rows(estate, span), "at", "to_status", outcomes.solved)
        for (day, _status), (good, all_of_them) in found.items():
            sums[day][0] += good
            sums[day][1] += all_of_them
        counted.figures |= {(day, key): (good, all_) for day, (good, all_) in sums.items()}
    return counted.fill_up(outcomes_by_service())


def satisfaction(estate: int, span: Span) -> Counted:
    found = by_day(answers_given(estate, span), "at", "service", GOOD)
    return Counted(span.days, found).fill_up([one.key for one in rated()])


@dataclass(frozen=True)
class Living:
    """A person's time with a home in the estate; ``until`` is the first day without it."""

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
