"""From the chosen time to the booking: a place is kept meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import homes_of
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, record_first_status
from community.estates.models import Home
from services.care import policies
from services.care.actions.steps import notify_open_pages, tell_resident
from services.care.models import CareBooking, CareDraft, CareService
from services.common.references import next_reference
from services.scheduling.actions import confirm_place, hold_place, release_place
from services.scheduling.models import Place, Slot

MAX_ANSWER = 200


@dataclass(frozen=True)
class CareChoice:
    """The care that is chosen for ``resident`` in ``home``, and their answer to the service's question.

    ``key`` becomes the id of the draft: the same one again finds the one that is open already.
    """

    service: CareService
    resident: User
    home: Home
    key: UUID
    answer: str = ""


def begin_booking(choice: CareChoice, *, slot: Slot, by: User, now: datetime) -> CareDraft:
    """Keep a place for 15 minutes while the rest is asked. What was chosen before is let go, once it is kept.

    Raises what ``hold_place`` does, ``not_offered``, ``not_your_home``, ``too_soon`` or ``same_time``.
    """
    service, resident = choice.service, choice.resident
    if not policies.may_book_for(by, resident, estate_id=service.estate_id):
        raise Forbidden
    check_bookable(service, slot, resident=resident, by=by, now=now)
    check_home(service, resident, choice.home)
    _check_answer(choice.answer)
    place = hold_place(slot=slot, resident=resident, by=by, key=choice.key, now=now)
    draft = open_draft(choice, place=place, by=by, now=now)
    _let_go_before(draft, by=by, now=now)
    return draft


def open_draft(choice: CareChoice, *, place: Place, by: User, now: datetime) -> CareDraft:
    """Returns the draft of this key, made if there is none; raises ``Forbidden`` for somebody else's."""
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
            "answer": choice.answer.strip() or last_answer(service, resident),
            "price_fen": service.price_fen,
            "created_at": now,
        },
    )
    if draft.begun_by_id != by.pk or draft.resident_id != resident.pk:
        raise Forbidden
    return draft


def last_answer(service: CareService, resident: User) -> str:
    """What they said the last time: known, so it is shown and not asked again."""
    if not service.question:
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
    """Whether this person may book this time of this service now; not whether there is a place."""
    is_helper = policies.helps_in(by, service.estate_id)
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
    """Two who come to one person at one time are refused; it is certain once the person is locked."""
    if service.needs_carer and _is_busy(resident, slot, but=moved):
        raise ActionError(
            "same_time", _("There is another booking at this time. Please choose another time."), field="slot"
        )


def lock_resident(resident: User) -> None:
    """Whatever else is booked or moved for this person waits until the commit. First in a transaction."""
    list(User.objects.select_for_update(no_key=True).filter(pk=resident.pk).values_list("pk"))


def _is_busy(resident: User, slot: Slot, *, but: CareBooking | None) -> bool:
    """Somebody comes to this person at that time already."""
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
    """One of the resident's homes, in the estate whose service it is."""
    theirs = homes_of(resident).of_estate(service.estate)
    if not theirs.filter(pk=home.pk).exists():
        raise ActionError("not_your_home", _("Please choose one of your own homes."), field="home")


def _check_answer(answer: str) -> None:
    if len(answer) > MAX_ANSWER:
        raise ActionError("too_long", _("Please keep it under 200 characters."), field="answer")


def _let_go_before(draft: CareDraft, *, by: User, now: datetime) -> None:
    """One place is kept at a time: nobody holds the whole week while choosing.

    Each is given back in a transaction of its own, after that which keeps the new one: no slot is locked
    while another is waited for. Of two chosen at once the later one stays.
    """
    drafts = CareDraft.objects.filter(resident=draft.resident, begun_by=by, booking=None)
    before = drafts.filter(created_at__lt=draft.created_at)
    kept = Place.objects.filter(status=Place.Status.HELD, waiting=None, care_drafts__in=before)
    for place in kept.exclude(slot=draft.place.slot_id).select_related("slot", "resident").distinct():
        try:
            release_place(place=place, by=by, now=now)
        except AlreadyMoved:  # booked in this moment: it is not only kept any more
            continue


def hold_again(*, draft: CareDraft, by: User, key: UUID, now: datetime) -> CareDraft:
    """The time has run out: the same once more, with what was chosen kept. Raises as ``begin_booking``."""
    return begin_booking(
        CareChoice(
            service=draft.service, resident=draft.resident, home=draft.home, key=key, answer=draft.answer
        ),
        slot=draft.place.slot,
        by=by,
        now=now,
    )


def answer_draft(*, draft: CareDraft, by: User, answer: str) -> None:
    """Keep the answer to what the service asks."""
    _check_open(draft, by)
    _check_answer(answer)
    if draft.service.needs_answer and not answer.strip():
        raise ActionError("answer_missing", _("Please answer the question."), field="answer")
    draft.answer = answer.strip()
    draft.save(update_fields=["answer"])


def _check_open(draft: CareDraft, by: User) -> None:
    if not policies.may_book_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    if draft.booking_id:
        raise ActionError("already_booked", _("This is booked already."))


def book(*, draft: CareDraft, by: User, now: datetime) -> CareBooking:
    """Make the booking of a draft, once: a second tap, or two at once, find the first one's.

    Raises ``hold_lapsed`` if the place is no longer kept, or ``same_time`` if another service was
    booked for the same time meanwhile.
    """
    if not policies.may_book_for(by, draft.resident, estate_id=draft.estate_id):
        raise Forbidden
    if draft.booking:
        return draft.booking
    if draft.service.needs_answer and not draft.answer:
        raise ActionError("answer_missing", _("Please answer the question."), field="answer")
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
    """Two at once wait for each other at the place: confirming it is one conditional UPDATE."""
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
