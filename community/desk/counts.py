"""Counts the rows of a span of days for the figures of the morning page.

Each counting function returns a ``Counted``: the days for which there is data, and a numerator and a
denominator for each day and part. Days are those of the estate's calendar. The page that lists the rows of a
figure uses the same querysets. A figure of several services is counted here, one part for each service; the
services declare their rows in ``Figures``.
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

# Age in years, reached in the calendar year, from which residents count as older.
OLDER_FROM = 60
# Parts of the figures of use: both modes together; people whose year of birth is unknown.
ANY, UNKNOWN = "any", "unknown"
# Conditions of the numerators.
IN_TIME = Q(answered_at__lte=F("due_at"))
GOOD = Q(face=Satisfaction.Face.GOOD)


# -- Services of each figure, in the order of its parts


def _by_position(services: list[Service]) -> list[Service]:
    return sorted(services, key=lambda service: service.figures.position if service.figures else 0)


def services_with_first_answers() -> list[Service]:
    """Returns the services that promise a first answer within a time."""
    return _by_position([service for service in declared() if service.first_answers])


def services_with_outcomes() -> list[Service]:
    """Returns the services whose requests end solved or are reopened by the resident."""
    return _by_position([service for service in declared() if service.figures and service.figures.outcomes])


def services_with_ratings() -> list[Service]:
    """Returns the services whose requests residents rate."""
    return _by_position([service for service in declared() if service.figures and service.figures.rated])


def outcomes_by_service() -> dict[str, Outcomes]:
    """Returns the outcomes that each service declares, by the key of the service."""
    return {
        service.key: service.figures.outcomes
        for service in services_with_outcomes()
        if service.figures and service.figures.outcomes
    }


# -- The rows


def clocks_due(estate: int, span: Span) -> QuerySet[ResponseClock]:
    """Returns the response clocks that were due in the span.

    Leaves out clocks that are paused while staff wait for the resident, unless they ran out before the pause:
    those count as late.
    """
    due = ResponseClock.objects.filter(
        estate=estate,
        service__in=[service.key for service in services_with_first_answers()],
        **span.within("due_at"),
    )
    return due.exclude(answered_at=None, paused_at__lt=F("due_at"))


def answers_given(estate: int, span: Span) -> QuerySet[Satisfaction]:
    """Returns the ratings that residents gave in the span."""
    return Satisfaction.objects.filter(
        estate=estate, service__in=[service.key for service in services_with_ratings()], **span.within("at")
    )


# -- The counts


def first_answers(estate: int, span: Span) -> Counted:
    """Counts first answers by due day and service: given in time, of all that were due."""
    found = by_day(clocks_due(estate, span), "due_at", "service", IN_TIME)
    return Counted(span.days, found).fill_up([service.key for service in services_with_first_answers()])


def solutions(estate: int, span: Span) -> Counted:
    """Counts outcomes by day and service: solved, of all solved and reopened requests."""
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
    """Counts ratings by day and service: good ones, of all."""
    found = by_day(answers_given(estate, span), "at", "service", GOOD)
    return Counted(span.days, found).fill_up([service.key for service in services_with_ratings()])


@dataclass(frozen=True)
class Living:
    """A period in which a person had a home in the estate; ``until`` is the first day after it."""

    user: int
    since: date
    until: date | None
    birth_year: int | None

    def is_there(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)


def _living(estate: int, span: Span) -> list[Living]:
    """Returns the periods that had not ended before the span, with years of birth from the roster."""
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
            birth_year=Subquery(born.order_by("pk").values("birth_year")[:1]),
        )
        .values_list("user", "status", "status_changed_at", "begun_at", "birth_year")
    )
    living = []
    for user, status, changed_at, begun_at, birth_year in rows:
        is_over = status == Residency.Status.ENDED
        since = begun_at if is_over else changed_at
        # Residencies that never became active, such as withdrawn requests, have no beginning.
        if since is not None:
            until = clock.today(changed_at) if is_over else None
            living.append(Living(user, clock.today(since), until, birth_year))
    return living


def _seen(people: set[int], days: list[date]) -> dict[date, dict[str, set[int]]]:
    """Returns those of these people who opened the product, by day and mode; ``ANY`` is either mode."""
    seen: dict[date, dict[str, set[int]]] = {day: defaultdict(set) for day in days}
    rows = Presence.objects.filter(day__gte=days[0], day__lte=days[-1])
    for day, user, mode in rows.values_list("day", "user", "mode"):
        if user in people:
            seen[day][mode].add(user)
            seen[day][ANY].add(user)
    return seen


def _use(estate: int, span: Span, *, older: bool) -> Counted:
    """Counts people who opened the product, of all with a home at the end of the day, by mode.

    With ``older``, counts only people of ``OLDER_FROM`` and more years, and those of unknown age as a part of
    their own. Rows of ``Presence`` are deleted after some weeks, so days before the first stored one are left
    out.
    """
    known_from = Presence.objects.aggregate(first=Min("day"))["first"]
    days = [day for day in span.days if known_from and day >= known_from]
    if not days:
        return Counted([])
    living = _living(estate, span)
    seen = _seen({period.user for period in living}, days)
    counted = Counted(days)
    for day in days:
        here = [period for period in living if period.is_there(day)]
        everybody = {period.user for period in here}
        if older:
            unknown = everybody - {period.user for period in here if period.birth_year}
            counted_people = {
                period.user
                for period in here
                if period.birth_year and day.year - period.birth_year >= OLDER_FROM
            }
            counted.figures[day, UNKNOWN] = (len(seen[day][ANY] & unknown), len(unknown))
        else:
            counted_people = everybody
        for part in (ANY, STANDARD, LARGE):
            counted.figures[day, part] = (len(seen[day][part] & counted_people), len(counted_people))
    return counted


def use(estate: int, span: Span) -> Counted:
    """Counts the use by all residents, by day and mode."""
    return _use(estate, span, older=False)


def use_by_older(estate: int, span: Span) -> Counted:
    """Counts the use by older residents, by day and mode."""
    return _use(estate, span, older=True)
