"""The one clock. Ask it once, at the edge, and pass the answer on as ``now``."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def local(moment: datetime) -> datetime:
    """The same moment on the clocks of the estate."""
    return moment.astimezone(SHANGHAI)


def today(moment: datetime) -> date:
    """The calendar day of a moment where the estate is."""
    return local(moment).date()


def midnight(day: date) -> datetime:
    """When a day begins on the clocks of the estate."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
