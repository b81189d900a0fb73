"""From the booking to the bill and the thumb, by the actions alone."""

from datetime import timedelta
from uuid import uuid4

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.care import actions
from services.care.models import CareBooking, CareService
from services.fees.models import Bill
from services.scheduling.models import Slot

S = CareBooking.Status


def test_booking__held_booked_assigned_started_finished__is_billed_and_rated(
    service: CareService, slot: Slot, elder: User, home: Home, coordinator: User, carer: User
) -> None:
    now = clock.now()
    draft = actions.begin_booking(
        actions.CareChoice(service=service, resident=elder, home=home, key=uuid4()),
        slot=slot,
        by=elder,
        now=now,
    )
    slot.refresh_from_db()
    assert slot.taken == 1
    booking = actions.book(draft=draft, by=elder, now=now)
    assert actions.book(draft=draft, by=elder, now=now) == booking
    assert booking.reference.startswith("C-")
    actions.arrange_visit(booking=booking, carer=carer, by=coordinator, now=now)
    there = booking.starts_at
    actions.start_visit(booking=booking, by=carer, code=booking.start_code, now=there)
    assert booking.status == S.UNDER_WAY
    over = there + timedelta(minutes=55)
    for _n in range(2):
        actions.finish_visit(booking=booking, by=carer, words="水温正好", now=over)
    bill = Bill.objects.get()
    assert (bill.amount_fen, bill.charged_to, bill.home, bill.subject) == (
        6000,
        elder,
        home,
        f"care:{booking.pk}",
    )
    booking.refresh_from_db()
    assert booking.bill == bill
    actions.give_thumb(booking=booking, by=elder, is_up=True, now=over)
    actions.give_thumb(booking=booking, by=elder, is_up=False, now=over)
    assert booking.satisfaction is not None
    assert booking.satisfaction.face == 3
    told = set(OutboxMessage.objects.filter(recipient=elder).values_list("template", flat=True))
    assert told >= {"care_booked", "care_carer_assigned", "care_started", "care_done"}
