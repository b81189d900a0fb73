"""Taking a place: one insert, then, last, one conditional UPDATE of the slot's counter.

Who may take one for whom is asked by the service that owns the resource; these are not reachable
from a page by themselves.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, begin, move
from services.scheduling.actions.counting import SlotFull, count_in
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
    return _take(slot, resident, by=by, key=key, now=now, status=Status.HELD, held_until=until)


def book_place(*, slot: Slot, resident: User, by: User, key: UUID, now: datetime) -> Place:
    """Take a place at once; what is held for or offered to this person in this slot becomes theirs.

    Sent twice with the same key: the same place again. Raises as ``hold_place``.
    """
    return _take(slot, resident, by=by, key=key, now=now, status=Status.BOOKED, held_until=None)


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
    return ActionError("hold_lapsed", _("The place was kept for you for a while, but not any longer."))


def _take(
    slot: Slot,
    resident: User,
    *,
    by: User,
    key: UUID,
    now: datetime,
    status: str,
    held_until: datetime | None,
) -> Place:
    def insert() -> Place:
        with transaction.atomic():
            place = Place.objects.create(
                slot=slot,
                status=status,
                key=key,
                resident=resident,
                made_by=by,
                held_until=held_until,
                created_at=now,
                status_changed_at=now,
            )
            begin(place, by=by, now=now, on_behalf_of=resident)
            count_in(slot.pk, now=now)
        return place

    try:
        return _insert_or_theirs(insert, slot, resident, by=by, key=key, now=now, status=status)
    except SlotFull:
        # Holds that ran out count for nobody, even while no worker has swept them.
        if not lapse_overdue(slot, now=now):
            raise
    return _insert_or_theirs(insert, slot, resident, by=by, key=key, now=now, status=status)


def _insert_or_theirs(
    insert: Callable[[], Place],
    slot: Slot,
    resident: User,
    *,
    by: User,
    key: UUID,
    now: datetime,
    status: str,
) -> Place:
    try:
        return insert()
    except IntegrityError:
        same = Place.objects.filter(key=key).select_related("slot", "resident").first()
        if same:
            return _sent_before(same, resident)
        theirs = Place.objects.live().filter(slot=slot, resident=resident)
        place = theirs.select_related("slot", "resident").first()
        if place is None or (place.held_until and place.held_until <= now):
            # Given back in this very moment, or run out: there is nothing in the way any more.
            lapse_overdue(slot, now=now)
            return insert()
    if place.status == Status.BOOKED:
        raise already_yours()
    return place if status == Status.HELD else confirm_place(place=place, by=by, now=now, key=key)


def _sent_before(place: Place, resident: User) -> Place:
    if place.resident_id != resident.pk or place.status == Status.RELEASED:
        raise ActionError("key_used", _("This was sent before. Please open the page again."))
    if place.status == Status.LAPSED:
        raise ActionError("hold_lapsed", _("The place was kept for you for a while, but not any longer."))
    return place
