"""What care does when something lower in the house has happened, in the same transaction."""

from datetime import datetime

from django.urls import reverse

from accounts.models import Residency
from accounts.policies import homes_of
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.care import policies
from services.care.actions.steps import message_key, notify_open_pages, tell_carer, tell_resident, when_words
from services.care.models import CareBooking, CareDraft, CareService
from services.scheduling.actions import leave_waiting, release_place
from services.scheduling.models import Place, Waiting


def place_lapsed(*, place: Place, now: datetime) -> None:
    """Nobody confirmed it in time: the page that is still open says so; what was chosen is kept."""
    topics = [draft.live_topic for draft in CareDraft.objects.filter(place=place, booking=None)]
    if topics:
        live.notify_open_pages(*topics)


def place_offered(*, waiting: Waiting, now: datetime) -> None:
    """A freed place is kept for somebody who waits: they are told, and whoever asked for them."""
    service = CareService.objects.filter(resource=waiting.slot.resource_id).first()
    if service is None:
        return
    params = {
        "what": service.name,
        "when": when_words(waiting.slot.starts_at),
        "until": when_words(waiting.offered_until or waiting.slot.starts_at),
    }
    url = reverse("care_waiting", args=[waiting.pk])
    people = {waiting.resident_id: waiting.resident, waiting.made_by_id: waiting.made_by}
    for person in people.values():
        if policies.may_book_for(person, waiting.resident, estate_id=service.estate_id):
            key = f"care_waiting:{waiting.pk}:offered"
            outbox.queue_message(
                person, "care_place_free", key=key, params=params, url=url, sms=True, now=now
            )
    live.notify_open_pages(f"resident:{waiting.resident_id}")


def residency_ended(*, residency: Residency, now: datetime) -> None:
    """Who has moved out is visited there no longer: what is ahead is cancelled and costs nothing."""
    person, home = residency.user, residency.home
    if homes_of(person).filter(pk=home.pk).exists():
        return
    ahead = CareBooking.objects.filter(resident=person, home=home, status=CareBooking.Status.BOOKED)
    for booking in ahead.with_people():
        try:
            change = move(booking, CareBooking.Status.CANCELLED, by=None, now=now)
        except AlreadyMoved:  # the carer has just begun: this visit is still made
            continue
        key = message_key(booking, change)
        tell_resident(booking, "care_cancelled", key=key, now=now, by=None)
        if booking.carer:
            tell_carer(booking, booking.carer, "care_visit_cancelled", key=key, now=now)
        release_place(place=booking.place, by=None, now=now)
        notify_open_pages(booking)
    if not homes_of(person).of_estate(home.estate).exists():
        _forget_plans(residency, now=now)
    unsent = CareDraft.objects.filter(resident=person, home=home, booking=None)
    topics = [draft.live_topic for draft in unsent]
    unsent.delete()
    if topics:
        live.notify_open_pages(*topics)


def _forget_plans(residency: Residency, *, now: datetime) -> None:
    """Nothing is kept for, and nobody waits who has no home in the estate any more."""
    here = {"slot__resource__estate": residency.home.estate, "slot__resource__service": "care"}
    for waiting in Waiting.objects.live().filter(resident=residency.user, **here).select_related("place"):
        leave_waiting(waiting=waiting, by=residency.user, now=now)
    held = Place.objects.filter(resident=residency.user, status=Place.Status.HELD, **here)
    for place in held.select_related("slot", "resident"):
        release_place(place=place, by=None, now=now)
