"""Effects of every step of an appointment: the home's state, messages and open pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Delegation, Residency, User
from accounts.policies import Role, has_role
from community.core import dates
from community.core.links import page_named
from community.core.transitions import StatusChange
from community.estates.models import Home
from community.notifications import live
from services.common.steps import StepRules, StepTaken, tell_permitted
from services.renovation import KEY, policies
from services.renovation.actions.home_state import refresh_home
from services.renovation.models import Appointment, Crew


def message_key(appointment: Appointment, change: StatusChange) -> str:
    """Returns the key under which a step of this appointment is sent once."""
    return f"appointment:{appointment.pk}:{change.pk}"


def acting_for(appointment: Appointment, verb: str, by: User) -> User | None:
    """Returns the resident if the verb is the resident's and a person from outside takes it, else None."""
    is_resident_verb = policies.VERBS[verb].is_for(policies.RESIDENT_SIDE)
    lives_there = Residency.objects.active().filter(user=by, home=appointment.home_id).exists()
    return appointment.resident if is_resident_verb and not lives_there else None


def people_of(home: Home) -> list[User]:
    """Returns the residents of the home and their delegates."""
    living = User.objects.filter(residencies__home=home, residencies__status=Residency.Status.ACTIVE)
    acting = Delegation.objects.active().filter(resident__in=living.values("pk"), service=KEY)
    return list((living | User.objects.filter(pk__in=acting.values("delegate"))).distinct())


def tell_household(
    appointment: Appointment, template: str, *, key: str, now: datetime, by: User | None, sms: bool = False
) -> None:
    """Tells the household except ``by``, who has just acted, and people who moved in later.

    ``sms`` also sends it by SMS to the resident of the appointment.
    """
    people = people_of(appointment.home)
    for by_sms in (True, False):
        tell_permitted(
            [person for person in people if (sms and person.pk == appointment.resident_id) is by_sms],
            template,
            but=by,
            may=lambda person: policies.is_household(person, appointment),
            key=key,
            params=message_params(appointment),
            url=page_named("appointment", appointment.pk),
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
    """Tells the members of the crew, by default the one that comes.

    ``crew`` may be one that no longer comes: the message then opens its list, as it may not open the
    appointment.
    """
    comes = Crew.objects.get(resource=appointment.place.slot.resource_id)
    is_theirs = crew is None or crew == comes
    tell_permitted(
        (crew or comes).members.all(),
        template,
        but=by,
        may=lambda person: has_role(person, appointment.estate_id, Role.CREW),
        key=key,
        params=message_params(appointment),
        url=page_named("crew_job", appointment.pk) if is_theirs else page_named("crew"),
        now=now,
    )


def message_params(appointment: Appointment) -> dict[str, Any]:
    """Returns the parameters of every message about an appointment, without free text."""
    return {
        "reference": appointment.reference,
        "what": appointment.item.name,
        "home": str(appointment.home),
        "when": dates.stored(appointment.starts_at),
    }


def notify_open_pages(appointment: Appointment, *, more_topics: Iterable[str] = ()) -> None:
    """Notifies open pages of the household, the neighbours, the crew and the coordinator.

    ``more_topics`` are notified too. Call it last in the transaction.
    """
    live.notify_open_pages(
        appointment.live_topic,
        appointment.project.live_topic,
        appointment.crew.live_topic,
        f"resident:{appointment.resident_id}",
        *more_topics,
    )


def _refresh_home(taken: StepTaken) -> None:
    refresh_home(taken.row.project, taken.row.home, now=taken.now)


STEPS = StepRules(
    verbs=policies.VERBS,
    require=policies.require,
    acting_for=acting_for,
    message_key=message_key,
    tell_resident=tell_household,
    notify_open_pages=lambda taken: notify_open_pages(taken.row),
    after_move=_refresh_home,
    # Requires the appointment as it was read: a crew cannot start one that is moved meanwhile.
    only_if=lambda taken: {"status_changed_at": taken.row.status_changed_at},
    # A change of time is a new step each time.
    repeatable=frozenset({Appointment.Status.BOOKED}),
)
