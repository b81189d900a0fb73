from typing import Any

from accounts.models import StaffRole, User
from community.core import clock
from community.core.transitions import record_first_status
from community.estates.models import Estate
from services.common.models import Alarm
from services.help.models import DutyLeave, DutyShift, HelpCall
from tests.factories.base import make_estate, make_home, make_resident, make_staff, numbers

Status = HelpCall.Status


def make_help_call(*, status: str = Status.CALLING, **overrides: Any) -> HelpCall:
    """Creates a call from a resident's home in any status, with its alarm, and a responder if needed."""
    home = overrides.pop("home", None) or make_home(estate=overrides.get("estate"))
    resident = overrides.pop("resident", None) or make_resident(home=home)
    now = overrides.pop("created_at", None) or clock.now()
    fields: dict[str, Any] = {
        "estate": home.estate,
        "home": home,
        "resident": resident,
        "reported_by": resident,
        "reference": f"H-261123-{next(numbers):04d}",
        "status": status,
        "created_at": now,
        "status_changed_at": now,
    }
    if status in (Status.COMING, Status.ENDED):
        goes = overrides.pop("responder", None) or make_staff(estate=home.estate)
        fields |= {"responder": goes, "answered_at": now}
    if status == Status.ENDED:
        fields |= {"outcome": HelpCall.Outcome.HELPED, "words": "扶起来了，没有受伤"}
    fields["alarm"] = Alarm.objects.create(
        estate=home.estate,
        kind=Alarm.Kind.HELP,
        title=str(resident),
        place=str(home),
        url="/staff/help/",
        raised_by=resident,
        raised_at=now,
        acknowledged_by=fields.get("responder"),
        acknowledged_at=fields.get("answered_at"),
    )
    call = HelpCall.objects.create(**(fields | overrides))
    record_first_status(call, by=call.reported_by, now=now, on_behalf_of=call.resident)
    return call


def make_shift(*, estate: Estate | None = None, user: User | None = None, **overrides: Any) -> DutyShift:
    """Creates a shift, by default all Monday."""
    estate = estate or make_estate()
    fields: dict[str, Any] = {
        "estate": estate,
        "user": user or make_staff(role=StaffRole.Role.CARER, estate=estate),
        "weekday": 0,
        "starts": 0,
        "ends": 24,
    }
    return DutyShift.objects.create(**(fields | overrides))


def make_week_of_duty(*, estate: Estate, user: User, rank: int = 1) -> list[DutyShift]:
    """Creates shifts for every hour of the week."""
    return [make_shift(estate=estate, user=user, weekday=day, rank=rank) for day in range(7)]


def make_leave(*, user: User, estate: Estate, **overrides: Any) -> DutyLeave:
    return DutyLeave.objects.create(user=user, estate=estate, **overrides)
