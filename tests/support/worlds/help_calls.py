"""Rows of help in the world of the access matrix."""

from datetime import timedelta
from typing import TYPE_CHECKING

from community.core import clock
from tests.factories import make_help_call, make_leave, make_shift, make_week_of_duty

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates an unanswered call of the owner; a carer has first duty all week."""
    now = clock.now()
    carer = world.people["carer"]
    world.more["help_call"] = make_help_call(resident=world.people["owner"], home=world.home)
    make_help_call(resident=world.people["household"], home=world.home, status="ended")
    make_help_call(
        resident=world.people["manager"],
        home=world.home,
        status="coming",
        is_drill=True,
        responder=world.people["front_desk"],
    )
    make_week_of_duty(estate=world.estate, user=carer)
    world.more["shift"] = make_shift(
        estate=world.estate, user=world.people["repair_worker"], rank=2, weekday=3, starts=9, ends=10
    )
    world.more["leave"] = make_leave(
        estate=world.estate,
        user=carer,
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
    )
    world.typed.append("扶起来了，没有受伤")
