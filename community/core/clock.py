"""Clock of the system. Call ``now`` once at the edge and pass the result on as ``now``."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Returns the present time, aware, in UTC."""
    return timezone.now()


def local(moment: datetime) -> datetime:
    """Converts an aware datetime to the estate's time zone."""
    return moment.astimezone(SHANGHAI)


def today(moment: datetime) -> date:
    """Returns the calendar day of an aware datetime in the estate's time zone."""
    return local(moment).date()


def midnight(day: date) -> datetime:
    """Returns the aware datetime at which a day begins in the estate's time zone."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
