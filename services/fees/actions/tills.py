"""The open till of a cashier, to which money at the counter belongs."""

from collections.abc import Iterable

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from services.fees.models import Shift


class NoShift(ActionError):
    """Raised when money is taken or paid out at the counter without an open shift."""

    def __init__(self) -> None:
        super().__init__("no_shift", _("No shift is open. Please open one first."))


def use_till(cashier: User, estate_id: int) -> Shift:
    """Returns the open shift of a cashier in an estate, which is not closed before the transaction ends.

    Call it inside the transaction that books the money. Raises ``NoShift`` without an open shift.
    """
    shift = use_till_if_open([cashier], estate_id)
    if shift is None:
        raise NoShift
    return shift


def use_till_if_open(people: Iterable[User], estate_id: int) -> Shift | None:
    """Returns the open shift of the first of these people who has one, as ``use_till`` does; else None."""
    for person in people:
        shift = Shift.objects.open_of(person, estate_id)
        if shift is not None and lock(shift):
            return shift
    return None


def lock(shift: Shift) -> bool:
    """Locks an open shift until the transaction ends, by one conditional UPDATE; False if it is closed."""
    return bool(Shift.objects.open().filter(pk=shift.pk).update(movements=F("movements") + 1))
