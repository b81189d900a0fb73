"""Booking, moving and cancelling the time of the work in a home."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actions import add_residency_at_door
from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden, Refusal
from community.core.transitions import StatusChange, record_first_status
from community.estates.models import Home
from services.common.references import next_reference
from services.common.steps import Step
from services.renovation import noise, offers, policies
from services.renovation.actions.home_state import refresh_home
from services.renovation.actions.steps import (
    STEPS,
    message_key,
    notify_open_pages,
    tell_crew,
    tell_household,
)
from services.renovation.models import Appointment, AppointmentWaiting, Participation, WorkItem
from services.scheduling import actions as scheduling
from services.scheduling.models import Place, Slot, Waiting

Status = Appointment.Status


def already_booked() -> ActionError:
    return ActionError("already_booked", _("Your home has a time for this work already."), field="slot")


def not_taking_part() -> ActionError:
    return ActionError(
        "not_taking_part",
        _("This home has said that it does not take part. Please change that first."),
        field="slot",
    )


def book_appointment(
    *, home: Home, item: WorkItem, slot: Slot, by: User, key: UUID, now: datetime
) -> Appointment:
    """Book a time for one work item in a home; sent twice with the same key, the same appointment.

    Raises ``Forbidden``, ``not_open``, ``not_taking_part``, ``already_booked``, ``QuietHours``, and
    what taking a place raises: ``slot_full`` (the waiting list is offered then), ``slot_past`` …
    """
    policies.must_speak_for(by, home, item.project)
    known = Appointment.objects.filter(place__key=key, home=home, item=item).with_people().first()
    if known is not None:
        return _require_valid(known)
    resident = _resident(home, by)
    check_may_book(home, item, slot, now=now)
    try:
        with transaction.atomic():
            place = scheduling.book_place(slot=slot, resident=resident, by=by, key=key, now=now)
            appointment = _create(home, item, place, by=by, now=now)
    except IntegrityError:
        raise already_booked()
    return appointment


def _require_valid(known: Appointment) -> Appointment:
    """Returns the earlier booking for this key; raises ``ActionError`` if it no longer stands."""
    if known.status not in Appointment.LIVE:
        raise ActionError(
            "not_standing",
            _("This appointment does not stand any more. To book again, please choose a time once more."),
        )
    return known


def _resident(home: Home, by: User) -> User:
    resident = policies.resident_of(home, by)
    if resident is None:
        raise ActionError(
            "nobody_registered", _("Nobody is registered in this home yet. Please write their name.")
        )
    return resident


def check_may_book(home: Home, item: WorkItem, slot: Slot, *, now: datetime) -> None:
    """Everything but whether there is a place left."""
    project = item.project
    if not project.is_bookable or not item.is_in_homes:
        raise ActionError("not_open", _("Booking is not open."), field="slot")
    if Appointment.objects.live().filter(home=home, item=item).exists():
        raise already_booked()
    answers = Participation.objects.filter(project=project, home=home)
    if answers.filter(answer=Participation.Answer.NO).exists():
        raise not_taking_part()
    if not offers.is_offered(home, item, slot, now=now):
        raise ActionError("not_open", _("Booking is not open for this time."), field="slot")
    noise.must_fit(item, slot, estate=project.estate_id)


def _create(home: Home, item: WorkItem, place: Place, *, by: User, now: datetime) -> Appointment:
    """The places first, also those that are given up; then the number and the home, for which others wait."""
    project = item.project
    wait_no_longer(AppointmentWaiting.objects.filter(home=home, item=item), by=by, now=now)
    appointment = Appointment.objects.create(
        estate_id=project.estate_id,
        project=project,
        item=item,
        home=home,
        resident=place.resident,
        booked_by=by,
        place=place,
        created_at=now,
        status_changed_at=now,
        reference=next_reference(letter="A", estate=project.estate, on=clock.today(now)),
    )
    record_first_status(appointment, by=by, now=now, on_behalf_of=place.resident)
    _agree(refresh_home(project, home, now=now), by=by, now=now)
    key = f"appointment:{appointment.pk}:booked"
    tell_household(appointment, "appointment_booked", key=key, sms=by.pk != place.resident_id, now=now, by=by)
    notify_open_pages(appointment)
    return appointment


def _agree(home: Participation, *, by: User, now: datetime) -> None:
    """Who books takes part. Of the locked row: raises ``not_taking_part`` where no was said meanwhile."""
    if home.answer == Participation.Answer.NO:
        raise not_taking_part()
    if home.answer == Participation.Answer.UNDECIDED:
        Participation.objects.filter(pk=home.pk).update(
            answer=Participation.Answer.YES, answered_by=by, answered_at=now
        )


def wait_no_longer(wishes: QuerySet[AppointmentWaiting], *, by: User | None = None, now: datetime) -> None:
    """Leave these lists: what was kept goes to the next. By ``by``, or by each who waits."""
    live = wishes.filter(waiting__in=Waiting.objects.live()).select_related("waiting__resident")
    for wish in live.order_by("waiting__slot_id", "pk"):
        scheduling.leave_waiting(waiting=wish.waiting, by=by or wish.waiting.resident, now=now)


def move_appointment(*, appointment: Appointment, to: Slot, by: User, now: datetime) -> None:
    """Another time: the new place is taken first, then the old one is free, in one transaction.

    After defects it is the time at which the crew comes back. Raises as ``book_appointment``.
    """
    verb = "move_appointment"
    policies.require(verb, by, appointment)
    if appointment.place.slot_id == to.pk and appointment.has_time:
        return
    policies.VERBS.require_status(verb, appointment.status)
    if not offers.is_offered(
        appointment.home, appointment.item, to, now=now, by_staff=_coordinates(by, appointment)
    ):
        raise ActionError("not_open", _("Booking is not open for this time."), field="slot")
    noise.must_fit(appointment.item, to, estate=appointment.estate_id)
    before = appointment.crew

    def take_place(change: StatusChange) -> None:
        _take_place(appointment, to, by=by, now=now)
        key = message_key(appointment, change)
        tell_crew(appointment, "crew_appointment_moved", key=key, now=now, by=by)

    try:
        with transaction.atomic():
            change = STEPS.take(
                appointment,
                Step(
                    verb,
                    to=Status.BOOKED,
                    tells="appointment_moved",
                    sms=True,
                    recorded={"starts_at": to.starts_at},
                    then=take_place,
                    changes={"reminded_at": None},
                ),
                by=by,
                now=now,
            )
            if change and before.resource_id != to.resource_id:
                key = message_key(appointment, change)
                tell_crew(appointment, "crew_appointment_gone", key=key, now=now, by=by, crew=before)
                notify_open_pages(appointment, also=[before.live_topic])
    except Refusal:
        appointment.refresh_from_db()
        raise


def _take_place(appointment: Appointment, to: Slot, *, by: User, now: datetime) -> None:
    """The place as it is now that the appointment's row is ours; another where it was given back."""
    place = Place.objects.select_related("slot", "resident").get(pk=appointment.place_id)
    if place.status in Place.LIVE:
        appointment.place = scheduling.move_place(place=place, to=to, by=by, now=now)
    else:
        appointment.place = scheduling.book_place(
            slot=to, resident=appointment.resident, by=by, key=uuid4(), now=now
        )
        appointment.save(update_fields=["place"])
    appointment.place.slot = to


