"""Dates typed into addresses and forms."""

from datetime import date

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


def near(day: date | None) -> date | None:
    """Returns a date between 2000 and 2100; None for others, from which dates cannot be calculated safely."""
    return day if day is not None and FIRST <= day <= LAST else None


def day_of(text: str) -> date | None:
    """Parses a date of an address (``2026-11-23``); None if it is invalid or not near."""
    try:
        return near(date.fromisoformat(text))
    except ValueError:
        return None
