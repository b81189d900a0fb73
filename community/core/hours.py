"""Opening hours of a day, which may end after midnight.

A span that ends at or before its beginning ends on the next day; 0 o'clock as an end is midnight, written
24:00.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.core.clock import SHANGHAI

DAY = timedelta(days=1)
# Longer spans over midnight are likely a mistake (12:00 to 08:00), except a whole day (8 to 8).
LONGEST_NIGHT = timedelta(hours=16)
MIDNIGHT = re.compile(r"24([:.]?00?)?([:.]00)?")


class EndTimeField(forms.TimeField):
    """A time of day at which a span ends; accepts and shows 24:00."""

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
            if MIDNIGHT.fullmatch(value):
                return time(0)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return "24:00" if value == time(0) else value


def length(opens: time, closes: time) -> timedelta:
    """Returns the length of the span; 24 hours from a time to the same time."""
    day = date(2000, 1, 1)
    span = datetime.combine(day, closes) - datetime.combine(day, opens)
    return span if span > timedelta() else span + DAY


def is_likely(opens: time, closes: time) -> bool:
    """Whether the span is plausible, rather than two swapped times."""
    span = length(opens, closes)
    return closes > opens or closes == time(0) or span <= LONGEST_NIGHT or span == DAY


def on_day(day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    """Returns when it opens on this day and when it closes, perhaps on the next."""
    begins = datetime.combine(day, opens, tzinfo=SHANGHAI)
    return begins, begins + length(opens, closes)


def week_minutes(weekday: int, opens: time, closes: time) -> list[tuple[int, int]]:
    """Returns the open spans as minutes of the week; two if it passes Sunday's midnight."""
    begin = weekday * 1440 + opens.hour * 60 + opens.minute
    end = begin + int(length(opens, closes) / timedelta(minutes=1))
    return [(begin, end)] if end <= 7 * 1440 else [(begin, 7 * 1440), (0, end - 7 * 1440)]


def hours_words(opens: time, closes: time) -> str:
    """Returns ``08:00–24:00``, or a span to the next day in words."""
    if closes == time(0):
        return f"{opens:%H:%M}–24:00"
    if closes <= opens:
        return _("%(opens)s–%(closes)s the next day") % {
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
        }
    return f"{opens:%H:%M}–{closes:%H:%M}"


END_HELP = gettext_lazy("24:00 is midnight. An end at or before the beginning is on the next day.")
UNLIKELY = gettext_lazy("It closes before it opens. Please check the two times.")
