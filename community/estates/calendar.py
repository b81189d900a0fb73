"""Working days: the Chinese calendar with make-up days (调休), and corrections by staff.

The State Council announces the holidays of a year in the November before. The library ``holidays`` knows the
years announced before its release; for later years only the statutory days, without make-up days.
``unannounced_years`` tells staff, who enter them as calendar days.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.db.models import Q
from holidays.countries.china import ChinaStaticHolidays

from community.estates.models import CalendarDay, Estate

# By year: (month, day) off in exchange for a worked (month, day[, year]).
ANNOUNCED: dict[int, Any] = ChinaStaticHolidays.special_public_holidays

# Slots are made four weeks ahead; staff are reminded four weeks before that.
SOON = timedelta(days=56)


@lru_cache(maxsize=16)
def _china(year: int) -> holidays.China:
    """Returns the calendar of a year and its neighbours, since a day in December can make up for January."""
    return holidays.China(years=(year - 1, year, year + 1), expand=False)


@lru_cache(maxsize=1)
def _makes_up_for() -> dict[date, int]:
    """Returns, for each make-up day, the weekday of the day off it was exchanged for, whose hours apply."""
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
    """Whether the day is a holiday or a weekend joined to one: 「9月25日至27日放假」 includes the weekend."""
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
    """Whether the library knows the announcement for this year."""
    return year in ANNOUNCED


def unannounced_years(first: date, last: date) -> list[int]:
    """Returns the years of this range whose announcement the library does not know."""
    return [year for year in range(first.year, last.year + 1) if not is_announced(year)]


def years_to_enter(today: date) -> list[int]:
    """Returns years that begin soon, whose announcement the library does not know and staff have not entered."""
    years = unannounced_years(today, today + SOON)
    return [year for year in years if not CalendarDay.objects.filter(date__year=year).exists()]


class WorkCalendar:
    """Calendar of one estate for a range of days, read in one query."""

    def __init__(self, *, estate: Estate | int | None, first: date, last: date) -> None:
        number = estate.pk if isinstance(estate, Estate) else estate
        ours = CalendarDay.objects.filter(date__gte=first, date__lte=last)
        ours = ours.filter(Q(estate=None) | Q(estate=number))
        # Corrections of the estate come last and override those for all estates.
        rows = sorted(ours, key=lambda row: row.estate_id is not None)
        self._corrected = {row.date: row for row in rows}

    def is_working_day(self, day: date) -> bool:
        corrected = self._corrected.get(day)
        return corrected.is_working if corrected else _china(day.year).is_working_day(day)

    def desk_hours_of(self, day: date) -> int | None:
        """Returns the weekday whose hours the desk keeps; None if a holiday or staff close it.

        A desk that is open on Saturdays is open on every Saturday that is not a holiday.
        """
        corrected = self._corrected.get(day)
        if corrected:
            return self.weekday_of(day) if corrected.is_working else None
        return None if _is_of_a_festival(day) else self.weekday_of(day)

    def weekday_of(self, day: date) -> int:
        """Returns the weekday whose hours a working day has: its own, or the one it makes up for."""
        corrected = self._corrected.get(day)
        if corrected and corrected.hours_of is not None:
            return corrected.hours_of
        return _makes_up_for().get(day, day.weekday())


def is_working_day(day: date, *, estate: Estate | int | None = None) -> bool:
    """Whether one day is a working day; use ``WorkCalendar`` for many days."""
    return WorkCalendar(estate=estate, first=day, last=day).is_working_day(day)
