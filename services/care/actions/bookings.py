"""Booking a chosen time: a place is held while the booking is completed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actions import agree_to_health
from accounts.models import User
from accounts.models.privacy import has_agreed_to_health
from accounts.policies import homes_of
from community.core import clock, recordings
from community.core.errors import ActionError, Forbidden
from community.core.recordings import Spoken, storing_if_spoken
from community.core.transitions import AlreadyMoved, record_first_status
from community.estates.models import Home
from services.care import policies
from services.care.actions.steps import notify_open_pages, tell_resident
from services.care.models import CareBooking, CareDraft, CareRecording, CareService
from services.common.references import next_reference
from services.scheduling.actions import confirm_place, hold_place, release_place
from services.scheduling.models import Place, Slot

MAX_ANSWER = 200


@dataclass(frozen=True)
class CareChoice:
    """The service chosen for ``resident`` in ``home``, and the answer to the service's question.

    ``key`` becomes the id of the draft; a repeated key returns the draft that exists already. ``agrees``: with
    the answer the resident agrees that it is noted, which may say something of their health.
    """

    service: CareService
    resident: User
    home: Home
    key: UUID
    answer: str = ""
    agrees: bool = False


@dataclass(frozen=True)
class Answer:
    """The answer to a service's question, in words, by voice or both.

    ``agrees``: with it the resident agrees that it is noted. ``drops_spoken`` deletes what was said before.
    """

    answer: str
    spoken: Spoken | None = None
    drops_spoken: bool = False
    agrees: bool = False


def begin_booking(choice: CareChoice, *, slot: Slot, by: User, now: datetime) -> CareDraft:
    """Holds a place for 15 minutes and returns the draft of the booking.

    Places that the same user held before for this resident are released afterwards. Repeating it with the
    same key returns the same draft. Raises ``Forbidden``, ``not_offered``, ``no_slot``, ``too_soon``,
    ``same_time``, ``not_your_home``, ``too_long``, ``consent_missing``, and what ``hold_place`` raises.
    """
    service, resident = choice.service, choice.resident
    if not policies.may_book_for(by, resident, estate_id=service.estate_id):
        raise Forbidden
    check_bookable(service, slot, resident=resident, by=by, now=now)
    check_home(service, resident, choice.home)
    _check_answer(choice.answer)
    if choice.answer.strip():
        _must_have_agreed(resident, agrees=choice.agrees, by=by, now=now)
    place = hold_place(slot=slot, resident=resident, by=by, key=choice.key, now=now)
    draft = open_draft(choice, place=place, by=by, now=now)
    _release_earlier_holds(draft, by=by, now=now)
    return draft


def open_draft(choice: CareChoice, *, place: Place, by: User, now: datetime) -> CareDraft:
    """Returns the draft of the choice's key; creates it if there is none.

    The price in fen is copied from the catalogue, so that a later change of the catalogue does not change the
    booking. Checks no permission: the caller has. Raises ``Forbidden`` if the key belongs to a draft of
    another person.
    """
    service, resident = choice.service, choice.resident
    draft, _is_new = CareDraft.objects.get_or_create(
        pk=choice.key,
        defaults={
            "estate": service.estate,
            "resident": resident,
            "begun_by": by,
            "service": service,
            "home": choice.home,
            "place": place,
            "answer": choice.answer.strip() or last_answer(service, resident, now),
            "price_fen": service.price_fen,
            "created_at": now,
        },
    )
    if draft.begun_by_id != by.pk or draft.resident_id != resident.pk:
        raise Forbidden
    return draft


def last_answer(service: CareService, resident: User, now: datetime) -> str:
    """Returns the answer given at the last booking of this service, or "". It is shown instead of asked
    again, while the consent to note it is valid.
    """
    if not service.question or not has_agreed_to_health(resident, now):
        return ""
    before = CareBooking.objects.filter(service=service, resident=resident).order_by("-created_at").first()
    return before.description if before else ""


def check_bookable(
    service: CareService,
    slot: Slot,
    *,
    resident: User,
    by: User,
    now: datetime,
    moved: CareBooking | None = None,
) -> None:
    """Raises unless this service may be booked at this time now; does not check for a free place.

    ``moved`` is the booking that is moved to this time, if any. Helpers may book services that residents
    cannot book themselves, and after the notice time. Raises ``not_offered``, ``no_slot`` (a slot of another
    service), ``slot_past``, ``too_soon`` or ``same_time``.
    """
    is_helper = policies.is_helper(by, service.estate_id)
    if not service.is_offered or (service.booked_by == CareService.BookedBy.DESK and not is_helper):
        raise ActionError("not_offered", _("This cannot be booked here now. Please call the desk."))
    if slot.resource_id != service.resource_id:
        raise ActionError("no_slot", _("Please choose one of the times shown."), field="slot")
    if slot.starts_at <= now:
        raise ActionError("slot_past", _("This time has passed. Please choose a later one."), field="slot")
    if not is_helper and slot.starts_at < now + timedelta(minutes=service.notice_minutes):
        raise ActionError(
            "too_soon", _("It is too late to book this time here. Please call the desk."), field="slot"
        )
    check_not_busy(service, slot, resident=resident, moved=moved)


def check_not_busy(
    service: CareService, slot: Slot, *, resident: User, moved: CareBooking | None = None
) -> None:
    """Raises ``same_time`` if a visit in another slot of the resident overlaps this one.

    The result is only certain after ``lock_resident``. ``moved`` is the booking that is moved, if any.
    """
    if service.needs_carer and _is_busy(resident, slot, but=moved):
        raise ActionError(
            "same_time", _("There is another booking at this time. Please choose another time."), field="slot"
        )


def lock_resident(resident: User) -> None:
    """Makes other bookings and moves for this resident wait until the commit.

    Call it first in the transaction.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=resident.pk).values_list("pk"))


