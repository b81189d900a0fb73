"""World of the access matrix: two estates with a person of every standing, and rows to ask for."""

import io
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from PIL import Image

from accounts.models import Administration, Delegation, Oversight, Residency, StaffRole, User
from community.core import clock, pictures, recordings
from community.estates.models import Estate, Home, PublicPlace
from community.notifications.models import InboxNotice
from services.common.models import Alarm
from services.repairs.models import Repair, RepairDraft, RepairPicture, RepairRecording
from tests.factories import (
    make_administrator,
    make_category,
    make_delegation,
    make_estate,
    make_home,
    make_place,
    make_repair,
    make_residency,
    make_resident,
    make_staff,
    make_user,
)
from tests.support import sounds
from tests.support.worlds import (
    approvals,
    care,
    family,
    feedback,
    fees,
    help_calls,
    matching,
    meters,
    morning,
    notices,
    others,
    renovation,
)

Role = StaffRole.Role
STAFF_ROLES = [str(role.value) for role in Role]
# Roles that must find nothing in the first estate if they are held in the second.
FOREIGN_ROLES = (
    "manager",
    "dispatcher",
    "front_desk",
    "repair_worker",
    "auditor",
    "cashier",
    "care_coordinator",
    "carer",
    "renovation_coordinator",
    "crew",
)


@dataclass
class World:
    """``people`` by standing; rows belong to "owner" of the first estate unless their names say otherwise."""

    estate: Estate
    other_estate: Estate
    home: Home
    place: PublicPlace
    repair: Repair
    emergency: Repair
    draft: RepairDraft
    picture: RepairPicture
    recording: RepairRecording
    notice: InboxNotice
    alarm: Alarm
    residency: Residency
    asked: Residency
    delegation: Delegation
    people: dict[str, User] = field(default_factory=dict)
    # Rows that services add, by name; and words on their pages that people typed.
    more: dict[str, Any] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


def a_picture() -> io.BytesIO:
    """Returns a small JPEG as a phone would send it."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), (120, 150, 180)).save(buffer, "JPEG")
    buffer.name = "picture.jpg"
    buffer.seek(0)
    return buffer


def make_world() -> World:
    """Creates everything once, in two estates."""
    world = _with_repairs()
    for furnish in (
        family.furnish,
        approvals.furnish,
        fees.furnish,
        matching.furnish,
        meters.furnish,
        care.furnish,
        help_calls.furnish,
        renovation.furnish,
        feedback.furnish,
        notices.furnish,
        morning.furnish,
        others.furnish,
    ):
        furnish(world)
    return world


def _with_repairs() -> World:
    estate, other = make_estate(name="幸福里"), make_estate(name="春晖苑")
    home = make_home(estate=estate)
    people = _people(estate, other, home)
    owner, worker = people["owner"], people["repair_worker"]
    top = make_category(estate=estate, name="水")
    category = make_category(estate=estate, parent=top, name="漏水")
    urgent = make_category(estate=estate, parent=top, name="水管爆裂", is_emergency=True)
    now = clock.now()
    repair = make_repair(
        home=home, resident=owner, category=category, status=Repair.Status.ASSIGNED, worker=worker
    )
    alarm = Alarm.objects.create(
        estate=estate,
        title="水管爆裂",
        place=str(home),
        url="/staff/repairs/",
        raised_by=owner,
        raised_at=now,
    )
    emergency = make_repair(home=home, resident=owner, category=urgent, is_emergency=True, alarm=alarm)
    stored = pictures.store(a_picture())
    sound = recordings.store(io.BytesIO(sounds.ogg()), seconds=3)
    draft = RepairDraft.objects.create(
        estate=estate, resident=owner, begun_by=owner, home=home, category=category, created_at=now
    )
    return World(
        estate=estate,
        other_estate=other,
        home=home,
        place=make_place(estate=estate, name="东门"),
        repair=repair,
        emergency=emergency,
        draft=draft,
        picture=RepairPicture.objects.create(
            repair=repair, key=stored.key, width=400, height=300, added_by=owner, at=now
        ),
        recording=RepairRecording.objects.create(
            repair=repair, name=sound.name, content_type="audio/ogg", seconds=3, added_by=owner, at=now
        ),
        notice=InboxNotice.objects.create(
            user=owner,
            key=str(uuid4()),
            template="repair_received",
            params={"what": "漏水", "reference": repair.reference, "worker": "", "fen": 0},
            url=f"/repairs/{repair.pk}/",
            created_at=now,
        ),
        alarm=alarm,
        residency=owner.residencies.get(),
        asked=make_residency(user=people["newcomer"], home=home, status=Residency.Status.REQUESTED),
        delegation=owner.delegations_given.open().first(),
        people=people,
    )


def _people(estate: Estate, other: Estate, home: Home) -> dict[str, User]:
    owner = make_resident(home=home, name="王秀英")
    make_delegation(resident=owner, delegate=(delegate := make_user(name="李强")))
    people = {
        "owner": owner,
        "household": make_resident(home=home, kind=Residency.Kind.FAMILY, name="王大明"),
        "delegate": delegate,
        "neighbour": make_resident(home=make_home(estate=estate), name="周芳"),
        "newcomer": make_user(name="赵新"),
        "foreigner": make_resident(home=make_home(estate=other), name="钱远"),
    }
    # Former resident and former delegate of the owner.
    left = make_user(name="孙明")
    make_residency(user=left, home=home, kind=Residency.Kind.TENANT, status=Residency.Status.ENDED)
    acted = make_user(name="何苗")
    make_delegation(resident=owner, delegate=acted, ended_at=clock.now(), ended_by=owner)
    people |= {"former_tenant": left, "former_delegate": acted}
    # An unanswered offer, shown on the pages of both.
    make_delegation(resident=people["neighbour"], delegate=owner, accepted_at=None)
    for role in STAFF_ROLES:
        people[role] = make_staff(role=role, estate=estate, name="李建国")
    people["other_worker"] = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    for role in FOREIGN_ROLES:
        people[f"foreign_{role}"] = make_staff(role=role, estate=other)
    people["superuser"] = make_user(username="root", is_staff=True, is_superuser=True, name="系统管理员")
    people["security"] = make_administrator(Administration.SECURITY, name="安全管理员")
    people["city"] = make_administrator(Administration.CITY, name="街道办")
    Oversight.objects.create(user=people["city"], company=None)
    people["auditing"] = make_administrator(Administration.AUDIT, name="审计管理员")
    return people


__all__ = ["STAFF_ROLES", "World", "a_picture", "make_world"]
