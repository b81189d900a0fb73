from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.models import StaffRole
from community.core import clock
from community.core.transitions import record_first_status
from services.renovation.actions.home_state import refresh_home
from services.renovation.models import (
    Appointment,
    Campaign,
    Crew,
    ProjectBuilding,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.scheduling.models import Place
from tests.factories.base import make_home, make_resident, make_staff, numbers
from tests.factories.scheduling import make_resource, make_slot


def make_project(*, buildings: Any = (), **overrides: Any) -> RenovationProject:
    """Creates a project in work; ``buildings`` take part in it."""
    now = clock.now()
    fields: dict[str, Any] = {
        "name": f"外窗更换{next(numbers)}",
        "plan": "更换全部外窗。",
        "contact_name": "蒋涛",
        "contact_phone": "02788880000",
        "status": RenovationProject.Status.IN_WORK,
        "created_at": now,
        "status_changed_at": now,
    }
    if "estate" not in overrides:
        fields["estate"] = buildings[0].estate if buildings else make_home().estate
    project = RenovationProject.objects.create(**(fields | overrides))
    for building in buildings:
        ProjectBuilding.objects.create(project=project, building=building)
    return project


def make_work_item(**overrides: Any) -> WorkItem:
    """Creates quiet work of an hour in the homes, by default."""
    fields: dict[str, Any] = {"name": f"外窗{next(numbers)}", "minutes": 60, "icon": "window"}
    if "project" not in overrides:
        fields["project"] = make_project()
    return WorkItem.objects.create(**(fields | overrides))


def make_crew(*, estate: Any, member: Any = None, **overrides: Any) -> Crew:
    """Creates a crew with a member who can sign in."""
    resource = make_resource(estate=estate, service="renovation", name=f"一队{next(numbers)}")
    fields: dict[str, Any] = {"foreman": "韩大勇", "phone": "13900020010"}
    crew = Crew.objects.create(resource=resource, **(fields | overrides))
    crew.members.add(member or make_staff(role=StaffRole.Role.CREW, estate=estate, name="韩大勇"))
    return crew


class Site:
    """A home with a resident, in a project with one work item, one crew and booking open."""

    def __init__(self, *, is_noisy: bool = False, opens_at: datetime | None = None, **home: Any) -> None:
        self.home = home.get("home") or make_home(number="501")
        self.estate = self.home.estate
        self.building = self.home.entrance.building
        self.resident = make_resident(home=self.home, name="王秀英")
        self.project = make_project(buildings=[self.building])
        self.item = make_work_item(project=self.project, name="外窗更换", is_noisy=is_noisy)
        self.crew = make_crew(estate=self.estate)
        self.member = self.crew.members.get()
        self.campaign = Campaign.objects.create(
            project=self.project,
            item=self.item,
            building=self.building,
            crew=self.crew,
            opens_at=opens_at or clock.now() - timedelta(days=1),
        )

    def slot(self, **overrides: Any) -> Any:
        return make_slot(resource=self.crew.resource, **overrides)

    def neighbour(self, number: str = "502") -> Any:
        """Returns a new home with a resident at the same entrance."""
        home = make_home(entrance=self.home.entrance, number=number)
        return home, make_resident(home=home, name="周芳")


def make_appointment(*, site: Site | None = None, status: str = "booked", **overrides: Any) -> Appointment:
    """Creates an appointment in any status, with the history that leads to it."""
    site = site or Site()
    now = clock.now()
    home = overrides.pop("home", site.home)
    resident = overrides.pop("resident", site.resident)
    slot = overrides.pop("slot", None) or site.slot()
    is_live = status not in ("cancelled", "missed")
    place = Place.objects.create(
        slot=slot,
        status=Place.Status.BOOKED if is_live else Place.Status.RELEASED,
        key=uuid4(),
        resident=resident,
        made_by=resident,
        created_at=now,
        status_changed_at=now,
    )
    if is_live:
        slot.taken += 1
        slot.save(update_fields=["taken"])
    fields: dict[str, Any] = {
        "estate": site.estate,
        "project": site.project,
        "item": site.item,
        "home": home,
        "resident": resident,
        "booked_by": resident,
        "place": place,
        "status": status,
        "reference": f"A-261123-{next(numbers):04d}",
        "created_at": now,
        "status_changed_at": now,
    }
    if status == "confirmed":
        fields["warranty_until"] = clock.today(now) + timedelta(days=700)
    appointment = Appointment.objects.create(**(fields | overrides))
    record_first_status(appointment, by=resident, now=now)
    with transaction.atomic():
        refresh_home(site.project, home, now=now)
    return appointment


def make_picture(appointment: Appointment, *, shows: str = "before", key: str = "pictures/none") -> Any:
    return RenovationPicture.objects.create(
        project=appointment.project,
        appointment=appointment,
        shows=shows,
        key=key,
        width=400,
        height=300,
        added_by=appointment.resident,
        at=clock.now(),
    )
