"""What notices add to the world of the access matrix."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Adds the owner's things to ``world.more`` and typed words to ``world.typed``."""
