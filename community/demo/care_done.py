"""Ratings and bills of the demo's finished visits."""

from itertools import groupby
from random import Random

from community.core import clock, dates
from community.core.transitions import record_first_status
from community.demo.care_catalogue import THUMBS, WORDS
from community.estates.models import Estate
from services.care.models import CareBooking
from services.common.models import Satisfaction
from services.common.references import next_references
from services.fees.billing.actions.charges import due_on, post_bill
from services.fees.models import Bill, BillLine, FeeItem

Status = CareBooking.Status


def rate(estate: Estate, bookings: list[CareBooking], draw: Random) -> None:
    """Adds ratings to most bookings; those of 王秀英 are good."""
    rated = []
    for booking in bookings:
        if booking.status != Status.DONE or (booking.price_fen and draw.random() < 0.35):
            continue
        face = draw.choice(THUMBS) if booking.price_fen else 3
        booking.satisfaction = Satisfaction(
            estate=estate,
            service="care",
            reference=booking.reference,
            face=face,
            words=draw.choice(WORDS[face]),
            given_by=booking.resident,
            at=booking.status_changed_at,
        )
        rated.append(booking)
    Satisfaction.objects.bulk_create([one.satisfaction for one in rated if one.satisfaction])
    for booking in rated:
        booking.satisfaction = booking.satisfaction  # its number is known now


def charge_done(estate: Estate, done: list[CareBooking]) -> None:
    """Bills finished visits to the elders, in the ledger like any other bill."""
    item = FeeItem.objects.create(
        estate=estate,
        name="养老服务费",
        name_en="Care services",
        kind=FeeItem.Kind.CARE,
        basis=FeeItem.Basis.SINGLE,
    )
    done.sort(key=lambda one: (one.status_changed_at, one.pk))
    for day, of_day in groupby(done, key=lambda one: clock.today(one.status_changed_at)):
        todays = list(of_day)
        references = next_references(letter="B", estate=estate, on=day, count=len(todays))
        for booking, reference in zip(todays, references, strict=True):
            booking.bill = _bill(booking, item, reference)
    CareBooking.objects.bulk_update(done, ["bill"])


def _bill(booking: CareBooking, item: FeeItem, reference: str) -> Bill:
    at = booking.status_changed_at
    period = clock.today(booking.starts_at).replace(day=1)
    bill = Bill.objects.create(
        estate=booking.estate,
        reference=reference,
        home=booking.home,
        item=item,
        subject=f"care:{booking.pk}",
        period=period,
        charged_to=booking.resident,
        amount_fen=booking.price_fen,
        words=f"{booking.service.name} {dates.stored(booking.starts_at)}",
        due_on=due_on(item, period),
        status_changed_at=at,
        created_at=at,
    )
    line = {"kind": BillLine.Kind.WORDS, "words": bill.words, "amount_fen": bill.amount_fen}
    BillLine.objects.create(bill=bill, number=1, **line)
    record_first_status(bill, by=booking.carer, now=at, on_behalf_of=booking.resident)
    post_bill(bill, by=booking.carer, now=at)
    return bill
