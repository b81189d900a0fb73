"""What every step of an appointment does: check, move, tell those whom it concerns."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import Delegation, Residency, User
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from community.notifications import live, outbox
from services.renovation import policies
from services.renovation.actions.states import settle
from services.renovation.models import Appointment, AppointmentChange, Crew
from services.renovation.wording import when_words


def step(
    *,
    appointment: Appointment,
    verb: str,
    to: str,
    by: User,
    now: datetime,
    reason: str = "",
    tells: str = "",
    tells_crew: str = "",
    sms: bool = False,
    **changes: Any,
) -> AppointmentChange | None:
    """Take ``verb``: the move, its history, the home's state and what people are told, together.

    Returns the history row, or None if the same person had already done the same. Raises
    ``Forbidden`` or ``AlreadyMoved``.
    """
    policies.require(verb, by, appointment)
    if _is_repeated(appointment, to, by):
        return None
    if appointment.status not in policies.VERBS[verb].states:
        raise AlreadyMoved
    try:
        with transaction.atomic():
            change = move(
                appointment,
                to,
                by=by,
                now=now,
                reason=reason,
                on_behalf_of=acting_for(appointment, verb, by),
                **changes,
            )
            follow(appointment, change, tells=tells, tells_crew=tells_crew, sms=sms, by=by, now=now)
    except AlreadyMoved:
        appointment.refresh_from_db()
        if _is_repeated(appointment, to, by):
            return None
        raise
    return change  # type: ignore[return-value]


def follow(
    appointment: Appointment,
    change: Any,
    *,
    tells: str = "",
    tells_crew: str = "",
    sms: bool = False,
    by: User | None,
    now: datetime,
) -> None:
    """After a move, in its transaction: the home's state, who is told, the open pages."""
    key = f"appointment:{appointment.pk}:{change.pk}"
    settle(appointment.project, appointment.home, now=now)
    if tells:
        tell_household(appointment, tells, key=key, sms=sms, now=now, by=by)
    if tells_crew:
        tell_crew(appointment, tells_crew, key=key, now=now, by=by)
    changed(appointment)


def acting_for(appointment: Appointment, verb: str, by: User) -> User | None:
    """For whom: the household's resident, where somebody else does what is the household's to do."""
    is_households = policies.HOUSEHOLD in policies.VERBS[verb].who
    lives_there = Residency.objects.active().filter(user=by, home=appointment.home).exists()
    return appointment.resident if is_households and not lives_there else None


def _is_repeated(appointment: Appointment, to: str, by: User) -> bool:
    if appointment.status != to or to == Appointment.Status.BOOKED:
        return False
    last = appointment.history.last()
    return last is not None and last.actor_id == by.pk


def people_of(home: Home) -> list[User]:
    """The household, and whoever acts for one of it."""
    living = User.objects.filter(residencies__home=home, residencies__status=Residency.Status.ACTIVE)
    acting = Delegation.objects.active().filter(
        resident__in=living.values("pk"), service=Delegation.Service.RENOVATION
    )
    return list((living | User.objects.filter(pk__in=acting.values("delegate"))).distinct())


def tell_household(
    appointment: Appointment, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """Everybody of the home; not the one who has just done it. By SMS the one who booked it."""
    url = reverse("appointment", args=[appointment.pk])
    params = told(appointment)
    for person in people_of(appointment.home):
        if by is None or person.pk != by.pk:
            by_sms = sms and person.pk == appointment.resident_id
            outbox.tell(person, template, key=key, params=params, url=url, sms=by_sms, now=now)


def tell_crew(appointment: Appointment, template: str, *, key: str, now: datetime, by: User | None) -> None:
    url = reverse("crew_job", args=[appointment.pk])
    for member in Crew.objects.get(resource=appointment.place.slot.resource_id).members.all():
        if by is None or member.pk != by.pk:
            outbox.tell(member, template, key=key, params=told(appointment), url=url, now=now)


def told(appointment: Appointment) -> dict[str, Any]:
    """The parameters of every message about an appointment; nothing that somebody wrote freely."""
    return {
        "reference": appointment.reference,
        "what": appointment.item.name,
        "home": str(appointment.home),
        "when": when_words(appointment.starts_at),
    }


def changed(appointment: Appointment, *, also: Iterable[str] = ()) -> None:
    """Open pages of the household, the neighbours, the crew and the coordinator. Last in a transaction."""
    live.changed(
        appointment.live_topic,
        appointment.project.live_topic,
        appointment.crew.live_topic,
        f"resident:{appointment.resident_id}",
        *also,
    )