def _is_busy(resident: User, slot: Slot, *, but: CareBooking | None) -> bool:
    """Whether a visit in another slot of this resident overlaps the slot."""
    others = CareBooking.objects.open().filter(
        resident=resident,
        service__needs_carer=True,
        place__slot__starts_at__lt=slot.ends_at,
        place__slot__ends_at__gt=slot.starts_at,
    )
    if but:
        others = others.exclude(pk=but.pk)
    return others.exclude(place__slot=slot).exists()


def check_home(service: CareService, resident: User, home: Home) -> None:
    """Raises ``not_your_home`` unless the home is a home of the resident in the estate of the service."""
    theirs = homes_of(resident).of_estate(service.estate)
    if not theirs.filter(pk=home.pk).exists():
        raise ActionError("not_your_home", _("Please choose one of your own homes."), field="home")


def _must_have_agreed(resident: User, *, agrees: bool, by: User, now: datetime) -> None:
    """Records the consent that comes with an answer. Raises ``consent_missing`` if there is none."""
    if has_agreed_to_health(resident, now):
        return
    if not agrees:
        words = _("Please tick that we may note it. Or leave the answer empty.")
        raise ActionError("consent_missing", words, field="agrees")
    agree_to_health(person=resident, by=by, now=now)


def _check_answer(answer: str) -> None:
    if len(answer) > MAX_ANSWER:
        raise ActionError("too_long", _("Please keep it under 200 characters."), field="answer")


def _release_earlier_holds(draft: CareDraft, *, by: User, now: datetime) -> None:
    """Releases the places that the user held before, so that nobody holds a whole week while choosing.

    Each place is released in its own transaction after the new place was held: no slot is locked while
    another lock is waited for. If two times are chosen at the same moment, the later one stays held.
    """
    drafts = CareDraft.objects.filter(resident=draft.resident, begun_by=by, booking=None)
    before = drafts.filter(created_at__lt=draft.created_at)
    places = Place.objects.filter(status=Place.Status.HELD, waiting=None, care_drafts__in=before)
    for place in places.exclude(slot=draft.place.slot_id).select_related("slot", "resident").distinct():
        try:
            release_place(place=place, by=by, now=now)
        except AlreadyMoved:  # confirmed meanwhile: it is a booking now
            continue


