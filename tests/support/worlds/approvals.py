"""A role for which a manager has asked, and a second person has not agreed yet."""

from typing import TYPE_CHECKING

from accounts import actions
from accounts.models import StaffRole
from community.core import clock
from tests.factories import make_staff

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates it, asked for by a second manager of the estate."""
    role = StaffRole.Role.MANAGER
    carer = world.people["carer"]
    # The page shows it: without the number of how many people were made before.
    carer.username = "fengguilan"
    carer.save()
    boss = make_staff(role=role, estate=world.estate, name="孙经理")
    world.more["approval"] = actions.ask_role(
        actions.NewRole(carer, world.estate, StaffRole.Role.FRONT_DESK),
        by=boss,
        now=clock.now(),
    )
    world.typed.append("孙经理")
