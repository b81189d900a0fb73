"""Days out of addresses, those of our time and nothing else; days and times in words, one way everywhere."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django.utils.translation import override

from community.core import clock, dates, modes

FRIDAY = date(2026, 12, 4)
TWO = datetime(2026, 12, 4, 14, tzinfo=clock.SHANGHAI)


@pytest.fixture
def large() -> Iterator[None]:
    token = modes._active.set(modes.LARGE)
    yield
    modes._active.reset(token)


@pytest.mark.parametrize(
    ("today", "chinese", "english"),
    [
        (FRIDAY, "今天", "Today"),
        (date(2026, 12, 3), "明天", "Tomorrow"),
        (date(2026, 11, 30), "12月4日 周五", "Fri 4 Dec"),
        (date(2026, 12, 5), "12月4日 周五", "Fri 4 Dec"),
        (date(2027, 1, 1), "2026年12月4日 周五", "Fri 4 Dec 2026"),
    ],
)
def test_day_words__the_year_only_when_it_is_another(today: date, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert dates.day_words(FRIDAY, today) == chinese
    with override("en"):
        assert dates.day_words(FRIDAY, today) == english


def test_moment_words__standard__has_the_hours_of_a_clock() -> None:
    with override("zh-hans"):
        assert dates.moment_words(TWO, TWO) == "今天 14:00"
        assert dates.slot_words(TWO, TWO + timedelta(hours=2), TWO) == "今天 14:00–16:00"


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        (time(14), "下午2点", "2 pm"),
        (time(8, 30), "上午8点半", "8:30 am"),
        (time(12, 5), "中午12点05", "12:05 pm"),
        (time(0, 20), "凌晨0点20分", "12:20 am"),
        (time(20, 45), "晚上8点45分", "8:45 pm"),
        (time(22, 2), "晚上10点02", "10:02 pm"),
    ],
)
def test_time_words__large__as_one_says_them(large: None, at: time, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert dates.time_words(at) == chinese
    with override("en"):
        assert dates.time_words(at) == english


def test_span_words__large__names_the_part_of_the_day_once(large: None) -> None:
    with override("zh-hans"):
        assert dates.span_words(TWO, TWO + timedelta(hours=2)) == "下午2点到4点"
        assert dates.span_words(TWO - timedelta(hours=3), TWO) == "上午11点到下午2点"
        late = TWO + timedelta(hours=9, minutes=9)
        assert dates.span_words(late, late + timedelta(hours=1)) == "晚上11点09到0点09分"
        assert dates.span_words(TWO, TWO + timedelta(minutes=65)) == "下午2点到3点05分"


def test_stored__in_an_inbox__is_a_date_and_the_sms_keeps_what_its_template_promises() -> None:
    assert dates.stored(TWO) == "12-04 14:00"
    with override("zh-hans"):
        assert dates.stored_in_words("2026-12-04") == "12月4日"
        assert dates.stored_in_words("12-04 14:00") == "12月4日 14:00"
        assert dates.stored_in_words("12/4 14:00") == "12月4日 14:00"
        assert dates.stored_in_words("3-1201") == "3-1201"


def test_near__leaves_out_what_nothing_can_be_reckoned_from() -> None:
    assert dates.near(date(2026, 11, 23)) == date(2026, 11, 23)
    assert dates.near(date(2000, 1, 1)) == date(2000, 1, 1)
    assert dates.near(date(2100, 12, 31)) == date(2100, 12, 31)
    for far in (None, date.min, date.max, date(1999, 12, 31), date(2101, 1, 1)):
        assert dates.near(far) is None


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "1" * 5000])
def test_day_of__what_is_no_day_of_our_time__is_left_out(text: str) -> None:
    assert dates.day_of(text) is None
    assert dates.day_of("2026-11-23") == date(2026, 11, 23)
