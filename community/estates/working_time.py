"""Time as the desk counts it: only while it is open, by the estate's hours and the Chinese calendar."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from community.core.clock import SHANGHAI
from community.core.hours import DAY, on_day
from community.estates.calendar import WorkCalendar
from community.estates.models import Estate, WorkingHours

# Of an estate that has entered none: what most desks keep.
USUAL_HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
USUAL_DAYS = range(5)
# Nobody is shut for longer; a clock that finds no open minute in it stops here.
HORIZON = timedelta(days=60)


class WorkingTime:
    """The desk's open spans between two moments. Two queries; ask it as often as you like."""

    def __init__(self, estate: Estate | int, *, first: datetime, last: datetime) -> None:
        number = estate.pk if isinstance(estate, Estate) else estate
        # A night of the day before reaches into the first one.
        begin, end = first.astimezone(SHANGHAI).date() - DAY, last.astimezone(SHANGHAI).date()
        self._calendar = WorkCalendar(estate=number, first=begin, last=end)
        self._hours: dict[int, list[tuple[time, time]]] = defaultdict(list)
        rows = WorkingHours.objects.filter(estate=number).order_by("weekday", "opens")
        for weekday, opens, closes in rows.values_list("weekday", "opens", "closes"):
            self._hours[weekday].append((opens, closes))
        if not self._hours:
            self._hours.update({weekday: list(USUAL_HOURS) for weekday in USUAL_DAYS})

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole open minutes from ``start`` to ``end``; negative when ``end`` is the earlier one."""
        if end < start:
            return -self.minutes(end, start)
        open_time = timedelta()
        for opens, closes in self._spans(start, end):
            open_time += closes - opens
        return int(open_time / timedelta(minutes=1))

    def add(self, start: datetime, minutes: int) -> datetime:
        """The moment at which so many open minutes have passed; ``start`` itself for none."""
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
        """The open spans of this time, cut at its ends, in order; none overlaps another."""
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
    """Whole minutes between two moments in which the desk is open; negative backwards."""
    first, last = min(start, end), max(start, end)
    return WorkingTime(estate, first=first, last=last).minutes(start, end)


def add_working_minutes(estate: Estate | int, start: datetime, minutes: int) -> datetime:
    """The moment by which the desk has been open for ``minutes`` since ``start``."""
    return WorkingTime(estate, first=start, last=start + HORIZON).add(start, minutes)
