"""Permissions in renovation: one table, read by pages, API, admin and actions."""

from datetime import datetime

from accounts.models import Delegation, Residency, User, access_of
from accounts.policies import Role, has_role
from community.core.errors import Forbidden
from community.estates.models import Home
from services.common.verbs import Verb, VerbTable
from services.renovation import KEY
from services.renovation.models import Appointment, Crew, RenovationProject
from services.renovation.roles import COORDINATING, HELPING

S = Appointment.Status

# Capacities in which a person may take a verb. The resident's side are the household, its delegates and the
# staff who act for households; ``is_household`` leaves the staff out.
RESIDENT_SIDE, CREW, COORDINATOR = "resident_side", "crew", "coordinator"


VERBS = VerbTable(
    {
        "move_appointment": Verb.of({RESIDENT_SIDE, COORDINATOR}, S.BOOKED, S.DEFECTS),
        "cancel_appointment": Verb.of({RESIDENT_SIDE, COORDINATOR}, S.BOOKED),
        "start_work": Verb.of({CREW}, S.BOOKED, S.DEFECTS),
        "add_work_pictures": Verb.of({CREW}, S.BOOKED, S.UNDER_WAY, S.DEFECTS, S.DONE),
        "finish_work": Verb.of({CREW}, S.UNDER_WAY),
        "miss_appointment": Verb.of({CREW, COORDINATOR}, S.BOOKED),
        "confirm_work": Verb.of({RESIDENT_SIDE}, S.DONE),
        "name_defects": Verb.of({RESIDENT_SIDE}, S.DONE),
    }
)


def capacities(user: User, appointment: Appointment) -> set[str]:
    """Returns the capacities that the user has for this appointment. Three queries."""
    roles = _roles(user, appointment.estate_id)
    held: set[str] = set()
    if roles & set(COORDINATING):
        held.add(COORDINATOR)
    if Role.CREW in roles and _is_of_crew(user, appointment):
        held.add(CREW)
    if roles & set(HELPING) or is_household(user, appointment):
        held.add(RESIDENT_SIDE)
    return held


def _roles(user: User, estate_id: int) -> set[str]:
    return access_of(user).roles_in(estate_id)


def _is_of_crew(user: User, appointment: Appointment) -> bool:
    return Crew.objects.filter(resource=appointment.place.slot.resource_id, members=user).exists()


def allowed_verbs(user: User, appointment: Appointment, now: datetime) -> set[str]:
    """Returns the verbs that the user can take on this appointment now."""
    held = capacities(user, appointment)
    too_early = {"miss_appointment"} if now < appointment.starts_at else set()
    return VERBS.allowed(held, appointment.status) - too_early


def require(verb: str, user: User, appointment: Appointment) -> None:
    """Raises ``Forbidden`` if the user may not take the verb, whatever the status.

    Members of the crew do not answer for the household, unless they live there.
    """
    held = capacities(user, appointment)
    VERBS.require(verb, held)
    is_resident_verb = VERBS[verb].capacities == {RESIDENT_SIDE}
    if is_resident_verb and CREW in held and not is_household(user, appointment):
        raise Forbidden


def is_household(user: User, appointment: Appointment) -> bool:
    """Whether the appointment belongs to the user's household, or to that of a person they act for.

    One made before they moved in belongs to the former household, unless its resident still lives there.
    """
    return Appointment.objects.of_household(user).filter(pk=appointment.pk).exists()


def lives_in_or_acts_for(user: User, home: Home) -> bool:
    """Whether the user lives in the home, or acts for a resident of it."""
    return home.pk in access_of(user).homes(KEY)


def may_act_for_home(user: User, home: Home, project: RenovationProject) -> bool:
    """Whether the user is of the household, acts for it, or is staff who act for households."""
    return lives_in_or_acts_for(user, home) or has_role(user, project.estate_id, *HELPING)


def must_act_for_home(user: User, home: Home, project: RenovationProject) -> None:
    """Raises ``Forbidden`` unless the user may act for the home."""
    if not may_act_for_home(user, home, project):
        raise Forbidden


def must_coordinate(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` for all but the renovation coordinator and the manager."""
    if not has_role(user, estate_id, *COORDINATING):
        raise Forbidden


def resident_of(home: Home, user: User) -> User | None:
    """Returns the resident whom an appointment of this home is with; None if nobody is registered.

    This is the user if they live there, else a resident they act for, else the owner before tenants and
    family.
    """
    living = Residency.objects.active().filter(home=home).select_related("user")
    people = {residency.user_id: residency for residency in living}
    if user.pk in people:
        return user
    acting = Delegation.objects.residents_of(user, KEY)
    for person in acting.filter(pk__in=people).order_by("pk")[:1]:
        return person
    order = [Residency.Kind.OWNER, Residency.Kind.TENANT, Residency.Kind.FAMILY]
    ranked = sorted(people.values(), key=lambda row: (order.index(Residency.Kind(row.kind)), row.pk))
    return ranked[0].user if ranked else None
