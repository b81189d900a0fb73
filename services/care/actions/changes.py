"""Cancels, moves, assigns and rates bookings.

Rows are locked in this order: the resident, the carer's rows, the booking, the slots of its places.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import changes as row_changes
from community.core import clock
from community.core.dates import near
from community.core.errors import ActionError, Refusal
from community.core.recordings import Spoken, storing_if_spoken
from community.core.transitions import StatusChange
from services.care import policies
from services.care.actions.bookings import check_bookable, check_not_busy, lock_resident
from services.care.actions.steps import STEPS, message_key, notify_open_pages, tell_carer, tell_resident
from services.care.models import CareBooking, Carer, CareRecording
from services.common.models import Satisfaction
from services.common.satisfaction import Rating, give_satisfaction
from services.common.steps import Step
from services.scheduling.actions import move_place, release_place
from services.scheduling.models import Place, Slot

Status = CareBooking.Status
MAX_WORDS = 500


def cancel_booking(
    *, booking: CareBooking, by: User, reason: str = "", spoken: Spoken | None = None, now: datetime
) -> None:
    """Cancels a booking at no cost; its place goes to the next waiting person.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``RecordingRefused``, or
    ``too_late`` after ``policies.free_until``; staff who help residents may still cancel then.
    """
    held = policies.require("cancel_booking", by, booking)
    policies.require_in_time(booking, held, now)
    carer = booking.carer
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        change = STEPS.take(
            booking,
            Step("cancel_booking", to=Status.CANCELLED, reason=reason, tells="care_cancelled", sms=True),
            by=by,
            now=now,
        )
        if change is None:
            if sound:
                sound.discard()
            return
        if sound:
            CareRecording.objects.create(booking=booking, added_by=by, at=now, **sound.take())
        if carer:
            tell_carer(booking, carer, "care_visit_cancelled", key=message_key(booking, change), now=now)
        release_place(place=_stored_place(booking), by=by, now=now, reason=reason)


def _stored_place(booking: CareBooking) -> Place:
    """Returns the place as stored, after the booking's row was locked."""
    return Place.objects.select_related("slot", "resident").get(pk=booking.place_id)


def move_booking(*, booking: CareBooking, to: Slot, by: User, now: datetime) -> None:
    """Moves a booking to another time of the same service; the carer stays if they are free then.

    Nothing changes if it is refused. Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``,
    ``too_late``, what ``check_bookable`` raises (``not_offered``, ``no_slot``, ``slot_past``, ``too_soon``,
    ``same_time``), and what ``move_place`` raises.
    """
    held = policies.require("move_booking", by, booking)
    if booking.place.slot_id == to.pk:
        return
    policies.require_in_time(booking, held, now)
    check_bookable(booking.service, to, resident=booking.resident, by=by, now=now, moved=booking)
    before = booking.carer
    with transaction.atomic():
        lock_resident(booking.resident)
        check_not_busy(booking.service, to, resident=booking.resident, moved=booking)
        carer = before if before and _carer_is_free(before, booking, to) else None
        change = _rearrange(booking, "move_booking", carer=carer, to=to, by=by, now=now, tells="care_moved")
        if before:
            template = "care_visit_moved" if carer else "care_visit_cancelled"
            tell_carer(booking, before, template, key=message_key(booking, change), now=now)


def arrange_visit(
    *, booking: CareBooking, carer: User | None, to: Slot | None = None, by: User, now: datetime
) -> None:
    """Assigns a carer to a visit, or none (None), and may move it to another time at once.

    Visits of one carer never overlap: the carer's row is locked while their other visits are checked.
    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``not_a_carer``, ``carer_busy``, and
    for another time what ``check_bookable`` and ``move_place`` raise.
    """
    policies.require("arrange_visit", by, booking)
    to = to or booking.place.slot
    before = booking.carer
    if (before, booking.place.slot_id) == (carer, to.pk):
        return
    if to.pk != booking.place.slot_id:
        check_bookable(booking.service, to, resident=booking.resident, by=by, now=now, moved=booking)
    with transaction.atomic():
        if to.pk != booking.place.slot_id:
            lock_resident(booking.resident)
            check_not_busy(booking.service, to, resident=booking.resident, moved=booking)
        if carer is not None:
            _require_free_carer(carer, booking, to)
        tells = "care_moved" if to.pk != booking.place.slot_id else "care_carer_assigned" if carer else ""
        change = _rearrange(booking, "arrange_visit", carer=carer, to=to, by=by, now=now, tells=tells)
        key = message_key(booking, change)
        if carer:
            tell_carer(booking, carer, "care_visit_yours", key=key, now=now)
        if before and before != carer:
            tell_carer(booking, before, "care_visit_cancelled", key=key, now=now)
            notify_open_pages(booking, also_carer=before.pk)


