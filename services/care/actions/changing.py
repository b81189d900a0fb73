"""Cancel, move, assign, rate.

What is locked is locked in one order: the resident, the carer's rows, the booking, the places' slots.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock
from community.core.dates import near
from community.core.errors import ActionError, Refusal
from community.core.transitions import StatusChange
from services.care import policies
from services.care.actions.booking import check_bookable, check_not_busy, lock_resident
from services.care.actions.steps import STEPS, message_key, notify_open_pages, tell_carer, tell_resident
from services.care.models import CareBooking, Carer
from services.common.models import Satisfaction
from services.common.satisfaction import give_satisfaction
from services.common.steps import Step
from services.scheduling.actions import move_place, release_place
from services.scheduling.models import Place, Slot

Status = CareBooking.Status
MAX_WORDS = 500


def _check_in_time(booking: CareBooking, held: set[str], now: datetime) -> None:
    if booking.status == Status.BOOKED and policies.is_too_late(booking, held, now):
        raise ActionError(
            "too_late", _("It is too late to change this here. Please call the desk: they can still help.")
        )


def cancel_booking(*, booking: CareBooking, by: User, reason: str = "", now: datetime) -> None:
    """No longer wanted: it costs nothing, and the place is free for the next."""
    held = policies.require("cancel_booking", by, booking)
    _check_in_time(booking, held, now)
    carer = booking.carer
    with transaction.atomic():
        change = STEPS.take(
            booking,
            Step("cancel_booking", to=Status.CANCELLED, reason=reason, tells="care_cancelled", sms=True),
            by=by,
            now=now,
        )
        if change is None:
            return
        if carer:
            tell_carer(booking, carer, "care_visit_cancelled", key=message_key(booking, change), now=now)
        release_place(place=_fresh(booking), by=by, now=now, reason=reason)


def _fresh(booking: CareBooking) -> Place:
    """The place as it is now that the booking's row is ours."""
    return Place.objects.select_related("slot", "resident").get(pk=booking.place_id)


def move_booking(*, booking: CareBooking, to: Slot, by: User, now: datetime) -> None:
    """Another time of the same service; the carer stays if they are free then.

    Nothing changes if there is no place: raises as ``move_place``, or ``too_late``.
    """
    held = policies.require("move_booking", by, booking)
    if booking.place.slot_id == to.pk:
        return
    _check_in_time(booking, held, now)
    check_bookable(booking.service, to, resident=booking.resident, by=by, now=now, moved=booking)
    before = booking.carer
    with transaction.atomic():
        lock_resident(booking.resident)
        check_not_busy(booking.service, to, resident=booking.resident, moved=booking)
        carer = before if before and _is_free(before, booking, to) else None
        change = _rearrange(booking, "move_booking", carer=carer, to=to, by=by, now=now, tells="care_moved")
        if before:
            template = "care_visit_moved" if carer else "care_visit_cancelled"
            tell_carer(booking, before, template, key=message_key(booking, change), now=now)


def arrange_visit(
    *, booking: CareBooking, carer: User | None, to: Slot | None = None, by: User, now: datetime
) -> None:
    """The coordinator sends a carer, or nobody yet, and may choose another time with it.

    Of one carer two visits never overlap: the carer's row is locked while the others are looked at.
    Raises ``not_a_carer``, ``carer_busy``, or as ``move_place``.
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
            _check_free(carer, booking, to)
        tells = "care_moved" if to.pk != booking.place.slot_id else "care_carer_assigned" if carer else ""
        change = _rearrange(booking, "arrange_visit", carer=carer, to=to, by=by, now=now, tells=tells)
        key = message_key(booking, change)
        if carer:
            tell_carer(booking, carer, "care_visit_yours", key=key, now=now)
        if before and before != carer:
            tell_carer(booking, before, "care_visit_cancelled", key=key, now=now)
            notify_open_pages(booking, also=before.pk)


def _check_free(carer: User, booking: CareBooking, to: Slot) -> None:
    if not booking.service.needs_carer:
        raise ActionError("not_a_carer", _("Nobody is sent with this."), field="carer")
    posts = Carer.objects.working_in(booking.estate).filter(user=carer).prefetch_related("services")
    if not any(post.does(booking.service) for post in posts):
        raise ActionError("not_a_carer", _("Please choose a carer who does this."), field="carer")
    if not _is_free(carer, booking, to):
        raise ActionError("carer_busy", _("This carer is with somebody else at that time."), field="carer")


def _is_free(carer: User, booking: CareBooking, slot: Slot) -> bool:
    """Whether the carer is with nobody else then. Until the commit nobody else can send them anywhere."""
    list(Carer.objects.select_for_update().filter(user=carer).order_by("pk"))
    elsewhere = CareBooking.objects.open().exclude(pk=booking.pk)
    return not elsewhere.filter(
        carer=carer, place__slot__starts_at__lt=slot.ends_at, place__slot__ends_at__gt=slot.starts_at
    ).exists()


def _rearrange(
    booking: CareBooking, verb: str, *, carer: User | None, to: Slot, by: User, now: datetime, tells: str
) -> StatusChange:
    """Only of the booking as it was read: who was looked at, and when, is what was checked."""
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
        booking.place = move_place(place=_fresh(booking), to=to, by=by, now=now)
        booking.place.slot = to
    except Refusal:
        booking.refresh_from_db()
        raise
    if tells:
        # Not by the step: the message says the new time.
        tell_resident(booking, tells, key=message_key(booking, change), sms=True, now=now, by=by)
    return change


def give_thumb(*, booking: CareBooking, by: User, is_up: bool, words: str = "", now: datetime) -> None:
    """Was it good? Once; who answers for the elder is on record."""
    policies.require("give_thumb", by, booking)
    policies.VERBS.require_status("give_thumb", booking.status)
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="words")
    face = Satisfaction.Face.GOOD if is_up else Satisfaction.Face.BAD
    with transaction.atomic():
        given = give_satisfaction(
            booking.ref,
            face=face,
            words=words,
            resident=booking.resident,
            by=by,
            now=now,
        )
        if CareBooking.objects.filter(pk=booking.pk, satisfaction=None).update(satisfaction=given):
            booking.satisfaction = given
            notify_open_pages(booking)


def slot_on(booking: CareBooking, day: date) -> Slot:
    """The same time of the same service on another day; raises ``no_slot`` where there is none."""
    at = clock.local(booking.starts_at)
    found = None
    if near(day):
        wanted = datetime.combine(day, at.time(), tzinfo=clock.SHANGHAI)
        found = Slot.objects.filter(resource=booking.service.resource_id, starts_at=wanted).first()
    if found is None:
        raise ActionError("no_slot", _("There is no such time on that day."), field="on")
    return found
