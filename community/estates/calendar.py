"""Working days: the public calendar of China with its make-up days (调休), and what staff corrected.

The State Council announces a year's holidays the November before; the library ``holidays`` knows the
years that were announced when it was released. For a later year it knows the statutory days but no
make-up days: ``unannounced_years`` says so to staff, who enter them as calendar days.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.db.models import Q
from holidays.countries.china import ChinaStaticHolidays

from community.estates.models import CalendarDay, Estate

# By year, what was announced: (month, day) off in exchange for a worked (month, day[, year]).
ANNOUNCED: dict[int, Any] = ChinaStaticHolidays.special_public_holidays

# Slots are made four weeks ahead; staff hear of it four weeks before that.
SOON = timedelta(days=56)


@lru_cache(maxsize=16)
def _china(year: int) -> holidays.China:
    """The calendar of a year; its neighbours too, since a day in December can make up for January."""
    return holidays.China(years=(year - 1, year, year + 1), expand=False)


@lru_cache(maxsize=1)
def _makes_up_for() -> dict[date, int]:
    """For each worked weekend day, the weekday of the day off that it was exchanged for.

    On such a Sunday one works as on that Tuesday: its hours are the Tuesday's.
    """
    exchanged = {}
    for year, days in ANNOUNCED.items():
        for day in days:
            if isinstance(day[2], int):
                month, number, worked_month, worked_day, *worked_year = day
                worked = date(worked_year[0] if worked_year else year, worked_month, worked_day)
                exchanged[worked] = date(year, month, number).weekday()
    return exchanged


@lru_cache(maxsize=2048)
def _is_of_a_festival(day: date) -> bool:
    """A holiday, or a weekend that it runs into: 「9月25日至27日放假」 has the Saturday and the Sunday."""
    if _china(day.year).is_working_day(day):
        return False
    for step in (timedelta(days=-1), timedelta(days=1)):
        at = day
        while not _china(at.year).is_working_day(at):
            if at in _china(at.year):
                return True
            at += step
    return False


def is_announced(year: int) -> bool:
    """Whether the library knows what the State Council announced for this year."""
    return year in ANNOUNCED


def unannounced_years(first: date, last: date) -> list[int]:
    return [year for year in range(first.year, last.year + 1) if not is_announced(year)]


def years_to_enter(today: date) -> list[int]:
    """Years that begin soon, were not announced for the library, and of which staff have entered nothing."""
    years = unannounced_years(today, today + SOON)
    return [year for year in years if not CalendarDay.objects.filter(date__year=year).exists()]


class WorkCalendar:
    """The calendar of one estate between two days, with one query."""

    def __init__(self, *, estate: Estate | int | None, first: date, last: date) -> None:
        number = estate.pk if isinstance(estate, Estate) else estate
        ours = CalendarDay.objects.filter(date__gte=first, date__lte=last)
        ours = ours.filter(Q(estate=None) | Q(estate=number))
        # What the estate says itself comes later, and stands.
        rows = sorted(ours, key=lambda row: row.estate_id is not None)
        self._corrected = {row.date: row for row in rows}

    def is_working_day(self, day: date) -> bool:
        corrected = self._corrected.get(day)
        return corrected.is_working if corrected else _china(day.year).is_working_day(day)

    def desk_hours_of(self, day: date) -> int | None:
        """Whose weekday's hours the desk keeps; None where it is shut by a holiday or by staff.

        A desk that is open on every Saturday is so on a Saturday that nobody made a holiday.
        """
        corrected = self._corrected.get(day)
        if corrected:
            return self.weekday_of(day) if corrected.is_working else None
        return None if _is_of_a_festival(day) else self.weekday_of(day)

    def weekday_of(self, day: date) -> int:
        """Whose hours a working day has: its own weekday's, or of that which it makes up for."""
        corrected = self._corrected.get(day)
        if corrected and corrected.hours_of is not None:
            return corrected.hours_of
        return _makes_up_for().get(day, day.weekday())


def is_working_day(day: date, *, estate: Estate | int | None = None) -> bool:
    """For one day; whoever asks for many takes a ``WorkCalendar``."""
    return WorkCalendar(estate=estate, first=day, last=day).is_working_day(day)
