"""Booking at the door or at the counter, for a household of which perhaps nobody is registered yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actions import add_residency_at_door
from accounts.models import User
from community.estates.models import Home
from services.renovation import policies
from services.renovation.actions.booking import book_appointment
from services.renovation.models import Appointment, WorkItem
from services.scheduling.models import Slot


@dataclass(frozen=True)
class DoorBooking:
    """A time for one work item in a home, and who opened its door; ``key`` is the booking's, used once."""

    home: Home
    item: WorkItem
    slot: Slot
    key: UUID
    name: str = ""
    phone: str = ""


def book_at_door(booking: DoorBooking, *, by: User, now: datetime) -> Appointment:
    """Book for a household that opened the door. Where nobody is registered, who stood there is.

    Both or neither. Raises ``name_missing`` and what ``book_appointment`` raises.
    """
    home, item = booking.home, booking.item
    policies.must_speak_for(by, home, item.project)
    with transaction.atomic():
        if policies.resident_of(home, by) is None:
            add_residency_at_door(name=booking.name, phone=booking.phone, home=home, by=by, now=now)
        return book_appointment(home=home, item=item, slot=booking.slot, by=by, key=booking.key, now=now)
