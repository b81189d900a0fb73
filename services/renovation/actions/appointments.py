"""Books, moves and cancels the time of work in a home."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actions import add_residency_at_door
from accounts.models import Residency, User
from community.core import clock
from community.core.errors import ActionError, Forbidden, Refusal
from community.core.recordings import Spoken
from community.core.transitions import StatusChange, record_first_status
from community.estates.models import Home
from services.common.references import next_reference
from services.common.steps import Step
from services.renovation import noise, policies, times
from services.renovation.actions.home_state import refresh_home
from services.renovation.actions.spoken import take_spoken_step
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
    """Returns the refusal for a home that has an appointment for this work already."""
    return ActionError("already_booked", _("Your home has a time for this work already."), field="slot")


def not_taking_part() -> ActionError:
    """Returns the refusal for a home that has said that it does not take part."""
    return ActionError(
        "not_taking_part",
        _("This home has said that it does not take part. Please change that first."),
        field="slot",
    )


def book_appointment(
    *, home: Home, item: WorkItem, slot: Slot, by: User, key: UUID, now: datetime
) -> Appointment:
    """Books a time for a work item in a home; the household then takes part.

    A repeated key returns the same appointment, or raises ``not_standing`` if it is no longer valid. Raises
    ``Forbidden``, ``nobody_registered``, ``not_open``, ``not_taking_part``, ``already_booked``,
    ``too_short``, ``QuietHours``, and what ``book_place`` raises: ``SlotFull`` (the waiting list is offered
    then), ``slot_past``, ``slot_closed``, ``already_yours`` or ``key_used``.
    """
    policies.must_act_for_home(by, home, item.project)
    sent_before = Appointment.objects.filter(place__key=key, home=home, item=item)
    # Looked for without its people: hundreds may ask at one second, and few have asked before.
    known = sent_before.with_people().first() if sent_before.exists() else None
    if known is not None:
        return _require_valid(known)
    resident = _require_resident(home, by)
    check_may_book(home, item, slot, now=now)
    try:
        with transaction.atomic():
            _lock_slots(home, item, slot)
            place = scheduling.book_place(slot=slot, resident=resident, by=by, key=key, now=now)
            appointment = _create(home, item, place, by=by, now=now)
    except IntegrityError:
        raise already_booked()
    return appointment


def is_only_full(home: Home, item: WorkItem, slot: Slot, *, key: UUID, now: datetime) -> bool:
    """Whether booking this slot, which is offered to the home, can only be refused, and because it is full.

    One query; for pages that spare themselves ``book_appointment`` then. False where that has to decide: the
    key was sent before, the household has a place in the slot or a time for the work or has declined, a hold
    in the slot has expired.
    """
    if slot.free or slot.taken < slot.capacity or not item.project.is_bookable:
        return False
    household = Residency.objects.active().filter(home=home).values("user")
    theirs = Q(status__in=Place.LIVE, resident__in=household)
    expired = Q(status=Place.Status.HELD, held_until__lte=now)
    places = Place.objects.filter(Q(key=key) | Q(slot=slot) & (theirs | expired))
    booked = Appointment.objects.live().filter(home=home, item=item)
    declined = Participation.objects.filter(home=home, project=item.project, answer=Participation.Answer.NO)
    return not places.values("pk").union(booked.values("pk"), declined.values("pk"), all=True).exists()


def _lock_slots(home: Home, item: WorkItem, slot: Slot) -> None:
    """Locks what a booking changes in other slots: the places offered to the home there, then all slots.

    Booking gives those places up. Without the locks two requests could deadlock: each books in the slot in
    which the other has an offer. The order is that of ``services.scheduling.actions``. A home without an
    offer in another slot locks nothing here.
    """
    entries = AppointmentWaiting.objects.filter(home=home, item=item, waiting__status=Waiting.Status.OFFERED)
    places = Place.objects.filter(waiting__in=entries.values("waiting")).exclude(slot=slot)
    given_up = list(places.select_for_update(of=("self",)).order_by("pk"))
    if given_up:
        slots = Slot.objects.filter(pk__in={slot.pk, *(place.slot_id for place in given_up)})
        list(slots.select_for_update().order_by("pk"))


def _require_valid(known: Appointment) -> Appointment:
    """Returns the earlier booking for this key; raises ``ActionError`` if it is no longer valid."""
    if known.status not in Appointment.LIVE:
        raise ActionError(
            "not_standing",
            _("This appointment does not stand any more. To book again, please choose a time once more."),
        )
    return known


def _require_resident(home: Home, by: User) -> User:
    """Returns the resident of the appointment; raises ``nobody_registered``."""
    resident = policies.resident_of(home, by)
    if resident is None:
        raise ActionError(
            "nobody_registered", _("Nobody is registered in this home yet. Please write their name.")
        )
    return resident


def check_may_book(home: Home, item: WorkItem, slot: Slot, *, now: datetime) -> None:
    """Raises unless the home may book this work at this time; does not check for a free place.

    Raises ``not_open``, ``already_booked``, ``not_taking_part``, ``too_short`` or ``QuietHours``.
    """
    project = item.project
    if not project.is_bookable or not item.is_in_homes:
        raise ActionError("not_open", _("Booking is not open."), field="slot")
    if Appointment.objects.live().filter(home=home, item=item).exists():
        raise already_booked()
    answers = Participation.objects.filter(project=project, home=home)
    if answers.filter(answer=Participation.Answer.NO).exists():
        raise not_taking_part()
    if not times.is_offered(home, item, slot, now=now):
        raise ActionError("not_open", _("Booking is not open for this time."), field="slot")
    noise.must_fit(item, slot, estate=project.estate_id)


def _create(home: Home, item: WorkItem, place: Place, *, by: User, now: datetime) -> Appointment:
    """Creates the appointment of a booked place.

    Places are locked first, also those that are given up; then the counter of references and the home, for
    which other requests wait.
    """
    project = item.project
    leave_waiting_lists(AppointmentWaiting.objects.filter(home=home, item=item), by=by, now=now)
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
    _set_taking_part(refresh_home(project, home, now=now), by=by, now=now)
    key = f"appointment:{appointment.pk}:booked"
    tell_household(appointment, "appointment_booked", key=key, sms=by.pk != place.resident_id, now=now, by=by)
    notify_open_pages(appointment)
    return appointment


def _set_taking_part(home: Participation, *, by: User, now: datetime) -> None:
    """Records that a household that books takes part; ``home`` is locked.

    Raises ``not_taking_part`` if the household has declined meanwhile.
    """
    if home.answer == Participation.Answer.NO:
        raise not_taking_part()
    if home.answer == Participation.Answer.UNDECIDED:
        Participation.objects.filter(pk=home.pk).update(
            answer=Participation.Answer.YES, answered_by=by, answered_at=now
        )


def leave_waiting_lists(
    entries: QuerySet[AppointmentWaiting], *, by: User | None = None, now: datetime
) -> None:
    """Leaves the waiting lists of these entries; offered places go to the next person.

    ``by`` leaves them; None stands for the waiting person of each entry. Raises ``AlreadyMoved`` if a place
    was moved meanwhile.
    """
    live_entries = entries.filter(waiting__in=Waiting.objects.live()).select_related("waiting__resident")
    for entry in live_entries.order_by("waiting__slot_id", "pk"):
        scheduling.leave_waiting(waiting=entry.waiting, by=by or entry.waiting.resident, now=now)


def move_appointment(*, appointment: Appointment, to: Slot, by: User, now: datetime) -> None:
    """Moves an appointment to another time; a repair of defects gets its time in this way too.

    The new place is taken before the old one is freed, in one transaction; nothing changes if it is refused.
    Repeating it changes nothing. Staff who coordinate may move to any crew of the estate. Raises
    ``Forbidden``, ``AlreadyMoved``, ``not_open``, ``too_short``, ``QuietHours``, and what ``move_place`` or
    ``book_place`` raise.
    """
    verb = "move_appointment"
    policies.require(verb, by, appointment)
    if appointment.place.slot_id == to.pk and appointment.has_time:
        return
    policies.VERBS.require_status(verb, appointment.status)
    if not times.is_offered(
        appointment.home, appointment.item, to, now=now, by_staff=_is_coordinator(by, appointment)
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
                notify_open_pages(appointment, more_topics=[before.live_topic])
    except Refusal:
        appointment.refresh_from_db()
        raise


def _take_place(appointment: Appointment, to: Slot, *, by: User, now: datetime) -> None:
    """Moves the place as stored, after the appointment's row was locked; books a new place if it was
    released.
    """
    place = Place.objects.select_related("slot", "resident").get(pk=appointment.place_id)
    if place.status in Place.LIVE:
        appointment.place = scheduling.move_place(place=place, to=to, by=by, now=now)
    else:
        appointment.place = scheduling.book_place(
            slot=to, resident=appointment.resident, by=by, key=uuid4(), now=now
        )
        appointment.save(update_fields=["place"])
    appointment.place.slot = to


def _is_coordinator(by: User, appointment: Appointment) -> bool:
    return policies.COORDINATOR in policies.capacities(by, appointment)


def cancel_appointment(
    *, appointment: Appointment, by: User, reason: str, spoken: Spoken | None = None, now: datetime
) -> None:
    """Cancels an appointment that has not begun; its place goes to the next waiting person.

    If the crew was to come back for defects, the status returns to defects, which need another time.
    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved`` and ``RecordingRefused``.
    """

    def free(change: StatusChange) -> None:
        free_place(appointment, by=by, now=now)
        key = message_key(appointment, change)
        tell_crew(appointment, "crew_appointment_cancelled", key=key, now=now, by=by)

    step = Step(
        "cancel_appointment",
        to=Status.DEFECTS if appointment.comes_back else Status.CANCELLED,
        reason=reason,
        tells="appointment_cancelled",
        sms=True,
        then=free,
    )
    take_spoken_step(appointment, step, spoken, by=by, now=now)


def free_place(appointment: Appointment, *, by: User | None, now: datetime) -> None:
    """Releases the place as stored, after the appointment's row was locked; it is offered to the next waiting
    person.

    Raises ``AlreadyMoved`` if the place was moved meanwhile.
    """
    place = Place.objects.select_related("slot", "resident").get(pk=appointment.place_id)
    scheduling.release_place(place=place, by=by, now=now)


def wait_for_slot(*, home: Home, item: WorkItem, slot: Slot, by: User, now: datetime) -> AppointmentWaiting:
    """Adds the home to the waiting list of a full time for this work; repeating it keeps the turn.

    Raises ``Forbidden``, ``nobody_registered``, what ``check_may_book`` raises, what ``join_waiting`` raises
    (``slot_free`` if there is a place), and ``waits_already`` if the resident waits for this time for another
    home or work.
    """
    policies.must_act_for_home(by, home, item.project)
    resident = _require_resident(home, by)
    check_may_book(home, item, slot, now=now)
    with transaction.atomic():
        waiting = scheduling.join_waiting(slot=slot, resident=resident, by=by, now=now)
        entry, _is_new = AppointmentWaiting.objects.get_or_create(
            waiting=waiting, defaults={"item": item, "home": home}
        )
        if (entry.item_id, entry.home_id) != (item.pk, home.pk):
            raise ActionError("waits_already", _("You wait for this time already."), field="slot")
    return entry


def take_offered(*, entry: AppointmentWaiting, by: User, key: UUID, now: datetime) -> Appointment:
    """Books the place offered from the waiting list. Repeating it returns the same appointment.

    Raises ``Forbidden``, ``offer_over``, ``not_standing``, ``already_booked``, ``not_taking_part``,
    ``too_short``, ``QuietHours`` and ``slot_closed``.
    """
    policies.must_act_for_home(by, entry.home, entry.item.project)
    known = Appointment.objects.filter(place=entry.waiting.place_id).with_people().first()
    if known is not None:
        return _require_valid(known)
    if entry.waiting.place_id is None:
        raise ActionError("offer_over", _("This place is no longer kept for you."))
    noise.must_fit(entry.item, entry.waiting.slot, estate=entry.item.project.estate_id)
    try:
        with transaction.atomic():
            place = scheduling.take_offer(waiting=entry.waiting, by=by, key=key, now=now)
            return _create(entry.home, entry.item, place, by=by, now=now)
    except IntegrityError:
        raise already_booked()


def leave_list(*, entry: AppointmentWaiting, by: User, now: datetime) -> None:
    """Leaves the waiting list; an offered place goes to the next person. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    if not policies.may_act_for_home(by, entry.home, entry.item.project):
        raise Forbidden
    scheduling.leave_waiting(waiting=entry.waiting, by=by, now=now)


@dataclass(frozen=True)
class DoorBooking:
    """A time for a work item in a home, and the name and number (E.164) of the person who opened its door.

    ``key`` is the key of the booking and is used once.
    """

    home: Home
    item: WorkItem
    slot: Slot
    key: UUID
    name: str = ""
    phone: str = ""


def book_at_door(booking: DoorBooking, *, by: User, now: datetime) -> Appointment:
    """Books for a household that opened its door; registers the person as owner if the home has no residents.

    Stores both or neither. Raises what ``add_residency_at_door`` raises (``name_missing``, ``AlreadyThere``,
    ``Forbidden``) and what ``book_appointment`` raises.
    """
    home, item = booking.home, booking.item
    policies.must_act_for_home(by, home, item.project)
    with transaction.atomic():
        if policies.resident_of(home, by) is None:
            add_residency_at_door(name=booking.name, phone=booking.phone, home=home, by=by, now=now)
        return book_appointment(home=home, item=item, slot=booking.slot, by=by, key=booking.key, now=now)
