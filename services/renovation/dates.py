"""Days and times as people say them."""

from datetime import datetime

from django.utils.translation import get_language

from community.core import clock

WEEKDAYS = "一二三四五六日"


def day_words(moment: datetime) -> str:
    """11月25日 周三; Wed 25 Nov in English."""
    here = clock.local(moment)
    if (get_language() or "").startswith("zh"):
        return f"{here.month}月{here.day}日 周{WEEKDAYS[here.weekday()]}"
    return f"{here:%a} {here.day} {here:%b}"


def day_short(moment: datetime) -> str:
    """For the large mode: 25日周三; Wed 25 in English."""
    here = clock.local(moment)
    if (get_language() or "").startswith("zh"):
        return f"{here.day}日周{WEEKDAYS[here.weekday()]}"
    return f"{here:%a} {here.day}"


def when_words(moment: datetime) -> str:
    """For a message, which is kept as it was said: 11-25 14:00."""
    return f"{clock.local(moment):%m-%d %H:%M}"


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    return f"{clock.local(starts_at):%H:%M}–{clock.local(ends_at):%H:%M}"


def moment_words(moment: datetime) -> str:
    return f"{day_words(moment)} {clock.local(moment):%H:%M}"
