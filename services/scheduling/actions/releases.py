"""Frees places in slots: released, moved, or not confirmed in time."""

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import events
from community.core.errors import ActionError
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move
from services.scheduling.actions.counters import SlotFull, count_in, count_out
from services.scheduling.actions.offers import offer_free
from services.scheduling.models import Place, Slot, Waiting

Status = Place.Status
AT_ONCE = 500


def already_yours() -> ActionError:
    """Returns the refusal for a person who has a place at this time already."""
    return ActionError("already_yours", _("There is a place booked at this time already."))


def release_place(*, place: Place, by: User | None, now: datetime, reason: str = "") -> None:
    """Releases a place and offers it to the next waiting person, in one transaction.

    Repeating it changes nothing. Raises ``AlreadyMoved`` if the place was moved meanwhile.
    """
    if place.status not in Place.LIVE:
        return
    try:
        with transaction.atomic():
            move(
                place,
                Status.RELEASED,
                by=by,
                now=now,
                reason=reason,
                on_behalf_of=place.resident,
                only_if={"slot": place.slot_id},
            )
            _end_offer(place, Waiting.Status.LEFT, by=by, now=now)
            count_out(place.slot_id)
            offer_free(place.slot_id, now=now)
    except AlreadyMoved:
        place.refresh_from_db()
        if place.status in Place.LIVE:
            raise


def move_place(*, place: Place, to: Slot, by: User | None, now: datetime) -> Place:
    """Moves a booked place to the slot ``to`` in one transaction; returns the place.

    Repeating it changes nothing. Raises ``SlotFull``, ``slot_past``, ``slot_closed``, ``already_yours``, or
    ``AlreadyMoved`` unless it is booked; nothing is changed then.
    """
    if place.slot_id == to.pk:
        return place
    try:
        try:
            _move(place, to, by=by, now=now)
        except SlotFull:
            place.refresh_from_db()
            if not lapse_overdue(to, now=now):
                raise
            _move(place, to, by=by, now=now)
    except IntegrityError:
        place.refresh_from_db()
        raise already_yours()
    except ActionError:
        place.refresh_from_db()
        if place.status != Status.BOOKED or place.slot_id != to.pk:
            raise
    return place


def _move(place: Place, to: Slot, *, by: User | None, now: datetime) -> None:
    before = place.slot_id
    if place.status != Status.BOOKED:
        raise AlreadyMoved
    with transaction.atomic():
        move(
            place,
            Status.BOOKED,
            by=by,
            now=now,
            on_behalf_of=place.resident,
            only_if={"slot": before},
            slot=to,
        )
        # In the order of locks of ``services.scheduling.actions``: two people may be swapping places.
        for slot_id in sorted((before, to.pk)):
            if slot_id == before:
                count_out(slot_id)
            else:
                count_in(slot_id, now=now)
        offer_free(before, now=now)


def lapse_overdue(slot: Slot, *, now: datetime) -> int:
    """Frees the expired holds of one slot; returns how many.

    Holds that are confirmed meanwhile are skipped. Raises nothing.
    """
    overdue = Place.objects.overdue(now).filter(slot=slot).select_related("slot", "resident")
    return sum(_lapse(place, now=now) for place in overdue)


def lapse_due(now: datetime) -> int:
    """Frees every expired hold and offer and ends the waiting for begun slots; returns how many places it
    freed.

    Each row has a transaction of its own, so that one error stops no other row.
    """
    overdue = Place.objects.overdue(now).select_related("slot", "resident").order_by("held_until")
    lapsed = sweep_rows(
        overdue[:AT_ONCE],
        lambda place: _lapse(place, now=now),
        failing="scheduling: place %s could not be freed",
    )
    begun = Waiting.objects.in_line().filter(slot__starts_at__lte=now)
    sweep_rows(
        begun[:AT_ONCE],
        lambda waiting: _expire(waiting, now=now),
        failing="scheduling: waiting %s could not be ended",
    )
    return lapsed


def _expire(waiting: Waiting, *, now: datetime) -> None:
    with suppress(AlreadyMoved):
        move(waiting, Waiting.Status.EXPIRED, by=None, now=now)


def _lapse(place: Place, *, now: datetime) -> bool:
    """Frees an expired hold; returns False if it was confirmed or freed meanwhile."""
    try:
        with transaction.atomic():
            move(place, Status.LAPSED, by=None, now=now, only_if={"held_until__lte": now})
            _end_offer(place, Waiting.Status.EXPIRED, by=None, now=now)
            count_out(place.slot_id)
            events.place_lapsed.send(place=place, now=now)
            offer_free(place.slot_id, now=now)
    except AlreadyMoved:
        return False
    return True


def _end_offer(place: Place, to: str, *, by: User | None, now: datetime) -> None:
    """Ends the offer of which this place was part."""
    for waiting in Waiting.objects.filter(place=place, status=Waiting.Status.OFFERED):
        move(waiting, to, by=by, now=now, on_behalf_of=place.resident)
