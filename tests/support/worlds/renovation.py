"""Rows of renovation in the world of the access matrix."""

from datetime import time, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from community.core import clock, pictures
from services.renovation.models import (
    AppointmentWaiting,
    Participation,
    ProjectQuestion,
    RenovationPicture,
    RenovationRecording,
    TimetableRow,
    WorkItem,
)
from services.scheduling import actions as scheduling
from tests.factories import make_booking, make_delegation, make_slot
from tests.factories.renovation import Site, make_appointment, make_work_item

if TYPE_CHECKING:
    from tests.support.world import World


class OwnersSite(Site):
    """Project in which the owner lives, with the world's crew."""

    def __init__(self, world: "World") -> None:
        super().__init__(home=world.home)
        self.resident.residencies.all().delete()
        self.resident = world.people["owner"]
        self.crew.members.set([world.people["crew"]])


def furnish(world: "World") -> None:
    """Creates a project with appointments in several statuses, a question, pictures, and a place in a waiting
    list.
    """
    from tests.support.world import a_picture

    owner, now = world.people["owner"], clock.now()
    make_delegation(
        resident=owner,
        delegate=world.people["delegate"],
        service="renovation",
        relation="女儿",
    )
    site = OwnersSite(world)
    project = site.project
    today = clock.today(now)
    TimetableRow.objects.create(
        project=project, begins_on=today, ends_on=today + timedelta(days=9), what="逐栋入户"
    )
    make_work_item(project=project, name="园区道路", where=WorkItem.Where.GROUNDS, minutes=60)
    others = [make_work_item(project=project, name=name) for name in ("上下水管", "暖气管", "阳台门")]
    full = make_slot(resource=site.crew.resource, at=time(15))
    make_booking(slot=full, resident=world.people["neighbour"])
    waiting = scheduling.join_waiting(slot=full, resident=owner, by=owner, now=now)
    yesterday = today - timedelta(days=1)
    states = {"appointment": "booked", "appointment_done": "done", "appointment_confirmed": "confirmed"}
    for number, ((name, status), item) in enumerate(zip(states.items(), others, strict=True)):
        site.item, kept = item, site.item
        day = today if status == "booked" else yesterday
        slot = make_slot(resource=site.crew.resource, day=day, at=time(18 + number), minutes=60)
        world.more[name] = make_appointment(site=site, status=status, slot=slot)
        site.item = kept
    stored = pictures.store(a_picture())
    for shows in ("before", "after"):
        picture = RenovationPicture.objects.create(
            project=project, appointment=world.more["appointment_done"], shows=shows, key=stored.key,
            width=400, height=300, added_by=world.people["crew"], at=now,
        )  # fmt: skip
    world.more |= {
        "renovation": project,
        "renovation_item": site.item,
        "renovation_full": full,
        "renovation_slot": make_slot(resource=site.crew.resource, at=time(10), capacity=3),
        "renovation_waiting": AppointmentWaiting.objects.create(
            waiting=waiting, item=site.item, home=world.home
        ),
        "renovation_picture": picture,
        "renovation_question": ProjectQuestion.objects.create(
            project=project, key=uuid4(), words="窗户是什么颜色？", asked_by=owner, created_at=now
        ),
        "renovation_crew": site.crew,
    }
    said = Participation.objects.get(project=project, home=world.home)
    said.answer, said.wishes, said.answered_by, said.answered_at = "yes", "中午要睡觉", owner, now
    said.save()
    world.more["renovation_recording"] = RenovationRecording.objects.create(
        participation=said,
        name=world.recording.name,
        content_type="audio/ogg",
        seconds=3,
        added_by=owner,
        at=now,
    )
    world.typed += [
        project.name,
        project.plan,
        "外窗更换",
        "上下水管",
        "暖气管",
        "阳台门",
        "园区道路",
        "逐栋入户",
    ]
    world.typed += [
        "蒋涛",
        "韩大勇",
        site.crew.resource.name,
        "中午要睡觉",
        "窗户是什么颜色？",
        "02788880000",
    ]
    world.typed += ["13900020010", "韩", "蒋"]