def _require_free_carer(carer: User, booking: CareBooking, to: Slot) -> None:
    if not booking.service.needs_carer:
        raise ActionError("not_a_carer", _("Nobody is sent with this."), field="carer")
    posts = Carer.objects.working_in(booking.estate).filter(user=carer).prefetch_related("services")
    if not any(post.does(booking.service) for post in posts):
        raise ActionError("not_a_carer", _("Please choose a carer who does this."), field="carer")
    if not _carer_is_free(carer, booking, to):
        raise ActionError("carer_busy", _("This carer is with somebody else at that time."), field="carer")


def _carer_is_free(carer: User, booking: CareBooking, slot: Slot) -> bool:
    """Whether the carer has no other visit at this time. Others cannot assign the carer before the commit."""
    list(Carer.objects.select_for_update().filter(user=carer).order_by("pk"))
    elsewhere = CareBooking.objects.open().exclude(pk=booking.pk)
    return not elsewhere.filter(
        carer=carer, place__slot__starts_at__lt=slot.ends_at, place__slot__ends_at__gt=slot.starts_at
    ).exists()


def _rearrange(
    booking: CareBooking, verb: str, *, carer: User | None, to: Slot, by: User, now: datetime, tells: str
) -> StatusChange:
    """Changes carer and time of the booking and tells the resident.

    Applies only if the booking is still as it was read: the checks were made for that carer and time.
    """
    as_read = {"carer": booking.carer_id, "status_changed_at": booking.status_changed_at}
    step = Step(
        verb,
        to=Status.BOOKED,
        changes={"carer": carer},
        only_if=as_read,
        recorded={"starts_at": to.starts_at},
    )
    try:
        change = STEPS.take(booking, step, by=by, now=now)
        assert change is not None
        booking.place = move_place(place=_stored_place(booking), to=to, by=by, now=now)
        booking.place.slot = to
    except Refusal:
        booking.refresh_from_db()
        raise
    if tells:
        # Sent here and not by the step: the message states the new time.
        tell_resident(booking, tells, key=message_key(booking, change), sms=True, now=now, by=by)
    return change


def give_thumb(
    *,
    booking: CareBooking,
    by: User,
    is_up: bool,
    words: str = "",
    spoken: Spoken | None = None,
    now: datetime,
) -> None:
    """Stores whether a finished visit was good; only the first answer counts, later ones change nothing.

    The history shows who answered for the resident. ``words`` has at most ``MAX_WORDS`` characters. Raises
    ``Forbidden``, also for the carer of the visit, ``AlreadyMoved`` unless it is done, ``too_long`` and
    ``RecordingRefused``.
    """
    policies.require("give_thumb", by, booking)
    policies.VERBS.require_status("give_thumb", booking.status)
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    face = Satisfaction.Face.GOOD if is_up else Satisfaction.Face.BAD
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        given = give_satisfaction(
            booking.ref,
            Rating(face, words, sound),
            resident=booking.resident,
            by=by,
            now=now,
        )
        with row_changes.of(booking):
            is_first = CareBooking.objects.filter(pk=booking.pk, satisfaction=None).update(satisfaction=given)
        if is_first:
            booking.satisfaction = given
            notify_open_pages(booking)


def slot_on(booking: CareBooking, day: date) -> Slot:
    """Returns the slot of the same service at the same time of another day. Raises ``no_slot`` if there is
    none.
    """
    at = clock.local(booking.starts_at)
    slot = None
    if near(day):
        starts_at = datetime.combine(day, at.time(), tzinfo=clock.SHANGHAI)
        slot = Slot.objects.filter(resource=booking.service.resource_id, starts_at=starts_at).first()
    if slot is None:
        raise ActionError("no_slot", _("There is no such time on that day."), field="on")
    return slot
