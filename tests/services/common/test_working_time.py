"""Working time against a counter that walks every minute, over Golden Week and its make-up days."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from community.core.clock import SHANGHAI
from community.estates.models import CalendarDay, Estate, WorkingHours
from services.common.response_clock import add_working_minutes, working_minutes
from tests import factories as make

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# 国办发明电〔2025〕7号, written down here once more by hand.
DAYS_OFF = {
    *(date(2026, 10, day) for day in range(1, 8)),
    *(date(2026, 9, day) for day in (25, 26, 27)),
    *(date(2026, 2, day) for day in range(15, 24)),
}
MADE_UP = {date(2026, 9, 20): 2, date(2026, 10, 10): 2, date(2026, 2, 14): 4, date(2026, 2, 28): 4}
USUAL = [(time(8, 30), time(12)), (time(14), time(17, 30))]
WEEK = dict.fromkeys(range(5), USUAL)


def _estate(week: dict[int, list[tuple[time, time]]]) -> Estate:
    estate = make.make_estate()
    WorkingHours.objects.bulk_create(
        WorkingHours(estate=estate, weekday=weekday, opens=opens, closes=closes)
        for weekday, spans in week.items()
        for opens, closes in spans
    )
    return estate


def _is_open(week: dict[int, list[tuple[time, time]]], moment: datetime, worked_as: dict[date, int]) -> bool:
    local = moment.astimezone(SHANGHAI)
    if local.date() in DAYS_OFF:
        return False
    weekday = worked_as.get(local.date(), local.weekday())
    return any(opens <= local.time() < closes for opens, closes in week.get(weekday, []))


def _counted(week: dict, start: datetime, end: datetime, worked_as: dict[date, int]) -> int:
    number, at = 0, start
    while at < end:
        number += _is_open(week, at, worked_as)
        at += MINUTE
    return number


def _worked_as() -> dict[date, int]:
    """For which weekday each make-up day counts: as the announcement exchanges them."""
    from community.estates.calendar import WorkCalendar

    known = WorkCalendar(estate=None, first=date(2026, 1, 1), last=date(2026, 12, 31))
    return {day: known.weekday_of(day) for day in MADE_UP}


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, list[tuple[time, time]]]:
    """Five to seven days of one span, or two with a lunch break."""
    week = {}
    for weekday in range(draw(st.sampled_from([5, 6, 7]))):
        opens = draw(st.integers(7 * 60, 10 * 60))
        noon = draw(st.integers(opens + 30, 13 * 60))
        again = draw(st.integers(noon + 5, 15 * 60))
        closes = draw(st.integers(again + 30, 19 * 60))
        edges = [(opens, noon), (again, closes)] if draw(st.booleans()) else [(opens, closes)]
        week[weekday] = [(time(begin // 60, begin % 60), time(end // 60, end % 60)) for begin, end in edges]
    return week


STARTS = st.one_of(
    st.datetimes(datetime(2026, 9, 17), datetime(2026, 10, 13)),
    st.datetimes(datetime(2026, 2, 12), datetime(2026, 3, 2)),
).map(lambda naive: naive.replace(second=0, microsecond=0, tzinfo=SHANGHAI).astimezone(UTC))
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(week=weeks(), start=STARTS, minutes=st.integers(0, 12 * 24 * 60))
def test_working_minutes__against_every_single_minute__agree(
    week: dict, start: datetime, minutes: int, db: None
) -> None:
    estate, end = _estate(week), start + minutes * MINUTE
    counted = _counted(week, start, end, _worked_as())
    assert working_minutes(estate, start, end) == counted
    assert working_minutes(estate, end, start) == -counted


@SLOW
@given(week=weeks(), start=STARTS, minutes=st.integers(1, 900))
def test_add_working_minutes__against_every_single_minute__is_the_first_moment_after_so_many(
    week: dict, start: datetime, minutes: int, db: None
) -> None:
    estate = _estate(week)
    due = add_working_minutes(estate, start, minutes)
    worked_as = _worked_as()
    assert _counted(week, start, due, worked_as) == minutes
    # Not a minute later than needed: the last one before it was worked.
    assert _is_open(week, due - MINUTE, worked_as)
    assert working_minutes(estate, start, due) == minutes


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


CASES = [
    # start, minutes, due
    ("within the morning", _at(date(2026, 11, 23), 9), 60, _at(date(2026, 11, 23), 10)),
    ("over lunch", _at(date(2026, 11, 23), 11, 30), 60, _at(date(2026, 11, 23), 14, 30)),
    ("to the very end", _at(date(2026, 11, 23), 16, 30), 60, _at(date(2026, 11, 23), 17, 30)),
    ("over the evening", _at(date(2026, 11, 23), 17), 60, _at(date(2026, 11, 24), 9)),
    ("over the weekend", _at(date(2026, 11, 27), 17), 60, _at(date(2026, 11, 30), 9)),
    ("before opening", _at(date(2026, 11, 23), 5), 60, _at(date(2026, 11, 23), 9, 30)),
    ("over Golden Week", _at(date(2026, 9, 30), 17), 60, _at(date(2026, 10, 8), 9)),
    ("on a Saturday that makes up", _at(date(2026, 10, 10), 9), 60, _at(date(2026, 10, 10), 10)),
    ("on a Sunday that makes up", _at(date(2026, 9, 20), 9), 60, _at(date(2026, 9, 20), 10)),
]


@pytest.mark.parametrize(("start", "minutes", "due"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_add_working_minutes__known_days(start: datetime, minutes: int, due: datetime) -> None:
    estate = _estate(WEEK)
    assert add_working_minutes(estate, start, minutes) == due
    assert working_minutes(estate, start, due) == minutes


def test_working_minutes__an_estate_without_hours__has_the_usual_ones() -> None:
    estate = make.make_estate()
    monday = date(2026, 11, 23)
    assert working_minutes(estate, _at(monday, 0), _at(monday, 23)) == 7 * 60


def test_working_minutes__a_saturday_in_the_hours__counts_but_not_in_golden_week() -> None:
    estate = _estate(WEEK | {5: [(time(9), time(11))]})
    saturday, of_golden_week = date(2026, 11, 28), date(2026, 10, 3)
    assert working_minutes(estate, _at(saturday, 0), _at(saturday, 23)) == 120
    assert working_minutes(estate, _at(of_golden_week, 0), _at(of_golden_week, 23)) == 0


def test_working_minutes__a_day_that_staff_closed_or_opened__counts_so() -> None:
    estate, monday, sunday = _estate(WEEK), date(2026, 11, 23), date(2026, 11, 29)
    CalendarDay.objects.create(estate=estate, date=monday, is_working=False, name="停电")
    CalendarDay.objects.create(estate=estate, date=sunday, is_working=True, hours_of=0, name="补班")
    assert working_minutes(estate, _at(monday, 0), _at(monday, 23)) == 0
    assert working_minutes(estate, _at(sunday, 0), _at(sunday, 23)) == 7 * 60


def test_working_minutes__until_midnight_and_over_it__count_on_both_days(db: None) -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    late = _estate({0: [(time(8), time(0))]})
    assert working_minutes(late, _at(monday, 7), _at(tuesday, 12)) == 16 * 60
    night = _estate({0: [(time(20), time(8))]})
    assert working_minutes(night, _at(monday, 12), _at(tuesday, 12)) == 12 * 60
    assert working_minutes(night, _at(tuesday, 1), _at(tuesday, 12)) == 7 * 60
    assert add_working_minutes(night, _at(tuesday, 7, 30), 60) == _at(date(2026, 11, 30), 20, 30)
    always = _estate({weekday: [(time(8), time(8))] for weekday in range(7)})
    assert working_minutes(always, _at(monday, 12), _at(tuesday, 12)) == 24 * 60


def test_office__desk_hours__until_24_are_taken__and_a_slip_is_asked_about(db: None) -> None:
    estate = make.make_estate()
    boss = User.objects.create_superuser(username="chief", password="x", name="管理员")
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(boss)
    url = reverse("admin:estates_estate_change", args=[estate.pk])
    typed = {"name": estate.name, "code": estate.code, "desk_phone": "1", "emergency_phone": "2"}
    typed |= {f"working_hours-{name}_FORMS": number for name, number in (("TOTAL", 1), ("INITIAL", 0))}
    typed |= {"working_hours-0-weekday": 0, "working_hours-0-opens": "08:00"}
    assert (
        "结束时间早于开始时间"
        in client.post(url, typed | {"working_hours-0-closes": "07:00"}).content.decode()
    )
    assert client.post(url, typed | {"working_hours-0-closes": "２４：００"}).status_code == 302
    hours = WorkingHours.objects.get(estate=estate)
    assert hours.closes == time(0)
    assert str(hours).endswith("08:00–24:00")
    assert 'value="24:00"' in client.get(url).content.decode()