def hold_again(*, draft: CareDraft, by: User, key: UUID, now: datetime) -> CareDraft:
    """Holds the draft's time again after its hold ran out; returns a new draft with the same answers, while
    the consent to note them is valid.

    Raises as ``begin_booking``.
    """
    answer = draft.answer if has_agreed_to_health(draft.resident, now) else ""
    choice = CareChoice(
        service=draft.service, resident=draft.resident, home=draft.home, key=key, answer=answer
    )
    again = begin_booking(choice, slot=draft.place.slot, by=by, now=now)
    draft.recordings.update(draft=again)
    return again


def answer_draft(*, draft: CareDraft, by: User, given: Answer, now: datetime) -> None:
    """Stores the answer to the service's question: at most ``MAX_ANSWER`` characters, a spoken message, or
    both.

    A spoken message takes the place of the one before. Raises ``Forbidden``, ``already_booked``, ``too_long``,
    ``RecordingRefused``, ``consent_missing`` without a consent given before or now, or ``answer_missing`` if the
    question must be answered.
    """
    _check_open(draft, by)
    _check_answer(given.answer)
    with storing_if_spoken(given.spoken) as sound, transaction.atomic():
        if given.answer.strip() or sound:
            _must_have_agreed(draft.resident, agrees=given.agrees, by=by, now=now)
        if sound or given.drops_spoken:
            recordings.delete_rows(draft.recordings.all())
        if sound:
            CareRecording.objects.create(draft=draft, added_by=by, at=now, **sound.take())
        draft.answer = given.answer.strip()
        if not draft.is_answered:
            raise answer_missing()
        draft.save(update_fields=["answer"])


def answer_missing() -> ActionError:
    """Returns the refusal of a booking whose question must be answered."""
    return ActionError("answer_missing", _("Please answer the question."), field="answer")


def delete_drafts(drafts: QuerySet[CareDraft]) -> int:
    """Deletes unbooked drafts with what was spoken in them; returns how many rows."""
    with transaction.atomic():
        recordings.delete_rows(CareRecording.objects.filter(draft__in=drafts))
        count, _by_model = drafts.delete()
    return count


def _check_open(draft: CareDraft, by: User) -> None:
    if not policies.may_book_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    if draft.booking_id:
        raise ActionError("already_booked", _("This is booked already."))


def book(*, draft: CareDraft, by: User, now: datetime) -> CareBooking:
    """Books the draft's place and returns the booking; price in fen as shown in the draft.

    Repeating it, or calling it twice at the same moment, returns the first booking. Raises ``Forbidden``,
    ``answer_missing``, ``not_your_home``, ``hold_lapsed`` if the place is no longer held, ``slot_closed``, or
    ``same_time`` if another visit was booked for the same time meanwhile.
    """
    if not policies.may_book_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    if draft.booking:
        return draft.booking
    if not draft.is_answered:
        raise answer_missing()
    check_home(draft.service, draft.resident, draft.home)
    with transaction.atomic():
        lock_resident(draft.resident)
        place = confirm_place(place=draft.place, by=by, now=now)
        booking = CareBooking.objects.with_people().filter(place=place).first()
        if booking is None:
            check_not_busy(draft.service, place.slot, resident=draft.resident)
            booking = _create(draft, place, by=by, now=now)
        draft.booking = booking
        draft.save(update_fields=["booking"])
    return booking


def _create(draft: CareDraft, place: Place, *, by: User, now: datetime) -> CareBooking:
    """Creates the booking of a confirmed place and tells the resident.

    Of two requests for one draft, the second waits at the conditional UPDATE that confirms the place.
    """
    booking = CareBooking(
        estate=draft.estate,
        resident=draft.resident,
        reported_by=by,
        service=draft.service,
        place=place,
        home=draft.home,
        description=draft.answer,
        price_fen=draft.price_fen,
        created_at=now,
        status_changed_at=now,
        reference=next_reference(letter="C", estate=draft.estate, on=clock.today(now)),
    )
    booking.save()
    draft.recordings.update(draft=None, booking=booking)
    record_first_status(booking, by=by, now=now, on_behalf_of=draft.resident)
    is_for_another = by.pk != draft.resident_id
    tell_resident(
        booking,
        "care_booked_for" if is_for_another else "care_booked",
        key=f"care:{booking.pk}:booked",
        now=now,
        by=by if is_for_another else None,
        sms=is_for_another,
    )
    notify_open_pages(booking)
    return booking
