"""A month of days to choose from."""

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from community.core.dates import WEEKDAYS


@dataclass(frozen=True)
class MonthDay:
    """A day of the calendar; ``free`` is None if nothing is offered on it."""

    on: date
    free: int | None
    is_today: bool


@dataclass(frozen=True)
class Month:
    """The weeks of a month that are not over, from Monday; None stands for days of its neighbours.

    ``before`` and ``after`` begin the nearest months in which something is offered.
    """

    first: date
    weeks: list[list[MonthDay | None]]
    before: date | None
    after: date | None

    @property
    def weekdays(self) -> tuple[str | Promise, ...]:
        return WEEKDAYS


def month_of(free: Mapping[date, int], wanted: date | None, today: date) -> Month | None:
    """Returns the month of ``wanted``, or the first with a free place; None if no day is offered.

    ``free`` has the number of free places of each day on which something is offered.
    """
    if not free:
        return None
    months = sorted({day.replace(day=1) for day in free})
    soonest = min((day for day, places in free.items() if places), default=min(free))
    first = wanted.replace(day=1) if wanted else soonest.replace(day=1)
    weeks: list[list[MonthDay | None]] = [
        [MonthDay(day, free.get(day), day == today) if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
        if week[-1] >= today
    ]
    before = max((month for month in months if month < first), default=None)
    after = min((month for month in months if month > first), default=None)
    return Month(first, weeks, before, after)
