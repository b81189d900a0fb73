"""The coordinator's week: visits by carer and day, and those without a carer.

The number of queries does not depend on the number of bookings.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from community.core import clock
from community.core.search.filtering import Ways, search_ways
from community.core.statements import Statement
from community.estates.models import Estate
from services.care.models import CareBooking, Carer

DAYS = 7
MAX_OVERDUE = 200
# Search also by the person who booked: they may be the one who phones.
FOUND_BY = Ways(people=("resident", "reported_by"), homes=("home",), references=("reference",))
S = CareBooking.Status


@dataclass
class Cell:
    """The visits of a carer on one day."""

    on: date
    cards: list[CareBooking] = field(default_factory=list)


@dataclass
class Row:
    """A carer's week; ``carer`` is None in the row of unassigned visits."""

    carer: User | None
    cells: list[Cell]
    provider: str = ""

    @property
    def count(self) -> int:
        return sum(len(cell.cards) for cell in self.cells)


@dataclass(frozen=True)
class Heading:
    on: date
    is_today: bool


@dataclass(frozen=True)
class Served:
    """Meals of a week with the number of each day; no carer visits for them."""

    service: Any
    counts: list[tuple[date, int]]


@dataclass(frozen=True)
class Week:
    first: date
    headings: list[Heading]
    rows: list[Row]
    served: list[Served]

    @property
    def before(self) -> date:
        return self.first - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.first + timedelta(days=DAYS)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(estate: Estate, user: User, first: date, now: datetime) -> Week:
    """Returns the week: unassigned visits, then a row for each carer; meals are counted. Three queries."""
    visible = CareBooking.objects.visible_in(user, estate).exclude(status=S.CANCELLED)
    bookings = _BY_TIME(visible.of_days(first, DAYS))
    posts = _POSTS(Carer.objects.working_in(estate))
    days = [first + timedelta(days=n) for n in range(DAYS)]
    rows: dict[int | None, Row] = {None: Row(None, [Cell(day) for day in days])}
    for post in posts:
        rows.setdefault(post.user_id, Row(post.user, [Cell(day) for day in days], post.provider.name))
    for booking in bookings:
        if not booking.service.needs_carer:
            continue
        # A former carer who still has visits gets a row too.
        row = rows.setdefault(booking.carer_id, Row(booking.carer, [Cell(day) for day in days]))
        row.cells[(clock.today(booking.starts_at) - first).days].cards.append(booking)
    today = clock.today(now)
    return Week(
        first,
        [Heading(day, day == today) for day in days],
        list(rows.values()),
        _served(bookings, days),
    )


def overdue_in(estate: Estate, user: User, now: datetime) -> list[CareBooking]:
    """Returns the visits that are started and overdue, oldest first. One query."""
    rows = _BEGUN(CareBooking.objects.visible_in(user, estate).filter(status=S.UNDER_WAY))
    return [booking for booking in rows if booking.is_overdue(now)]


def _with_address(bookings: Any) -> QuerySet[CareBooking]:
    rows = CareBooking.objects.filter(pk__in=bookings).with_visit()
    return rows.select_related("home__entrance__building")


_BY_TIME: Statement[CareBooking] = Statement(
    lambda bookings: _with_address(bookings).order_by("place__slot__starts_at", "pk")
)
_BEGUN: Statement[CareBooking] = Statement(
    lambda bookings: (
        CareBooking.objects.filter(pk__in=bookings)
        .with_visit()
        .order_by("status_changed_at", "pk")[:MAX_OVERDUE]
    )
)
_POSTS: Statement[Carer] = Statement(
    lambda posts: Carer.objects.filter(pk__in=posts).select_related("user", "provider").order_by("pk")
)


def _served(bookings: list[CareBooking], days: list[date]) -> list[Served]:
    counted: dict[Any, Counter[date]] = defaultdict(Counter)
    for booking in bookings:
        if not booking.service.needs_carer:
            counted[booking.service][clock.today(booking.starts_at)] += 1
    return [
        Served(service, [(day, counts[day]) for day in days])
        for service, counts in sorted(counted.items(), key=lambda item: item[0].position)
    ]


def filter_bookings(bookings: QuerySet[CareBooking], filters: dict[str, Any]) -> QuerySet[CareBooking]:
    """Limits to bookings that pass the filters ``status``, ``service``, ``carer`` and ``on``."""
    plain = {name: filters[name] for name in ("status", "service", "carer") if name in filters}
    bookings = bookings.filter(**plain)
    if on := filters.get("on"):
        bookings = bookings.of_days(on)  # type: ignore[attr-defined]
    return bookings


def ways_to(filters: dict[str, Any]) -> list[Q]:
    """Returns the conditions for the filter ``words``, of which a booking must meet one; empty without it."""
    return search_ways(filters.get("words") or "", FOUND_BY, CareBooking)


def visits_of(user: User, first: date, days: int) -> list[CareBooking]:
    """Returns a carer's visits of some days in the order of their time. One query.

    A visit under way is always included, because it must still be finished.
    """
    mine = CareBooking.objects.in_hands_of(user, clock.now())
    visits = mine.filter(Q(pk__in=mine.of_days(first, days).values("pk")) | Q(status=S.UNDER_WAY))
    return list(visits.with_people().by_time())
