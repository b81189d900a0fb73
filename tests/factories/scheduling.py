from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from community.core import clock
from services.scheduling import actions
from services.scheduling.models import Place, Resource, Slot, WeeklyHours
from tests.factories.base import make_estate, make_resident, numbers


def make_resource(**overrides: Any) -> Resource:
    fields: dict[str, Any] = {"name": f"护理员{next(numbers)}", "service": "care"}
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    return Resource.objects.create(**(fields | overrides))


def make_hours(**overrides: Any) -> WeeklyHours:
    """Creates times on Mondays from 8 to 12, an hour each with one place, every week."""
    fields: dict[str, Any] = {"weekday": 0, "opens": time(8), "closes": time(12), "slot_minutes": 60}
    if "resource" not in overrides:
        fields["resource"] = make_resource()
    return WeeklyHours.objects.create(**(fields | overrides))


def make_slot(*, day: date | None = None, at: time = time(9), minutes: int = 60, **overrides: Any) -> Slot:
    """Creates a time with one place, by default the day after tomorrow."""
    day = day or clock.today(clock.now()) + timedelta(days=2)
    starts_at = datetime.combine(day, at, tzinfo=clock.SHANGHAI)
    fields: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": overrides.get("starts_at", starts_at) + timedelta(minutes=minutes),
        "capacity": 1,
    }
    if "resource" not in overrides:
        fields["resource"] = make_resource()
    return Slot.objects.create(**(fields | overrides))


def make_booking(*, slot: Slot | None = None, **overrides: Any) -> Place:
    """Creates a booked place, taken by the usual action."""
    resident = overrides.pop("resident", None) or make_resident()
    fields: dict[str, Any] = {"by": resident, "key": uuid4(), "now": clock.now()}
    return actions.book_place(slot=slot or make_slot(), resident=resident, **(fields | overrides))
