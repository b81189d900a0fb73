"""Working time of the desk: its open minutes by the estate's hours and the Chinese calendar."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from community.core.clock import SHANGHAI
from community.core.hours import DAY, on_day
from community.estates.calendar import WorkCalendar
from community.estates.models import Estate, WorkingHours

# Default hours of an estate that has entered none.
USUAL_HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
USUAL_DAYS = range(5)
# Longest search for an open minute.
HORIZON = timedelta(days=60)


class WorkingTime:
    """Open hours of the desk between two aware datetimes, loaded in two queries."""

    def __init__(self, estate: Estate | int, *, first: datetime, last: datetime) -> None:
        number = estate.pk if isinstance(estate, Estate) else estate
        # Hours of the day before can end after midnight.
        begin, end = first.astimezone(SHANGHAI).date() - DAY, last.astimezone(SHANGHAI).date()
        self._calendar = WorkCalendar(estate=number, first=begin, last=end)
        self._hours: dict[int, list[tuple[time, time]]] = defaultdict(list)
        rows = WorkingHours.objects.filter(estate=number).order_by("weekday", "opens")
        for weekday, opens, closes in rows.values_list("weekday", "opens", "closes"):
            self._hours[weekday].append((opens, closes))
        if not self._hours:
            self._hours.update({weekday: list(USUAL_HOURS) for weekday in USUAL_DAYS})

    def minutes(self, start: datetime, end: datetime) -> int:
        """Returns whole open minutes from ``start`` to ``end``; negative if ``end`` is earlier."""
        if end < start:
            return -self.minutes(end, start)
        open_time = timedelta()
        for opens, closes in self._spans(start, end):
            open_time += closes - opens
        return int(open_time / timedelta(minutes=1))

    def add(self, start: datetime, minutes: int) -> datetime:
        """Returns the time at which ``minutes`` open minutes have passed; ``start`` for zero."""
        left, until = timedelta(minutes=minutes), start + HORIZON
        if not left:
            return start
        for opens, closes in self._spans(start, until):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        return until

    def is_open(self, moment: datetime) -> bool:
        return any(True for _span in self._spans(moment, moment + timedelta(seconds=1)))

    def _spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yields the open spans of this time in order, cut at its ends and without overlaps."""
        day, last = start.astimezone(SHANGHAI).date() - DAY, end.astimezone(SHANGHAI).date()
        reached = start
        while day <= last:
            for opens, closes in self._of_day(day):
                opened, closed = on_day(day, opens, closes)
                begins, ends = max(opened, reached), min(closed, end)
                if begins < ends:
                    yield begins, ends
                    reached = ends
            day += DAY

    def _of_day(self, day: date) -> list[tuple[time, time]]:
        weekday = self._calendar.desk_hours_of(day)
        return [] if weekday is None else self._hours.get(weekday, [])


def working_minutes(estate: Estate | int, start: datetime, end: datetime) -> int:
    """Returns whole open minutes between two aware datetimes; negative if ``end`` is earlier."""
    first, last = min(start, end), max(start, end)
    return WorkingTime(estate, first=first, last=last).minutes(start, end)


def add_working_minutes(estate: Estate | int, start: datetime, minutes: int) -> datetime:
    """Returns the time by which the desk has been open for ``minutes`` since ``start``."""
    return WorkingTime(estate, first=start, last=start + HORIZON).add(start, minutes)
