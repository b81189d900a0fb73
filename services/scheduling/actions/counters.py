"""The only code that writes ``slot.taken`` (with ``taking``): two conditional UPDATEs, the lock of a full slot.

Call them last in a transaction, since other requests for the slot wait from here to the commit, and in the
order of locks of ``services.scheduling.actions``.
"""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError
from services.scheduling.models import Slot


class SlotFull(ActionError):
    """Raised when the slot has no free place."""

    def __init__(self) -> None:
        super().__init__("slot_full", _("This time has just been taken. Please choose another."))


def count_in(slot_id: int, *, now: datetime) -> None:
    """Counts one more place as taken. Raises ``SlotFull``, ``slot_past`` or ``slot_closed``."""
    has_room = Slot.objects.filter(pk=slot_id, taken__lt=F("capacity"), is_closed=False, starts_at__gt=now)
    if not has_room.update(taken=F("taken") + 1):
        raise refusal_now(slot_id, now) or SlotFull()


def count_out(slot_id: int) -> None:
    """Counts one place less as taken. Raises ``RuntimeError`` if the count is zero already."""
    if not Slot.objects.filter(pk=slot_id, taken__gt=0).update(taken=F("taken") - 1):
        raise RuntimeError(f"slot {slot_id} counts fewer places than it has")


def lock_full(slot_id: int, *, now: datetime) -> None:
    """Locks a full slot until the commit. Raises ``slot_free`` if it has a place, ``slot_past`` or
    ``slot_closed``.
    """
    is_full = Slot.objects.filter(pk=slot_id, taken__gte=F("capacity"), is_closed=False, starts_at__gt=now)
    if not is_full.update(taken=F("taken")):
        refusal = refusal_now(slot_id, now)
        raise refusal or ActionError("slot_free", _("There is a free place now. You can book it."))


def refusal_now(slot_id: int, now: datetime) -> ActionError | None:
    """Returns why no place can be taken now, read without a lock; only ``count_in`` decides."""
    slot = Slot.objects.get(pk=slot_id)
    if slot.starts_at <= now:
        return ActionError("slot_past", _("This time has passed. Please choose a later one."))
    if slot.is_closed:
        return ActionError("slot_closed", _("This time is no longer offered. Please choose another."))
    return SlotFull() if slot.taken >= slot.capacity else None
