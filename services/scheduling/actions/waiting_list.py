"""Waiting list of a full slot."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.scheduling.actions.counters import lock_full
from services.scheduling.actions.places import confirm_place
from services.scheduling.actions.releases import already_yours, lapse_overdue, release_place
from services.scheduling.models import Place, Slot, Waiting

Status = Waiting.Status


def join_waiting(*, slot: Slot, resident: User, by: User, now: datetime) -> Waiting:
    """Adds the person to the waiting list; a person who already waits keeps their turn.

    The slot is locked while its fullness is checked, so that no one waits beside a free place. Raises
    ``slot_free``, ``slot_past``, ``slot_closed`` or ``already_yours``.
    """
    lapse_overdue(slot, now=now)
    try:
        with transaction.atomic():
            waiting = Waiting.objects.create(
                slot=slot, resident=resident, made_by=by, created_at=now, status_changed_at=now
            )
            record_first_status(waiting, by=by, now=now, on_behalf_of=resident)
            lock_full(slot.pk, now=now)
            if Place.objects.live().filter(slot=slot, resident=resident).exists():
                raise already_yours()
    except IntegrityError:
        return Waiting.objects.live().select_related("slot", "resident").get(slot=slot, resident=resident)
    return waiting


def leave_waiting(*, waiting: Waiting, by: User, now: datetime) -> None:
    """Leaves the waiting list; an offered place goes to the next person. Repeating it changes nothing.

    Raises ``AlreadyMoved`` if the place was moved meanwhile.
    """
    if waiting.status == Status.WAITING:
        try:
            move(waiting, Status.LEFT, by=by, now=now, on_behalf_of=waiting.resident)
        except AlreadyMoved:  # offered a place at the same moment
            waiting.refresh_from_db()
    if waiting.status == Status.OFFERED and waiting.place:
        release_place(place=waiting.place, by=by, now=now)
        waiting.refresh_from_db()


def take_offer(*, waiting: Waiting, by: User, key: UUID, now: datetime) -> Place:
    """Books the offered place. Repeating it returns the same place.

    Raises ``offer_over`` if the place is not, or no longer, offered to this person, and ``slot_closed``.
    """
    waiting.refresh_from_db()
    place = waiting.place
    if place is None or waiting.status not in (Status.OFFERED, Status.TAKEN):
        raise _offer_over()
    if waiting.status == Status.OFFERED:
        try:
            place = confirm_place(place=place, by=by, now=now, key=key)
        except ActionError as refusal:
            if refusal.code == "hold_lapsed":
                raise _offer_over()
            raise
        waiting.refresh_from_db()
    return place


def _offer_over() -> ActionError:
    return ActionError("offer_over", _("This place is no longer kept for you."))
