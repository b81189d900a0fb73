"""Takes a place in a slot: holds it, books it, confirms a held one.

The service that owns the resource checks permissions; no page calls these directly.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move
from services.scheduling.actions.counters import SlotFull, refusal_now
from services.scheduling.actions.releases import already_yours, lapse_overdue
from services.scheduling.actions.taking import insert_place
from services.scheduling.models import Place, Slot, Waiting

Status = Place.Status
HOLD_MINUTES = 15


def hold_place(
    *, slot: Slot, resident: User, by: User, key: UUID, now: datetime, minutes: int = HOLD_MINUTES
) -> Place:
    """Holds a place for ``minutes``, at most until the slot begins; ``confirm_place`` books it.

    Returns the earlier place, with its time unchanged, for a repeated key or a place already held for this
    person. Raises ``SlotFull``, ``slot_past``, ``slot_closed``, ``already_yours``, ``hold_lapsed``, or
    ``key_used`` for another person's key.
    """
    until = min(now + timedelta(minutes=minutes), slot.starts_at)
    return _take(PlaceRequest(slot, resident, by, key, now, Status.HELD, until))


def book_place(*, slot: Slot, resident: User, by: User, key: UUID, now: datetime) -> Place:
    """Books a place at once; a place held for or offered to this person in this slot is confirmed.

    Returns the earlier place for a repeated key. Raises as ``hold_place`` does.
    """
    return _take(PlaceRequest(slot, resident, by, key, now, Status.BOOKED))


def confirm_place(*, place: Place, by: User, now: datetime, key: UUID | None = None) -> Place:
    """Books a held place; ``key`` replaces the place's key. Repeating it changes nothing.

    Raises ``hold_lapsed`` if its time ran out, and ``slot_closed``.
    """
    if place.status == Status.BOOKED:
        return place
    try:
        with transaction.atomic():
            # A subquery, because Django would evaluate a join before the UPDATE instead of in it.
            still_offered = Slot.objects.filter(pk=place.slot_id, is_closed=False)
            move(
                place,
                Status.BOOKED,
                by=by,
                now=now,
                on_behalf_of=place.resident,
                only_if={"held_until__gt": now, "slot__in": still_offered},
                held_until=None,
                key=key or place.key,
            )
            for waiting in Waiting.objects.filter(place=place, status=Waiting.Status.OFFERED):
                move(waiting, Waiting.Status.TAKEN, by=by, now=now, on_behalf_of=place.resident)
    except AlreadyMoved:
        place.refresh_from_db()
        if place.status == Status.BOOKED:
            return place
        raise _confirm_refusal(place, now)
    return place


def _confirm_refusal(place: Place, now: datetime) -> ActionError:
    if place.status == Status.HELD and place.held_until and place.held_until > now:
        return ActionError("slot_closed", _("This time is no longer offered. Please choose another."))
    return hold_lapsed()


@dataclass(frozen=True)
class PlaceRequest:
    """Request for a place: slot, people, key, status and the end of the hold."""

    slot: Slot
    resident: User
    by: User
    key: UUID
    now: datetime
    status: str
    held_until: datetime | None = None


def _take(request: PlaceRequest) -> Place:
    """Takes the place; a refused person may have it already, or an expired hold may be in the way."""
    try:
        return _insert(request)
    except IntegrityError:
        known = _earlier_place(request)
        if known:
            return known
        # The place in the way was released or expired meanwhile.
        lapse_overdue(request.slot, now=request.now)
    except ActionError:  # full, past or closed
        known = _earlier_place(request)
        if known:
            return known
        # Expired holds are free, even if no worker has swept them.
        if not lapse_overdue(request.slot, now=request.now):
            raise
    return _insert(request)


def _insert(request: PlaceRequest) -> Place:
    """Inserts the place. Raises ``SlotFull``, ``slot_past``, ``slot_closed``, or ``IntegrityError`` if the key
    was used or the person has a place here.
    """
    place = Place(
        slot=request.slot,
        status=request.status,
        key=request.key,
        resident=request.resident,
        made_by=request.by,
        held_until=request.held_until,
        created_at=request.now,
        status_changed_at=request.now,
    )
    if not insert_place(place, now=request.now):
        raise refusal_now(request.slot.pk, request.now) or SlotFull()
    return place


def _earlier_place(request: PlaceRequest) -> Place | None:
    """Returns the place that this person has here: sent before, held for them or offered to them."""
    theirs = Q(slot=request.slot, resident=request.resident, status__in=Place.LIVE)
    found = list(Place.objects.filter(Q(key=request.key) | theirs).select_related("slot", "resident"))
    same = next((place for place in found if place.key == request.key), None)
    if same:
        _require_valid(same, request)
    place = same or next(iter(found), None)
    if place is None or (place.held_until and place.held_until <= request.now):
        return None
    if place.status == Status.HELD and request.status == Status.BOOKED:
        return confirm_place(place=place, by=request.by, now=request.now, key=request.key)
    if place.status == Status.BOOKED and not same:
        raise already_yours()
    return place


def _require_valid(sent: Place, request: PlaceRequest) -> None:
    """Raises if the place sent before with this key is another person's, released or expired."""
    if sent.resident_id != request.resident.pk or sent.status == Status.RELEASED:
        raise ActionError("key_used", _("This was sent before. Please open the page again."))
    if sent.status == Status.LAPSED or (sent.held_until and sent.held_until <= request.now):
        raise hold_lapsed()


def hold_lapsed() -> ActionError:
    """Returns the refusal for a hold whose time ran out."""
    return ActionError("hold_lapsed", _("The place was kept for you for a while, but not any longer."))
