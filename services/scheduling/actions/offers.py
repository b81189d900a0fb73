"""Offers a freed place in a slot to the person who has waited longest and holds it for a while."""

from datetime import datetime, time, timedelta

from django.db import transaction

from community.core import clock, events
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.scheduling.actions.counters import count_in
from services.scheduling.models import Place, Slot, Waiting

OFFER_LASTS = timedelta(minutes=30)
# Offers made at night are held until after the day begins.
DAY_BEGINS, DAY_ENDS = time(8), time(21)


def offered_until(slot: Slot, now: datetime) -> datetime:
    """Returns until when an offer made now is held; at most until the slot begins."""
    here = clock.local(now)
    if here.time() >= DAY_ENDS:
        here = datetime.combine(here.date() + timedelta(days=1), DAY_BEGINS, tzinfo=here.tzinfo)
    elif here.time() < DAY_BEGINS:
        here = datetime.combine(here.date(), DAY_BEGINS, tzinfo=here.tzinfo)
    return min(here + OFFER_LASTS, slot.starts_at)


def offer_free(slot_id: int, *, now: datetime) -> int:
    """Offers free places to waiting people in their order; returns how many.

    Call it in the transaction that freed the place, after counting: that lock keeps others from joining the
    list or taking the place. People who leave the list meanwhile are skipped. Raises nothing.
    """
    slot = Slot.objects.get(pk=slot_id)
    if slot.is_closed or slot.starts_at <= now:
        return 0
    offered = 0
    for waiting in Waiting.objects.filter(slot=slot).in_line().select_related("resident", "slot"):
        if slot.taken + offered >= slot.capacity:
            break
        offered += _offer(waiting, now)
    return offered


def _offer(waiting: Waiting, now: datetime) -> bool:
    until = offered_until(waiting.slot, now)
    try:
        with transaction.atomic():
            place = Place.objects.create(
                slot=waiting.slot,
                status=Place.Status.HELD,
                resident=waiting.resident,
                held_until=until,
                created_at=now,
                status_changed_at=now,
            )
            record_first_status(place, by=None, now=now, on_behalf_of=waiting.resident)
            move(waiting, Waiting.Status.OFFERED, by=None, now=now, offered_until=until, place=place)
            count_in(waiting.slot_id, now=now)
            events.place_offered.send(waiting=waiting, now=now)
    except AlreadyMoved:  # left the list at the same moment
        return False
    return True
