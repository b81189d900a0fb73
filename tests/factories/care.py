from datetime import date
from typing import Any
from uuid import uuid4

from accounts.models import StaffRole, User
from accounts.policies import homes_of
from community.core import clock
from community.core.transitions import record_first_status
from community.estates.models import Estate
from services.care.models import (
    CareBooking,
    CareDraft,
    Carer,
    CarerPicture,
    CareService,
    Menu,
    MenuPicture,
    Provider,
)
from services.scheduling import actions as scheduling
from tests.factories.base import make_estate, make_home, make_resident, make_staff, numbers
from tests.factories.scheduling import make_resource, make_slot

Status = CareBooking.Status


def make_provider(**overrides: Any) -> Provider:
    fields: dict[str, Any] = {"name": f"康乐护理站{next(numbers)}", "phone": "02788887777"}
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    return Provider.objects.create(**(fields | overrides))


def make_care_service(*, estate: Estate | None = None, **overrides: Any) -> CareService:
    """Creates bathing at home for 60 yuan, without questions, bookable until it begins."""
    provider = overrides.pop("provider", None) or make_provider(estate=estate or make_estate())
    fields: dict[str, Any] = {
        "estate": provider.estate,
        "provider": provider,
        "resource": overrides.get("resource") or make_resource(estate=provider.estate),
        "kind": CareService.Kind.BATHING,
        "name": f"助浴{next(numbers)}",
        "name_en": "Bathing",
        "price_fen": 6000,
        "notice_minutes": 0,
    }
    return CareService.objects.create(**(fields | overrides))


def make_carer(*, provider: Provider | None = None, **overrides: Any) -> Carer:
    """Creates a carer of all of the provider's services, with the role in its estate."""
    provider = provider or make_provider()
    fields: dict[str, Any] = {"provider": provider}
    if "user" not in overrides:
        name = overrides.pop("name", "冯桂兰")
        fields["user"] = make_staff(role=StaffRole.Role.CARER, estate=provider.estate, name=name)
    return Carer.objects.create(**(fields | overrides))


def make_carer_picture(*, carer: Carer, key: str = "pictures/none", **overrides: Any) -> CarerPicture:
    """Creates a picture that the carer has agreed to, without files unless ``key`` has some."""
    now = clock.now()
    fields: dict[str, Any] = {
        "width": 400,
        "height": 400,
        "added_by": carer.user,
        "at": now,
        "agreed_at": now,
    }
    return CarerPicture.objects.create(carer=carer, key=key, **(fields | overrides))


def make_menu(
    *, service: CareService, on: date, dishes: str = "红烧肉 青菜", key: str = "", by: User | None = None
) -> Menu:
    """Creates the dishes of a day, with a picture if the key of stored files is given."""
    by = by or make_staff(role=StaffRole.Role.CARE_COORDINATOR, estate=service.estate)
    now = clock.now()
    menu = Menu.objects.create(service=service, on=on, dishes=dishes, changed_by=by, changed_at=now)
    if key:
        MenuPicture.objects.create(menu=menu, key=key, width=400, height=300, added_by=by, at=now)
    return menu


def make_care_draft(*, service: CareService | None = None, **overrides: Any) -> CareDraft:
    """Creates a draft with a chosen time, which is held for it."""
    service = service or make_care_service()
    home = overrides.pop("home", None) or make_home(estate=service.estate)
    resident = overrides.pop("resident", None) or make_resident(home=home)
    slot = overrides.pop("slot", None) or make_slot(resource=service.resource, capacity=3)
    now = overrides.pop("now", None) or clock.now()
    by = overrides.pop("by", resident)
    key = uuid4()
    place = scheduling.hold_place(slot=slot, resident=resident, by=by, key=key, now=now)
    fields: dict[str, Any] = {
        "pk": key,
        "estate": service.estate,
        "resident": resident,
        "begun_by": by,
        "service": service,
        "home": home,
        "place": place,
        "price_fen": service.price_fen,
        "created_at": now,
    }
    return CareDraft.objects.create(**(fields | overrides))


def make_care_booking(*, status: str = Status.BOOKED, **overrides: Any) -> CareBooking:
    """Creates a booking in any status, with its place, and a carer if the status needs one."""
    resident = overrides.pop("resident", None)
    home = overrides.pop("home", None)
    service = overrides.pop("service", None)
    if service is None:
        estate = overrides.pop("estate", None)
        if estate is None:
            estate = home.estate if home else homes_of(resident).first().estate if resident else None
        service = make_care_service(estate=estate)
    if home is None:
        home = homes_of(resident).first() if resident else make_home(estate=service.estate)
    resident = resident or make_resident(home=home)
    slot = overrides.pop("slot", None) or make_slot(resource=service.resource, capacity=9)
    now = overrides.pop("now", None) or clock.now()
    place = overrides.pop("place", None) or scheduling.book_place(
        slot=slot, resident=resident, by=resident, key=uuid4(), now=min(now, slot.starts_at)
    )
    fields: dict[str, Any] = {
        "estate": service.estate,
        "service": service,
        "place": place,
        "home": home,
        "resident": resident,
        "reported_by": resident,
        "reference": f"C-261123-{next(numbers):04d}",
        "price_fen": service.price_fen,
        "start_code": "4711",
        "status": status,
        "status_changed_at": now,
        "created_at": now,
    }
    if status in (Status.UNDER_WAY, Status.DONE, Status.MISSED) and "carer" not in overrides:
        fields["carer"] = make_carer(provider=service.provider).user
    booking = CareBooking.objects.create(**(fields | overrides))
    record_first_status(booking, by=booking.reported_by, now=now, on_behalf_of=booking.resident)
    return booking
