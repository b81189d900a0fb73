"""Days and times in words, in every template without loading: today is the day on which the page is made."""

from datetime import date, datetime, time
from typing import Any

from django import template

from community.core import clock, dates

register = template.Library()


def _day(value: date | datetime) -> date:
    return clock.today(value) if isinstance(value, datetime) else value


@register.filter
def day_words(value: date | datetime | None) -> str:
    """Returns 今天, 明天, 12月4日 周五; "" for None."""
    return dates.day_words(_day(value), clock.today(clock.now())) if value else ""


@register.filter
def iso(value: datetime) -> str:
    """Returns 2026-12-04T14:00:00+08:00, for programs."""
    return clock.local(value).isoformat()


@register.filter
def near_day(value: date | datetime | None) -> str:
    """Returns 今天 or 明天; "" for other days."""
    return dates.near_day(_day(value), clock.today(clock.now())) if value else ""


@register.filter
def month_day(value: date | datetime | None) -> str:
    """Returns 12月4日, for tables and ranges; with the year if it is another."""
    return dates.month_day(_day(value), clock.today(clock.now())) if value else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    """Returns 周五."""
    return dates.weekday(_day(value)) if value else ""


@register.filter
def time_words(value: time | datetime | None) -> str:
    """Returns 14:00; 下午2点 in the large mode."""
    if value is None or value == "":
        return ""
    return dates.time_words(clock.local(value) if isinstance(value, datetime) else value)


@register.filter
def moment_words(value: datetime | None) -> str:
    """Returns 今天 14:00, 12月4日 周五 14:00; in the large mode 今天 下午2点."""
    return dates.moment_words(value, clock.now()) if value else ""


@register.filter
def span_words(row: Any) -> str:
    """Returns 14:00–16:00 of a row with ``starts_at`` and ``ends_at``; in the large mode 下午2点到4点."""
    return dates.span_words(row.starts_at, row.ends_at)
