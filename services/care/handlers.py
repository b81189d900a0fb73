"""Handlers of events of scheduling and accounts, and of carers' rows; each runs in the event's transaction."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, pre_save
from django.urls import reverse

from accounts.models import Residency, StaffRole, User
from accounts.policies import homes_of
from community.core import changes, dates, pictures, recordings
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.care import policies
from services.care.actions.bookings import delete_drafts
from services.care.actions.carer_pictures import remove_pictures_of_former_carer
from services.care.actions.steps import message_key, notify_open_pages, tell_carer, tell_resident
from services.care.models import CareBooking, CareDraft, Carer, CareRecording, CarerPicture, CareService
from services.scheduling.actions import leave_waiting, release_place
from services.scheduling.models import Place, Waiting


def place_lapsed(*, place: Place, now: datetime) -> None:
    """Notifies open pages of drafts whose hold ran out; their answers stay stored."""
    topics = [draft.live_topic for draft in CareDraft.objects.filter(place=place, booking=None)]
    if topics:
        live.notify_open_pages(*topics)


def place_offered(*, waiting: Waiting, now: datetime) -> None:
    """Tells the waiting person, and the person who joined for them, that a place is held for them."""
    service = CareService.objects.filter(resource=waiting.slot.resource_id).first()
    if service is None:
        return
    params = {
        "what": service.name,
        "when": dates.stored(waiting.slot.starts_at),
        "until": dates.stored(waiting.offered_until or waiting.slot.starts_at),
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


def connect() -> None:
    """Connects to rows of carers and their pictures, so that changes by pages, the admin and cascades are all
    seen.
    """
    pre_save.connect(carer_saved, sender=Carer, dispatch_uid="care.carer_saved")
    post_delete.connect(picture_deleted, sender=CarerPicture, dispatch_uid="care.picture_deleted")


def carer_saved(instance: Carer, **kwargs: Any) -> None:
    """Deletes the picture of an entry that is given to another person: it shows the former one."""
    CarerPicture.objects.filter(carer=instance.pk).exclude(carer__user=instance.user_id).delete()


def picture_deleted(instance: CarerPicture, **kwargs: Any) -> None:
    """Deletes the files of a carer's picture once its row is gone for good."""
    transaction.on_commit(partial(pictures.discard, instance.key))


def role_ended(*, role: StaffRole, now: datetime) -> None:
    """Deletes the pictures of a carer who has left the estate."""
    if role.role == StaffRole.Role.CARER:
        remove_pictures_of_former_carer(person=role.user, estate_id=role.estate_id)


def residency_ended(*, residency: Residency, now: datetime) -> None:
    """Cancels the visits ahead in a home that the person has left, at no cost.

    A visit that the carer has just begun is still made. Drafts for the home are deleted; after the last home
    of the estate, waiting and held places end too.
    """
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
        _end_waiting_and_holds(residency, now=now)
    unsent = CareDraft.objects.filter(resident=person, home=home, booking=None)
    topics = [draft.live_topic for draft in unsent]
    delete_drafts(unsent)
    if topics:
        live.notify_open_pages(*topics)


def _end_waiting_and_holds(residency: Residency, *, now: datetime) -> None:
    """Leaves the waiting lists and releases the held places of a person without a home in the estate."""
    here = {"slot__resource__estate": residency.home.estate, "slot__resource__service": "care"}
    for waiting in Waiting.objects.live().filter(resident=residency.user, **here).select_related("place"):
        leave_waiting(waiting=waiting, by=residency.user, now=now)
    places = Place.objects.filter(resident=residency.user, status=Place.Status.HELD, **here)
    for place in places.select_related("slot", "resident"):
        release_place(place=place, by=None, now=now)


def consent_withdrawn(*, person: User, purpose: str, now: datetime) -> None:
    """Deletes what the person's bookings and drafts say of their health, in words and by voice.

    The visits stand: who comes asks at the door.
    """
    booked = CareBooking.objects.filter(resident=person)
    said = Q(draft__resident=person) | Q(booking__resident=person)
    recordings.delete_rows(CareRecording.objects.filter(said))
    with changes.of(*booked.exclude(description="").only("pk", "estate", "resident")):
        booked.exclude(description="").update(description="")
    CareDraft.objects.filter(resident=person).exclude(answer="").update(answer="")
    live.notify_open_pages(f"resident:{person.pk}")