def _coordinates(by: User, appointment: Appointment) -> bool:
    return policies.COORDINATOR in policies.capacities(by, appointment)


def cancel_appointment(*, appointment: Appointment, by: User, reason: str, now: datetime) -> None:
    """No longer wanted, before it has begun; the place goes to whoever waits for it.

    Where the crew was to come back, the defects stand and wait for another time.
    """

    def free(change: StatusChange) -> None:
        free_place(appointment, by=by, now=now)
        key = message_key(appointment, change)
        tell_crew(appointment, "crew_appointment_cancelled", key=key, now=now, by=by)

    STEPS.take(
        appointment,
        Step(
            "cancel_appointment",
            to=Status.DEFECTS if appointment.comes_back else Status.CANCELLED,
            reason=reason,
            tells="appointment_cancelled",
            sms=True,
            then=free,
        ),
        by=by,
        now=now,
    )


def free_place(appointment: Appointment, *, by: User | None, now: datetime) -> None:
    """For whoever waits for it: the place as it is now that the appointment's row is ours."""
    place = Place.objects.select_related("slot", "resident").get(pk=appointment.place_id)
    scheduling.release_place(place=place, by=by, now=now)


def wait_for_slot(*, home: Home, item: WorkItem, slot: Slot, by: User, now: datetime) -> AppointmentWaiting:
    """Wait for a place of a full time; who waits already keeps their turn.

    Raises as ``book_appointment``, and ``slot_free`` where there is a place now.
    """
    policies.must_speak_for(by, home, item.project)
    resident = _resident(home, by)
    check_may_book(home, item, slot, now=now)
    with transaction.atomic():
        waiting = scheduling.join_waiting(slot=slot, resident=resident, by=by, now=now)
        wish, _is_new = AppointmentWaiting.objects.get_or_create(
            waiting=waiting, defaults={"item": item, "home": home}
        )
        if (wish.item_id, wish.home_id) != (item.pk, home.pk):
            raise ActionError("waits_already", _("You wait for this time already."), field="slot")
    return wish


def take_offered(*, wish: AppointmentWaiting, by: User, key: UUID, now: datetime) -> Appointment:
    """The place that was kept becomes an appointment. Raises ``offer_over``, ``already_booked``."""
    policies.must_speak_for(by, wish.home, wish.item.project)
    known = Appointment.objects.filter(place=wish.waiting.place_id).with_people().first()
    if known is not None:
        return _require_valid(known)
    if wish.waiting.place_id is None:
        raise ActionError("offer_over", _("This place is no longer kept for you."))
    noise.must_fit(wish.item, wish.waiting.slot, estate=wish.item.project.estate_id)
    try:
        with transaction.atomic():
            place = scheduling.take_offer(waiting=wish.waiting, by=by, key=key, now=now)
            return _create(wish.home, wish.item, place, by=by, now=now)
    except IntegrityError:
        raise already_booked()


def leave_list(*, wish: AppointmentWaiting, by: User, now: datetime) -> None:
    """Wait no longer."""
    if not policies.may_speak_for(by, wish.home, wish.item.project):
        raise Forbidden
    scheduling.leave_waiting(waiting=wish.waiting, by=by, now=now)


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
