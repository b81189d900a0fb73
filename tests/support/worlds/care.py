"""Rows of care in the world of the access matrix."""

from datetime import time, timedelta
from typing import TYPE_CHECKING

from community.core import clock
from services.care import home_codes
from services.care.models import CareBooking, CareRecording, CareService, Provider
from services.scheduling import actions as scheduling
from tests.factories import (
    make_booking,
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_carer,
    make_carer_picture,
    make_delegation,
    make_menu,
    make_provider,
    make_resource,
    make_slot,
)

if TYPE_CHECKING:
    from tests.support.world import World

Status = CareBooking.Status


def furnish(world: "World") -> None:
    """Creates the owner's care and its carer: bookings in several statuses, a draft, a place in a waiting
    list.
    """
    owner = world.people["owner"]
    make_delegation(resident=owner, delegate=world.people["delegate"], service="care", relation="女儿")
    provider = make_provider(estate=world.estate, name="康乐护理站")
    carer = make_carer(provider=provider, user=world.people["carer"])
    world.more["care_carer"] = carer
    world.more["carer_picture"] = make_carer_picture(carer=carer, key=world.picture.key)
    resource = make_resource(estate=world.estate, name="助浴员")
    service = make_care_service(
        provider=provider,
        resource=resource,
        name="助浴",
        name_en="Bathing",
        question="有什么要注意？",
        question_en="Anything to mind?",
    )
    make_care_service(
        provider=provider,
        resource=make_resource(estate=world.estate, name="陪诊员"),
        kind=CareService.Kind.ESCORT,
        name="陪诊",
        name_en="Escort",
        booked_by=CareService.BookedBy.DESK,
    )
    _with_meals(world, provider)
    _with_bookings(world, service)
    full = make_slot(resource=resource, at=time(15))
    make_booking(slot=full, resident=world.people["neighbour"])
    world.more |= {
        "care_service": service,
        "care_slot": make_slot(resource=resource, at=time(11), capacity=3),
        "care_full": full,
        "care_draft": make_care_draft(
            service=service,
            home=world.home,
            resident=owner,
            slot=make_slot(resource=resource, at=time(13)),
            answer="膝盖不好",
        ),
        "care_waiting": scheduling.join_waiting(slot=full, resident=owner, by=owner, now=clock.now()),
        "care_code": home_codes.code_of(world.home.pk),
    }
    world.typed += [
        "女儿",
        "康乐护理站",
        "助浴",
        "陪诊",
        "午餐",
        "有什么要注意？",
        "膝盖不好",
        "02788887777",
        "清蒸鱼",
    ]


def _with_meals(world: "World", provider: Provider) -> None:
    """Creates lunches: tomorrow's, which is being delivered, and the owner's of the day after."""
    resource = make_resource(estate=world.estate, name="老年食堂")
    meals = make_care_service(
        provider=provider,
        resource=resource,
        kind=CareService.Kind.MEALS,
        name="午餐",
        name_en="Lunch",
        price_fen=0,
        needs_carer=False,
    )
    tomorrow = clock.today(clock.now()) + timedelta(days=1)
    world.more["care_menu"] = make_menu(
        service=meals,
        on=tomorrow,
        dishes="清蒸鱼",
        key=world.picture.key,
        by=world.people["care_coordinator"],
    )
    make_slot(resource=resource, day=tomorrow, at=time(11, 30), capacity=20)
    later = make_slot(resource=resource, day=tomorrow + timedelta(days=1), at=time(11, 30), capacity=20)
    make_care_booking(service=meals, home=world.home, resident=world.people["owner"], slot=later)


def _with_bookings(world: "World", service: CareService) -> None:
    """Creates bookings: given to the carer, without a carer, and finished without an answer."""
    owner, carer = world.people["owner"], world.people["carer"]
    today = clock.today(clock.now())
    made = {"service": service, "home": world.home, "resident": owner}
    world.more |= {
        "care_booking": make_care_booking(
            **made, carer=carer, slot=make_slot(resource=service.resource, at=time(9)), description="膝盖不好"
        ),
        "care_open": make_care_booking(**made, slot=make_slot(resource=service.resource, at=time(10))),
        "care_today": make_care_booking(
            **made,
            carer=carer,
            slot=make_slot(resource=service.resource, day=today, at=time(16)),
            now=clock.now() - timedelta(days=2),
        ),
        "care_done": make_care_booking(
            **made,
            carer=carer,
            status=Status.DONE,
            slot=make_slot(resource=service.resource, day=today - timedelta(days=1), at=time(9), capacity=9),
            now=clock.now() - timedelta(days=2),
        ),
    }
    world.more["care_recording"] = CareRecording.objects.create(
        booking=world.more["care_booking"], name=world.recording.name, content_type="audio/ogg", seconds=3,
        added_by=owner, at=clock.now(),
    )  # fmt: skip
