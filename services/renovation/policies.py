"""Who may do what in a renovation: one table, read by pages, API, admin and actions alike."""

from datetime import datetime

from accounts.models import Delegation, Residency, StaffRole, User
from accounts.policies import Role, has_role
from community.core.errors import Forbidden
from community.estates.models import Home
from services.common.verbs import Verb, VerbTable
from services.renovation import KEY
from services.renovation.models import Appointment, Crew, RenovationProject
from services.renovation.models.homes import homes_spoken_for
from services.renovation.roles import COORDINATING, STANDING_IN

S = Appointment.Status

# For whom a verb is.
HOUSEHOLD, CREW, COORDINATOR = "household", "crew", "coordinator"


VERBS = VerbTable(
    {
        "move_appointment": Verb.of({HOUSEHOLD, COORDINATOR}, S.BOOKED, S.DEFECTS),
        "cancel_appointment": Verb.of({HOUSEHOLD, COORDINATOR}, S.BOOKED),
        "start_work": Verb.of({CREW}, S.BOOKED, S.DEFECTS),
        "add_work_pictures": Verb.of({CREW}, S.BOOKED, S.UNDER_WAY, S.DEFECTS, S.DONE),
        "finish_work": Verb.of({CREW}, S.UNDER_WAY),
        "miss_appointment": Verb.of({CREW, COORDINATOR}, S.BOOKED),
        "confirm_work": Verb.of({HOUSEHOLD}, S.DONE),
        "name_defects": Verb.of({HOUSEHOLD}, S.DONE),
    }
)


def capacities(user: User, appointment: Appointment) -> set[str]:
    """In which ways this person stands to this appointment. Three queries."""
    roles = _roles(user, appointment.estate_id)
    held: set[str] = set()
    if roles & set(COORDINATING):
        held.add(COORDINATOR)
    if Role.CREW in roles and _is_of_crew(user, appointment):
        held.add(CREW)
    if roles & set(STANDING_IN) or speaks_for_appointment(user, appointment):
        held.add(HOUSEHOLD)
    return held


def _roles(user: User, estate_id: int) -> set[str]:
    return set(StaffRole.objects.held_by(user).filter(estate_id=estate_id).values_list("role", flat=True))


def _is_of_crew(user: User, appointment: Appointment) -> bool:
    return Crew.objects.filter(resource=appointment.place.slot.resource_id, members=user).exists()


def allowed_verbs(user: User, appointment: Appointment, now: datetime) -> set[str]:
    """The actions that this person can take on this appointment as it stands now."""
    held = capacities(user, appointment)
    too_early = {"miss_appointment"} if now < appointment.starts_at else set()
    return VERBS.allowed(held, appointment.status) - too_early


def require(verb: str, user: User, appointment: Appointment) -> None:
    """Raises ``Forbidden`` if this is not this person's verb, whatever the state.

    Whoever did the work does not say for the household that it is good, unless they live there.
    """
    held = capacities(user, appointment)
    VERBS.require(verb, held)
    is_households = VERBS[verb].capacities == {HOUSEHOLD}
    if is_households and CREW in held and not speaks_for_appointment(user, appointment):
        raise Forbidden


def speaks_for_appointment(user: User, appointment: Appointment) -> bool:
    """Of the household whose appointment it is: not who has the home since."""
    return Appointment.objects.of_household(user).filter(pk=appointment.pk).exists()


def speaks_for(user: User, home: Home) -> bool:
    """Lives there, or acts for somebody who does."""
    return homes_spoken_for(user).filter(pk=home.pk).exists()


def may_speak_for(user: User, home: Home, project: RenovationProject) -> bool:
    """The household, who acts for it, or staff who stand in for it."""
    return speaks_for(user, home) or has_role(user, project.estate_id, *STANDING_IN)


def must_speak_for(user: User, home: Home, project: RenovationProject) -> None:
    if not may_speak_for(user, home, project):
        raise Forbidden


def must_coordinate(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` for all but the renovation coordinator and the manager."""
    if not has_role(user, estate_id, *COORDINATING):
        raise Forbidden


def resident_of(home: Home, user: User) -> User | None:
    """Whom an appointment of this home is with: whoever asks, if they live there; else of whom
    they act for; else the owner before tenants and family. None where nobody is registered."""
    living = Residency.objects.active().filter(home=home).select_related("user")
    people = {residency.user_id: residency for residency in living}
    if user.pk in people:
        return user
    acting = Delegation.objects.residents_of(user, KEY)
    for person in acting.filter(pk__in=people).order_by("pk")[:1]:
        return person
    order = [Residency.Kind.OWNER, Residency.Kind.TENANT, Residency.Kind.FAMILY]
    ranked = sorted(people.values(), key=lambda one: (order.index(Residency.Kind(one.kind)), one.pk))
    return ranked[0].user if ranked else None
