"""A freed place goes to whoever waits longest, and is held for them for a while."""

from datetime import datetime, time, timedelta

from django.db import transaction

from community.core import clock, events
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.scheduling.actions.counting import count_in
from services.scheduling.models import Place, Slot, Waiting

OFFER_LASTS = timedelta(minutes=30)
# Nobody must get up at night for a place: what is offered then is held until after this.
DAY_BEGINS, DAY_ENDS = time(8), time(21)


def offered_until(slot: Slot, now: datetime) -> datetime:
    """How long an offer made now is held; never longer than until the slot begins."""
    here = clock.local(now)
    if here.time() >= DAY_ENDS:
        here = datetime.combine(here.date() + timedelta(days=1), DAY_BEGINS, tzinfo=here.tzinfo)
    elif here.time() < DAY_BEGINS:
        here = datetime.combine(here.date(), DAY_BEGINS, tzinfo=here.tzinfo)
    return min(here + OFFER_LASTS, slot.starts_at)


def offer_free(slot_id: int, *, now: datetime) -> int:
    """Offer what is free to those who wait, first come first; how many were offered.

    Call it in the transaction that freed the place, after the counting: the slot is locked by it,
    so nobody can join the list or take the place meanwhile.
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
    except AlreadyMoved:  # has just left the list
        return False
    return True
