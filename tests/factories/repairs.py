from typing import Any

from accounts.models import StaffRole
from community.core import clock
from community.core.transitions import record_first_status
from services.repairs.models import Repair, RepairCategory
from tests.factories.base import make_estate, make_home, make_resident, make_staff, numbers

WITHOUT_WORKER = {
    Repair.Status.NEW,
    Repair.Status.ACCEPTED,
    Repair.Status.REOPENED,
    Repair.Status.CANCELLED,
    Repair.Status.DECLINED,
}


def make_category(**overrides: Any) -> RepairCategory:
    fields: dict[str, Any] = {"name": f"漏水{next(numbers)}", "name_en": "Leak", "icon": "droplet"}
    if "estate" not in overrides:
        fields["estate"] = overrides["parent"].estate if overrides.get("parent") else make_estate()
    return RepairCategory.objects.create(**(fields | overrides))


def make_repair(*, status: str = Repair.Status.NEW, **overrides: Any) -> Repair:
    """Creates a repair in a resident's home in any status, with a worker if the status needs one."""
    home = overrides.pop("home", None)
    estate = overrides.pop("estate", None) or (home.estate if home else make_estate())
    if "place" not in overrides:
        home = home or make_home(estate=estate)
    fields: dict[str, Any] = {
        "estate": estate,
        "home": home,
        "resident": overrides.get("resident") or (make_resident(home=home) if home else make_resident()),
        "category": overrides.get("category") or make_category(estate=estate),
        "reference": f"R-261123-{next(numbers):04d}",
        "description": "水龙头一直滴水",
        "status": status,
    }
    now = clock.now()
    fields |= {"status_changed_at": now, "created_at": now}
    fields["reported_by"] = fields["resident"]
    if status not in WITHOUT_WORKER and "worker" not in overrides:
        fields["worker"] = make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=estate)
    if status == Repair.Status.QUOTED:
        fields |= {"quote_fen": 6800, "quote_words": "换水龙头"}
    repair = Repair.objects.create(**(fields | overrides))
    record_first_status(repair, by=repair.reported_by, now=now, on_behalf_of=repair.resident)
    return repair
