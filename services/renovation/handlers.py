"""Handlers of events of scheduling and accounts; each runs in the event's transaction."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Delegation, Residency
from community.core import changes, dates, recordings
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.renovation.actions.appointments import free_place, leave_waiting_lists
from services.renovation.actions.home_state import refresh_home
from services.renovation.actions.steps import (
    message_key,
    message_params,
    notify_open_pages,
    people_of,
    tell_crew,
)
from services.renovation.models import Appointment, AppointmentWaiting, Participation, RenovationRecording
from services.scheduling.models import Place, Waiting

Status = Appointment.Status


def place_offered(*, waiting: Waiting, now: datetime) -> None:
    """Tells the household that a place is held for it."""
    entry = getattr(waiting, "appointment_wish", None)
    if entry is None:
        return
    for person in people_of(entry.home):
        outbox.queue_message(
            person,
            "appointment_offered",
            key=f"waiting:{waiting.pk}:offered",
            params={
                "what": entry.item.name,
                "until": dates.stored(waiting.offered_until or waiting.slot.starts_at),
            },
            url=reverse("renovation_offer", args=[entry.pk]),
            sms=person.pk == waiting.resident_id,
            now=now,
        )
    live.notify_open_pages(f"resident:{waiting.resident_id}", entry.item.project.live_topic)


def place_lapsed(*, place: Place, now: datetime) -> None:
    """Tells the waiting person that the offered place went to the next."""
    waiting = Waiting.objects.filter(place=place).select_related("resident").first()
    entry = getattr(waiting, "appointment_wish", None) if waiting else None
    if waiting is None or entry is None:
        return
    outbox.queue_message(
        waiting.resident,
        "appointment_offer_over",
        key=f"waiting:{waiting.pk}:over",
        params={"what": entry.item.name},
        url=reverse("renovation_home", args=[entry.item.project_id, entry.home_id]),
        now=now,
    )


def residency_ended(*, residency: Residency, now: datetime) -> None:
    """Removes what a leaving household has said and agreed, so that the next household does not inherit it.

    If others of the household stay, its appointments go on with one of them; otherwise those ahead are
    cancelled. Raises ``AlreadyMoved`` if a waiting place was moved meanwhile.
    """
    staying = Residency.objects.active().filter(home=residency.home_id).exclude(pk=residency.pk)
    if staying.filter(user=residency.user_id).exists():
        return
    waiting = AppointmentWaiting.objects.filter(home=residency.home_id)
    leave_waiting_lists(waiting.filter(waiting__resident=residency.user_id), now=now)
    theirs = Appointment.objects.filter(home=residency.home_id, resident=residency.user_id)
    next_one = staying.order_by("status_changed_at", "pk").first()
    for appointment in theirs.filter(
        status__in=[Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.DEFECTS]
    ):
        if next_one and next_one.status_changed_at <= appointment.created_at:
            with changes.of(appointment):
                Appointment.objects.filter(pk=appointment.pk).update(resident=next_one.user_id)
        elif appointment.status == Status.BOOKED:
            _cancel(Appointment.objects.with_people().get(pk=appointment.pk), now=now)
    # The home's row is locked last, after the places, as everywhere.
    _clear_answers(residency, staying)


def _clear_answers(residency: Residency, staying: QuerySet[Residency]) -> None:
    """Clears wishes and consent given by the leaving person or before any of the remaining people came."""
    acting = Delegation.objects.active().filter(resident=residency.user_id).values("delegate")
    first = staying.order_by("status_changed_at").values_list("status_changed_at", flat=True).first()
    theirs = Q(answered_by=residency.user_id) | Q(answered_by__in=acting)
    if first is None:
        theirs = Q()
    else:
        theirs |= Q(answered_at__lt=first)
    participations = Participation.objects.filter(theirs, home=residency.home_id)
    recordings.delete_rows(RenovationRecording.objects.filter(participation__in=participations))
    participations.update(wishes="", shares_pictures=False)


def _cancel(appointment: Appointment, *, now: datetime) -> None:
    try:
        to = Status.DEFECTS if appointment.comes_back else Status.CANCELLED
        change = move(appointment, to, by=None, now=now)
    except AlreadyMoved:  # the crew has just begun
        return
    key = message_key(appointment, change)
    outbox.queue_message(
        appointment.resident, "appointment_cancelled", key=key, params=message_params(appointment), now=now
    )
    tell_crew(appointment, "crew_appointment_cancelled", key=key, now=now, by=None)
    free_place(appointment, by=None, now=now)
    refresh_home(appointment.project, appointment.home, now=now)
    notify_open_pages(appointment)
