"""Taking a place: one insert, then, last, one conditional UPDATE of the slot's counter.

Who may take one for whom is asked by the service that owns the resource; these are not reachable
from a page by themselves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.scheduling.actions.counting import SlotFull, count_in, why_not
from services.scheduling.actions.freeing import already_yours, lapse_overdue
from services.scheduling.models import Place, Slot, Waiting

Status = Place.Status
HOLD_MINUTES = 15


def hold_place(
    *, slot: Slot, resident: User, by: User, key: UUID, now: datetime, minutes: int = HOLD_MINUTES
) -> Place:
    """Keep a place for ``minutes``, never longer than until the slot begins; confirm it to have it.

    Sent twice with the same key, or held for this person already: the same place again, its time
    not prolonged. Raises ``SlotFull``, ``slot_past``, ``slot_closed`` or ``already_yours``.
    """
    until = min(now + timedelta(minutes=minutes), slot.starts_at)
    return _take(PlaceRequest(slot, resident, by, key, now, Status.HELD, until))


def book_place(*, slot: Slot, resident: User, by: User, key: UUID, now: datetime) -> Place:
    """Take a place at once; what is held for or offered to this person in this slot becomes theirs.

    Sent twice with the same key: the same place again. Raises as ``hold_place``.
    """
    return _take(PlaceRequest(slot, resident, by, key, now, Status.BOOKED))


def confirm_place(*, place: Place, by: User, now: datetime, key: UUID | None = None) -> Place:
    """What was held is booked. Raises ``hold_lapsed`` if its time ran out, ``slot_closed``.

    Confirmed before: nothing happens. ``key`` becomes that of the place.
    """
    if place.status == Status.BOOKED:
        return place
    try:
        with transaction.atomic():
            # A subquery, not a join: Django would look a join up before the UPDATE, not in it.
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
        raise _not_kept(place, now)
    return place


def _not_kept(place: Place, now: datetime) -> ActionError:
    if place.status == Status.HELD and place.held_until and place.held_until > now:
        return ActionError("slot_closed", _("This time is no longer offered. Please choose another."))
    return hold_lapsed()


@dataclass(frozen=True)
class PlaceRequest:
    """A place as it is asked for: booked, or held until a moment."""

    slot: Slot
    resident: User
    by: User
    key: UUID
    now: datetime
    status: str
    held_until: datetime | None = None


def _take(request: PlaceRequest) -> Place:
    """Look first, without a lock: who comes to a full slot goes without having written anything."""
    refusal = why_not(request.slot.pk, request.now)
    if refusal:
        known = _known(request)
        if known:
            return known
        # Holds that ran out count for nobody, even while no worker has swept them.
        if not lapse_overdue(request.slot, now=request.now):
            raise refusal
    try:
        return _insert(request)
    except SlotFull:  # somebody was faster since
        if not lapse_overdue(request.slot, now=request.now):
            raise
        return _insert(request)
    except IntegrityError:
        known = _known(request)
        if known:
            return known
        # Given back in this very moment, or run out: there is nothing in the way any more.
        lapse_overdue(request.slot, now=request.now)
        return _insert(request)


def _insert(request: PlaceRequest) -> Place:
    with transaction.atomic():
        place = Place.objects.create(
            slot=request.slot,
            status=request.status,
            key=request.key,
            resident=request.resident,
            made_by=request.by,
            held_until=request.held_until,
            created_at=request.now,
            status_changed_at=request.now,
        )
        record_first_status(place, by=request.by, now=request.now, on_behalf_of=request.resident)
        count_in(request.slot.pk, now=request.now)
    return place


def _known(request: PlaceRequest) -> Place | None:
    """What this person has here already: sent before, held for them, or offered to them."""
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
    """Raises ``ActionError`` if the place that this key took is another person's, or is over."""
    if sent.resident_id != request.resident.pk or sent.status == Status.RELEASED:
        raise ActionError("key_used", _("This was sent before. Please open the page again."))
    if sent.status == Status.LAPSED or (sent.held_until and sent.held_until <= request.now):
        raise hold_lapsed()


def hold_lapsed() -> ActionError:
    return ActionError("hold_lapsed", _("The place was kept for you for a while, but not any longer."))
