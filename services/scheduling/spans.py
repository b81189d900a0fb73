"""Calculates the slots of a day from weekly hours and the calendar; writes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from community.core.hours import on_day
from community.estates.calendar import WorkCalendar
from services.scheduling.models import WeeklyHours

Works = WeeklyHours.Works


@dataclass(frozen=True)
class Span:
    """A slot as it should exist."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    hours: WeeklyHours


def days_between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def spans_of_day(rows: Iterable[WeeklyHours], day: date, calendar: WorkCalendar) -> list[Span]:
    """Returns the slots of a day in order, without overlaps.

    A make-up day has the hours of the weekday it makes up for, besides those of every week; where they
    overlap, the working day's apply.
    """
    spans: list[Span] = []
    for row in sorted(
        _open_on(rows, day, calendar), key=lambda row: (row.works != Works.WORKING_DAYS, row.opens)
    ):
        spans += [span for span in _cut(row, day) if not any(_overlap(span, other) for other in spans)]
    return sorted(spans, key=lambda span: span.starts_at)


def _open_on(rows: Iterable[WeeklyHours], day: date, calendar: WorkCalendar) -> Iterator[WeeklyHours]:
    is_working = calendar.is_working_day(day)
    for row in rows:
        if row.works == Works.WORKING_DAYS:
            if is_working and row.weekday == calendar.weekday_of(day):
                yield row
        elif row.weekday == day.weekday() and (row.works == Works.EVERY_DAY or not is_working):
            yield row


def _cut(row: WeeklyHours, day: date) -> Iterator[Span]:
    length = timedelta(minutes=row.slot_minutes)
    starts_at, closes = on_day(day, row.opens, row.closes)
    while starts_at + length <= closes:
        yield Span(starts_at, starts_at + length, row.capacity, row)
        starts_at += length


def _overlap(one: Span, other: Span) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at
