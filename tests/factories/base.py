"""Factories of places and people."""

from itertools import count
from typing import Any

from accounts.models import (
    FLAGS,
    Administration,
    Consent,
    Delegation,
    Residency,
    RosterEntry,
    StaffRole,
    User,
)
from accounts.models.privacy import VERSIONS
from community.core import clock
from community.core.transitions import record_first_status
from community.estates.models import Building, Entrance, Estate, Home, PropertyCompany, PublicPlace

PASSWORD = "a long staff password"


class Numbers:
    """Numbers that make names and references differ. They begin anew: after thousands of tests they would else be
    longer than any of a real estate, and stand wider on a page.
    """

    def __init__(self) -> None:
        self.restart()

    def __next__(self) -> int:
        return next(self._count)

    def restart(self, first: int = 1) -> None:
        self._count = count(first)


numbers, homes = Numbers(), Numbers()


def restart_numbers() -> None:
    """Begins anew where no row is left: at a new module, and at each of many worlds of one."""
    numbers.restart()
    homes.restart()


def next_phone() -> str:
    """Returns a resident's mobile number in E.164, unique in this run."""
    return f"+86138{next(numbers):08d}"


def make_estate(**overrides: Any) -> Estate:
    number = next(numbers)
    fields: dict[str, Any] = {
        "name": f"幸福里{number}",
        "code": f"estate-{number}",
        "address": "和平路1号",
        "desk_phone": "02788886666",
        "emergency_phone": "02788889999",
    }
    return Estate.objects.create(**(fields | overrides))


def make_company(name: str = "安居物业") -> PropertyCompany:
    """Returns the property company of this name."""
    return PropertyCompany.objects.get_or_create(name=name)[0]


def make_building(**overrides: Any) -> Building:
    fields: dict[str, Any] = {"name": f"{next(numbers) % 900 + 100}号楼", "floors": 6}
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    return Building.objects.create(**(fields | overrides))


def make_entrance(**overrides: Any) -> Entrance:
    fields: dict[str, Any] = {"name": f"{next(numbers) % 90 + 1}单元"}
    if "building" not in overrides:
        fields["building"] = make_building()
    return Entrance.objects.create(**(fields | overrides))


def make_home(*, estate: Estate | None = None, **overrides: Any) -> Home:
    """Creates a home; with ``estate``, in a new building of it."""
    # Short as on real doors however many homes were made before, since tests measure pages with it.
    fields: dict[str, Any] = {"number": f"{next(homes) % 9000 + 101}", "floor": 5, "area_dm2": 9850}
    if "entrance" not in overrides:
        fields["entrance"] = make_entrance(building=make_building(estate=estate or make_estate()))
    return Home.objects.create(**(fields | overrides))


def make_place(**overrides: Any) -> PublicPlace:
    fields: dict[str, Any] = {"name": f"东门{next(numbers)}"}
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    return PublicPlace.objects.create(**(fields | overrides))


def make_user(**overrides: Any) -> User:
    """Creates a person with a checked number, without homes or roles."""
    fields: dict[str, Any] = {"name": "王秀英", "phone": next_phone(), "phone_verified_at": clock.now()}
    return User.objects.create_user(**(fields | overrides))


def make_administrator(administration: str, **overrides: Any) -> User:
    """Creates a person with this administration (a value of ``Administration``) and no role."""
    flag = FLAGS[Administration(administration)]
    number = User.objects.count()
    is_staff = administration != Administration.CITY
    return make_user(**({"username": f"admin{number}", "is_staff": is_staff, flag: True} | overrides))


def make_residency(
    *, user: User, home: Home, status: str = Residency.Status.ACTIVE, **overrides: Any
) -> Residency:
    now = clock.now()
    fields: dict[str, Any] = {"kind": Residency.Kind.OWNER, "status_changed_at": now, "created_at": now}
    residency = Residency.objects.create(user=user, home=home, status=status, **(fields | overrides))
    record_first_status(residency, by=user, now=now)
    return residency


def make_resident(*, home: Home | None = None, kind: str = Residency.Kind.OWNER, **overrides: Any) -> User:
    """Creates a resident of ``home``, by default of a new one."""
    user = make_user(**overrides)
    make_residency(user=user, home=home or make_home(), kind=kind)
    return user


def make_staff(
    *, role: str = StaffRole.Role.FRONT_DESK, estate: Estate | None = None, **overrides: Any
) -> User:
    """Creates a member of staff with one role, who signs in with ``username`` and ``PASSWORD``."""
    in_field = role in {StaffRole.Role.REPAIR_WORKER, StaffRole.Role.CARER, StaffRole.Role.CREW}
    fields: dict[str, Any] = {
        "username": f"staff{next(numbers)}",
        "name": "李建国",
        "phone": next_phone(),
        "password": PASSWORD,
        "is_staff": not in_field,
    }
    user = User.objects.create_user(**(fields | overrides))
    StaffRole.objects.create(user=user, estate=estate or make_estate(), role=role)
    return user


def make_consent(*, person: User, purpose: str = Consent.Purpose.HEALTH) -> Consent:
    """Creates the person's own consent to the present text of the purpose."""
    return Consent.objects.create(
        person=person,
        purpose=purpose,
        version=VERSIONS[purpose],
        way=Consent.Way.SELF,
        given_by=person,
        given_at=clock.now(),
    )


def make_delegation(
    *, resident: User | None = None, delegate: User | None = None, **overrides: Any
) -> Delegation:
    fields: dict[str, Any] = {
        "service": "repairs",
        "relation": "女儿",
        "created_at": clock.now(),
        "accepted_at": clock.now(),
    }
    return Delegation.objects.create(
        resident=resident or make_resident(), delegate=delegate or make_user(), **(fields | overrides)
    )


def make_roster_entry(*, home: Home | None = None, **overrides: Any) -> RosterEntry:
    fields: dict[str, Any] = {"name": "陈志强", "phone": next_phone()}
    return RosterEntry.objects.create(home=home or make_home(), **(fields | overrides))
