"""Working days around the great holidays, with make-up days, and what staff correct."""

from datetime import date, datetime, time

import pytest

from accounts.models import User
from community.core import clock
from community.desk.start import waiting
from community.estates import calendar
from community.estates.calendar import WorkCalendar, is_working_day
from community.estates.models import CalendarDay
from services.scheduling.models import WeeklyHours
from services.scheduling.spans import days_between, spans_of_day
from tests import factories as make

pytestmark = pytest.mark.django_db

# 国办发明电〔2024〕12号 and 〔2025〕7号: first and last day off, and the weekend days worked for it.
FESTIVALS = {
    "Spring Festival 2025": (date(2025, 1, 28), date(2025, 2, 4), [date(2025, 1, 26), date(2025, 2, 8)]),
    "Labour Day 2025": (date(2025, 5, 1), date(2025, 5, 5), [date(2025, 4, 27)]),
    "Golden Week 2025": (date(2025, 10, 1), date(2025, 10, 8), [date(2025, 9, 28), date(2025, 10, 11)]),
    "New Year 2026": (date(2026, 1, 1), date(2026, 1, 3), [date(2026, 1, 4)]),
    "Spring Festival 2026": (date(2026, 2, 15), date(2026, 2, 23), [date(2026, 2, 14), date(2026, 2, 28)]),
    "Golden Week 2026": (date(2026, 10, 1), date(2026, 10, 7), [date(2026, 9, 20), date(2026, 10, 10)]),
}


@pytest.mark.parametrize("festival", FESTIVALS)
def test_working_days__around_a_festival__as_announced(festival: str) -> None:
    first, last, made_up = FESTIVALS[festival]
    assert not any(is_working_day(day) for day in days_between(first, last))
    assert all(is_working_day(day) and day.weekday() >= 5 for day in made_up)
    around = WorkCalendar(estate=None, first=first, last=last)
    for day in (date.fromordinal(first.toordinal() - 1), date.fromordinal(last.toordinal() + 1)):
        assert around.is_working_day(day) == (day.weekday() < 5 or day in made_up)


def test_working_days__an_ordinary_week__is_monday_to_friday() -> None:
    week = list(days_between(date(2026, 11, 23), date(2026, 11, 29)))
    assert [is_working_day(day) for day in week] == [True] * 5 + [False] * 2


def _hours(**overrides) -> list[WeeklyHours]:
    """8 to 10 on every weekday, an hour each."""
    resource = make.make_resource()
    fields = {"resource": resource, "opens": time(8), "closes": time(10), "works": "working_days"}
    return [make.make_hours(weekday=number, **(fields | overrides)) for number in range(7)]


def _open_days(rows: list[WeeklyHours], first: date, last: date) -> list[date]:
    known = WorkCalendar(estate=None, first=first, last=last)
    return [day for day in days_between(first, last) if spans_of_day(rows, day, known)]


def test_hours__on_working_days__rest_in_golden_week_and_work_on_its_make_up_days() -> None:
    days = _open_days(_hours()[:5], date(2026, 9, 19), date(2026, 10, 11))
    assert [f"{day:%m-%d}" for day in days] == [
        *("09-20", "09-21", "09-22", "09-23", "09-24"),  # the 25th is Mid-Autumn
        *("09-28", "09-29", "09-30", "10-08", "10-09", "10-10"),
    ]


def test_hours__make_up_day__has_those_of_the_day_it_was_exchanged_for() -> None:
    """20 September, a Sunday, is worked for Tuesday, 6 October."""
    tuesday = make.make_hours(weekday=1, opens=time(14), closes=time(16), works="working_days")
    sunday = date(2026, 9, 20)
    known = WorkCalendar(estate=None, first=sunday, last=sunday)
    assert known.weekday_of(sunday) == 1
    assert [span.starts_at.hour for span in spans_of_day([tuesday], sunday, known)] == [14, 15]


def test_hours__every_week__holidays_too() -> None:
    days = _open_days(_hours(works="every_day"), date(2026, 10, 1), date(2026, 10, 7))
    assert len(days) == 7


def test_hours__on_days_off__weekends_and_holidays_only() -> None:
    days = _open_days(_hours(works="days_off"), date(2026, 9, 28), date(2026, 10, 11))
    assert days == [*days_between(date(2026, 10, 1), date(2026, 10, 7)), date(2026, 10, 11)]


def test_hours__make_up_day_that_is_open_every_week_too__does_not_overlap_itself() -> None:
    resource = make.make_resource()
    rows = [
        make.make_hours(resource=resource, weekday=6, opens=time(8, 30), closes=time(10, 30)),
        make.make_hours(resource=resource, weekday=1, opens=time(9), closes=time(11), works="working_days"),
    ]
    sunday = date(2026, 9, 20)
    known = WorkCalendar(estate=None, first=sunday, last=sunday)
    assert [(s.starts_at.hour, s.starts_at.minute) for s in spans_of_day(rows, sunday, known)] == [
        (9, 0),
        (10, 0),
    ]


def test_hours__span_that_does_not_divide__the_rest_is_not_offered() -> None:
    row = make.make_hours(weekday=0, opens=time(8), closes=time(9, 50), slot_minutes=45)
    monday = date(2026, 11, 23)
    known = WorkCalendar(estate=None, first=monday, last=monday)
    assert [f"{span.ends_at:%H:%M}" for span in spans_of_day([row], monday, known)] == ["08:45", "09:30"]


def test_correction__of_all__is_that_of_every_estate() -> None:
    CalendarDay.objects.create(date=date(2026, 11, 24), is_working=False, name="全市停工")
    assert not is_working_day(date(2026, 11, 24), estate=make.make_estate())


def test_correction__of_an_estate__stands_there_and_nowhere_else() -> None:
    estate = make.make_estate()
    day = date(2026, 11, 24)
    CalendarDay.objects.create(date=day, is_working=False, name="全市停工")
    CalendarDay.objects.create(estate=estate, date=day, is_working=True, name="照常上班")
    assert is_working_day(day, estate=estate)
    assert not is_working_day(day, estate=make.make_estate())


def test_correction__worked_saturday__has_the_hours_it_names() -> None:
    saturday = date(2027, 2, 20)
    CalendarDay.objects.create(date=saturday, is_working=True, hours_of=2, name="调休上班")
    known = WorkCalendar(estate=None, first=saturday, last=saturday)
    assert known.is_working_day(saturday)
    assert known.weekday_of(saturday) == 2


def test_year__that_the_library_does_not_know__is_said_to_be_unknown() -> None:
    newest = max(calendar.ANNOUNCED)
    assert calendar.is_announced(2026)
    assert calendar.unannounced_years(date(newest, 12, 31), date(newest + 1, 1, 1)) == [newest + 1]


def test_year__that_begins_soon__is_entered_by_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the start page of those who keep the calendar, until somebody has entered its first day."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 9, tzinfo=clock.SHANGHAI))
    monkeypatch.setattr(calendar, "ANNOUNCED", {2026: ()})
    coordinator = make.make_staff(role="care_coordinator")

    def asked(person: User) -> bool:
        return any("calendarday" in entry.url for entry in waiting(person))

    assert asked(coordinator)
    assert not asked(make.make_staff(role="front_desk"))
    CalendarDay.objects.create(date=date(2027, 1, 1), name="元旦")
    assert not asked(coordinator)
    assert calendar.years_to_enter(date(2026, 6, 1)) == []
