"""Days and times in words."""

from datetime import datetime

from django.utils.translation import get_language

from community.core import clock

WEEKDAYS = "一二三四五六日"


def day_words(moment: datetime) -> str:
    """Returns 11月25日 周三; Wed 25 Nov in English."""
    here = clock.local(moment)
    if (get_language() or "").startswith("zh"):
        return f"{here.month}月{here.day}日 周{WEEKDAYS[here.weekday()]}"
    return f"{here:%a} {here.day} {here:%b}"


def day_short(moment: datetime) -> str:
    """Returns 25日周三 for the large mode; Wed 25 in English."""
    here = clock.local(moment)
    if (get_language() or "").startswith("zh"):
        return f"{here.day}日周{WEEKDAYS[here.weekday()]}"
    return f"{here:%a} {here.day}"


def when_words(moment: datetime) -> str:
    """Returns 11-25 14:00, the same in both languages, because messages are stored as they were sent."""
    return f"{clock.local(moment):%m-%d %H:%M}"


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """Returns 14:00–16:00."""
    return f"{clock.local(starts_at):%H:%M}–{clock.local(ends_at):%H:%M}"


def moment_words(moment: datetime) -> str:
    """Returns 11月25日 周三 09:00."""
    return f"{day_words(moment)} {clock.local(moment):%H:%M}"
