"""Days that people type into addresses and forms."""

from datetime import date

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


def near(day: date | None) -> date | None:
    """A day of our time, as it is; None for one so far off that nothing can be reckoned from it.

    The first and the last day that a computer knows have no day before or after them.
    """
    return day if day is not None and FIRST <= day <= LAST else None


def day_of(text: str) -> date | None:
    """A day out of an address (``2026-11-23``); what is none, or is far off, is left out."""
    try:
        return near(date.fromisoformat(text))
    except ValueError:
        return None
