"""What every step of an appointment does: check, move, tell those whom it concerns."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Delegation, Residency, User
from accounts.policies import Role, has_role
from community.core.transitions import StatusChange
from community.estates.models import Home
from community.notifications import live
from services.common import steps
from services.renovation import KEY, policies
from services.renovation.actions.states import settle
from services.renovation.models import Appointment, Crew
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
    then: Callable[[], None] | None = None,
    **changes: Any,
) -> StatusChange | None:
    """Take ``verb``: the move, its history, the home's state and what people are told, together.

    Only of the appointment as it was read: a crew that begins one that is moved meanwhile is refused.
    ``then`` is done right after the move. Returns the history row, or None if the same person had
    already done the same. Raises ``Forbidden`` or ``AlreadyMoved``.
    """
    policies.require(verb, by, appointment)

    def follow(change: StatusChange) -> None:
        if then:
            then()
        key = f"appointment:{appointment.pk}:{change.pk}"
        settle(appointment.project, appointment.home, now=now)
        if tells:
            tell_household(appointment, tells, key=key, sms=sms, now=now, by=by)
        if tells_crew:
            tell_crew(appointment, tells_crew, key=key, now=now, by=by)
        notify_open_pages(appointment)

    return steps.step(
        appointment,
        to,
        states=policies.VERBS[verb].states,
        by=by,
        now=now,
        reason=reason,
        on_behalf_of=acting_for(appointment, verb, by),
        only_if={"status_changed_at": appointment.status_changed_at},
        # Another time is a step into the same state, and a new one each time.
        is_new=to == Appointment.Status.BOOKED,
        then=follow,
        **changes,
    )


def acting_for(appointment: Appointment, verb: str, by: User) -> User | None:
    """For whom: the household's resident, where somebody else does what is the household's to do."""
    is_households = policies.HOUSEHOLD in policies.VERBS[verb].who
    lives_there = Residency.objects.active().filter(user=by, home=appointment.home_id).exists()
    return appointment.resident if is_households and not lives_there else None


def people_of(home: Home) -> list[User]:
    """The household, and whoever acts for one of it."""
    living = User.objects.filter(residencies__home=home, residencies__status=Residency.Status.ACTIVE)
    acting = Delegation.objects.active().filter(resident__in=living.values("pk"), service=KEY)
    return list((living | User.objects.filter(pk__in=acting.values("delegate"))).distinct())


def tell_household(
    appointment: Appointment, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """Everybody of the home; not the one who has just done it, nor who moved in after. By SMS the one
    whose appointment it is."""
    people = people_of(appointment.home)
    for by_sms in (True, False):
        steps.tell_both(
            [one for one in people if (sms and one.pk == appointment.resident_id) is by_sms],
            template,
            but=by,
            may=lambda person: policies.speaks_for_appointment(person, appointment),
            key=key,
            params=told(appointment),
            url=reverse("appointment", args=[appointment.pk]),
            sms=by_sms,
            now=now,
        )


def tell_crew(
    appointment: Appointment,
    template: str,
    *,
    key: str,
    now: datetime,
    by: User | None,
    crew: Crew | None = None,
) -> None:
    """The crew that comes; to one that does not come any more nothing is left to open but its list."""
    comes = Crew.objects.get(resource=appointment.place.slot.resource_id)
    is_theirs = crew is None or crew == comes
    steps.tell_both(
        (crew or comes).members.all(),
        template,
        but=by,
        may=lambda person: has_role(person, appointment.estate_id, Role.CREW),
        key=key,
        params=told(appointment),
        url=reverse("crew_job", args=[appointment.pk]) if is_theirs else reverse("crew"),
        now=now,
    )


def told(appointment: Appointment) -> dict[str, Any]:
    """The parameters of every message about an appointment; nothing that somebody wrote freely."""
    return {
        "reference": appointment.reference,
        "what": appointment.item.name,
        "home": str(appointment.home),
        "when": when_words(appointment.starts_at),
    }


def notify_open_pages(appointment: Appointment, *, also: Iterable[str] = ()) -> None:
    """Open pages of the household, the neighbours, the crew and the coordinator. Last in a transaction."""
    live.notify_open_pages(
        appointment.live_topic,
        appointment.project.live_topic,
        appointment.crew.live_topic,
        f"resident:{appointment.resident_id}",
        *also,
    )
