"""Dates and times: parsed from addresses and forms, and in words for pages, receipts and the API.

There is one way to write them: 今天, 明天, 12月4日 周五; the year only when it is another. A time is 14:00, and
下午2点 on pages in the large mode.
"""

import re
from datetime import date, datetime, time

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from community.core import clock, modes

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
WEEKDAYS: tuple[str | Promise, ...] = (
    pgettext_lazy("short weekday", "Mon"),
    pgettext_lazy("short weekday", "Tue"),
    pgettext_lazy("short weekday", "Wed"),
    pgettext_lazy("short weekday", "Thu"),
    pgettext_lazy("short weekday", "Fri"),
    pgettext_lazy("short weekday", "Sat"),
    pgettext_lazy("short weekday", "Sun"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOON = 12
TWO_DIGITS = 10
# A moment as messages store it and gateways get it.
_STORED = re.compile(r"(?:(\d{1,2})[-/](\d{1,2}) |\d{4}-(\d\d)-(\d\d))(\d\d:\d\d|$)")


def near(day: date | None) -> date | None:
    """Returns a date between 2000 and 2100; None for others, from which dates cannot be calculated safely."""
    return day if day is not None and FIRST <= day <= LAST else None


def day_of(text: str) -> date | None:
    """Parses a date of an address (``2026-11-23``); None if it is invalid or not near."""
    try:
        return near(date.fromisoformat(text))
    except ValueError:
        return None


def weekday(day: date) -> str:
    """Returns 周五, Fri."""
    return str(WEEKDAYS[day.weekday()])


def month_day(day: date, today: date) -> str:
    """Returns 12月4日, 4 Dec; with the year if it is not that of ``today``."""
    is_other_year = day.year != today.year
    if _is_chinese():
        return f"{f'{day.year}年' if is_other_year else ''}{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if is_other_year else ''}"


def near_day(day: date, today: date) -> str:
    """Returns 今天 or 明天; empty for other days."""
    return {0: _("Today"), 1: _("Tomorrow")}.get((day - today).days, "")


def day_words(day: date, today: date) -> str:
    """Returns 今天, 明天, or 12月4日 周五; in English Fri 4 Dec."""
    if near := near_day(day, today):
        return near
    in_month = month_day(day, today)
    return f"{in_month} {weekday(day)}" if _is_chinese() else f"{weekday(day)} {in_month}"


def time_words(at: time | datetime) -> str:
    """Returns 14:00; on a page in the large mode 下午2点, 2 pm. A datetime must be in the estate's time zone."""
    return _spoken_time(at) if modes.is_large() else f"{at:%H:%M}"


def _spoken_time(at: time | datetime) -> str:
    hour = at.hour if at.hour <= NOON else at.hour - NOON
    if not _is_chinese():
        minutes = f":{at.minute:02d}" if at.minute else ""
        return f"{hour or NOON}{minutes} {'am' if at.hour < NOON else 'pm'}"
    return f"{_part_of_day(at.hour)}{hour}点{_minutes(at.minute, hour)}"


def _minutes(minute: int, hour: int) -> str:
    if minute == 30:
        return "半"
    # Six characters are the most that a line of the large type holds.
    unit = "分" if hour < TWO_DIGITS else ""
    return f"{minute:02d}{unit}" if minute else ""


def _part_of_day(hour: int) -> str:
    for before, name in ((6, "凌晨"), (12, "上午"), (13, "中午"), (19, "下午")):
        if hour < before:
            return name
    return "晚上"


def moment_words(at: datetime, now: datetime) -> str:
    """Returns 今天 14:00, 12月4日 周五 14:00; on a page in the large mode 今天 下午2点."""
    return f"{day_words(clock.today(at), clock.today(now))} {time_words(clock.local(at))}"


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """Returns 14:00–16:00; on a page in the large mode 下午2点到4点."""
    begins, ends = clock.local(starts_at), clock.local(ends_at)
    if not modes.is_large():
        return f"{begins:%H:%M}–{ends:%H:%M}"
    if not _is_chinese():
        return f"{time_words(begins)} – {time_words(ends)}"
    until, part = time_words(ends), _part_of_day(ends.hour)
    # With 到 before it, a line holds the part of the day beside a full hour alone.
    if part == _part_of_day(begins.hour) or ends.minute:
        until = until.removeprefix(part)
    return f"{time_words(begins)}到{until}"


def slot_words(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Returns 12月4日 周五 14:00–16:00."""
    day = day_words(clock.today(starts_at), clock.today(now))
    return f"{day} {span_words(starts_at, ends_at)}"


def stored(at: datetime) -> str:
    """Returns 12-04 14:00: a moment as messages store it and as SMS templates promise it."""
    return f"{clock.local(at):%m-%d %H:%M}"


def stored_in_words(text: str) -> str:
    """Returns a stored moment as 12月4日 14:00, a day (2026-12-04) as 12月4日; other texts unchanged."""
    found = _STORED.fullmatch(text)
    if not found:
        return text
    month, day = int(found[1] or found[3]), int(found[2] or found[4])
    words = f"{month}月{day}日" if _is_chinese() else f"{day} {MONTHS[(month - 1) % 12]}"
    return f"{words} {found[5]}".rstrip()


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
