"""Advice for a resident in an emergency, until somebody comes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from services.repairs.models import Repair, RepairCategory

Danger = RepairCategory.Danger

# The first line of each kind is what its drawing shows.
ADVICE: dict[str, tuple[str | Promise, ...]] = {
    Danger.WATER: (
        _("Shut the main valve: turn it clockwise until it stops."),
        _("Do not touch wet sockets or appliances."),
        _("Leave the door open for the worker."),
    ),
    Danger.POWER: (
        _("Do not touch the switch or the socket that sparks."),
        _("Step back, and stay off a wet floor."),
        _("If anything burns, go outside and call 119."),
    ),
    Danger.GAS: (
        _("Go outside now, and leave the door open."),
        _("Do not touch any switch, and light nothing."),
        _("Make your calls outside."),
    ),
    Danger.LIFT: (
        _("Do not force the doors. Press the bell in the lift."),
        _("Stand against the wall and wait. There is enough air."),
        _("Say the number of the building and the floor."),
    ),
}
GENERAL: tuple[str | Promise, ...] = (
    _("People first: keep away from the danger."),
    _("Leave the door open for the worker."),
)


def drawing_for(repair: Repair) -> str:
    """Returns the static file that shows the first line of advice; "" without one."""
    danger = repair.category.danger
    return f"img/emergency/{danger}.svg" if danger else ""


def advice_for(repair: Repair) -> tuple[str | Promise, ...]:
    """Returns what to do meanwhile, the most important first."""
    return ADVICE.get(repair.category.danger, GENERAL)
