"""Households that nobody of the world has to do with: every word of theirs that is found is found by a leak."""

from datetime import date, time
from typing import TYPE_CHECKING, Any

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from community.notices.models import Notice
from services.renovation.models import Participation
from services.repairs.models import RepairMessage
from tests.factories import (
    make_bill,
    make_care_booking,
    make_care_service,
    make_category,
    make_feedback,
    make_help_call,
    make_home,
    make_item,
    make_notice,
    make_payment,
    make_repair,
    make_resident,
    make_roster_entry,
    make_slot,
)

if TYPE_CHECKING:
    from tests.support.world import World

# Stands in every name and word of the household in the owner's entrance, and of the one in the other estate; what
# an estate offers to all of its residents has other names.
NEAR, FAR = "嬴近邻", "亓远客"


def furnish(world: "World") -> None:
    """Creates one of each thing for both of them."""
    near = make_home(entrance=world.home.entrance, number="9907")
    far = make_home(estate=world.other_estate)
    world.more["near"] = _household(near, NEAR, item=world.more["item"], service=world.more["care_service"])
    world.more["far"] = _household(
        far,
        FAR,
        item=make_item(estate=world.other_estate),
        service=make_care_service(estate=world.other_estate),
    )
    Participation.objects.create(project=world.more["renovation"], home=near, answer="yes", wishes=NEAR)
    world.typed += [NEAR, FAR, NEAR[:1], FAR[:1]]


def _household(home: Home, marker: str, *, item: Any, service: Any) -> tuple[User, Home]:
    now = clock.now()
    person = make_resident(home=home, name=marker)
    make_roster_entry(home=home, name=marker, phone=person.phone)
    leak = make_category(estate=home.estate, name="漏水")
    repair = make_repair(home=home, resident=person, category=leak, description=marker)
    RepairMessage.objects.create(repair=repair, author=person, words=marker, at=now)
    for month in (1, 2):
        bill = make_bill(home=home, item=item, period=date(2024, month, 1), subject=marker)
    make_payment(bills=[bill], payer=person, paid=True)
    make_care_booking(
        service=service,
        home=home,
        resident=person,
        slot=make_slot(resource=service.resource, at=time(7)),
        description=marker,
    )
    make_help_call(home=home, resident=person)
    make_feedback(estate=home.estate, resident=person, description=marker)
    for status in (Notice.Status.PUBLISHED, Notice.Status.DRAFT):
        make_notice(estate=home.estate, homes=[home], title=marker, status=status)
    return person, home
