"""Who may, as far as people and roles go."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.backends import roles_of_office
from accounts.models import Delegation, DelegationRequest, Residency, StaffRole, User
from community.core.errors import ActionError, Forbidden
from community.core.services import declared, scopes
from community.estates.models import Estate, Home, HomeQuerySet

Role = StaffRole.Role
FIELD_ROLES = frozenset({Role.REPAIR_WORKER, Role.CARER, Role.CREW})


def estates_of(user: User, *roles: str) -> QuerySet[Estate]:
    """The estates in which ``user`` has one of these roles (any role, if none is named)."""
    held = StaffRole.objects.held_by(user)
    if roles:
        held = held.filter(role__in=roles)
    return Estate.objects.filter(pk__in=held.values("estate"))


def has_role(user: User, estate_id: int, *roles: str) -> bool:
    return StaffRole.objects.held_by(user).filter(estate_id=estate_id, role__in=roles).exists()


def roles_of(user: User) -> set[str]:
    """The roles that ``user`` has in any estate."""
    return set(StaffRole.objects.held_by(user).values_list("role", flat=True))


def is_staff_person(user: User) -> bool:
    """Whoever can do more than a resident; they sign in with a password, never by a code alone."""
    return user.is_staff or user.is_superuser or StaffRole.objects.held_by(user).exists()


def may_open_admin(user: User, roles: set[str] | None = None) -> bool:
    """Whether the back office has a page for this person: by the flag of their account, or by a role.

    ``roles``: those that they have, where they are known already.
    """
    return user.is_staff or bool((roles_of(user) if roles is None else roles) & roles_of_office())


def homes_of(user: User) -> HomeQuerySet:
    """The homes in which this person lives or that they own, confirmed and not ended."""
    return Home.objects.filter(pk__in=Residency.objects.active().filter(user=user).values("home"))


def may_act_for(actor: User, resident: User, service: str, *, estate_id: int) -> bool:
    """Oneself; a delegate for this service; the front desk, in the estate that it concerns.

    The desk may do whatever a resident can, for one of its residents who phoned or came.
    """
    if actor.pk == resident.pk:
        return True
    if Delegation.objects.active().filter(resident=resident, delegate=actor, service=service).exists():
        return True
    return has_role(actor, estate_id, *StaffRole.DESK) and is_desk_for(actor, resident)


def may_name(actor: User, resident: User, service: str) -> bool:
    """Whether ``actor`` may act for this person in some estate, and so learns that they are there."""
    if Delegation.objects.residents_of(actor, service).filter(pk=resident.pk).exists():
        return True
    return is_desk_for(actor, resident)


def is_desk_for(actor: User, resident: User) -> bool:
    """The desk of an estate in which this person has a home, or has asked for one."""
    desks = estates_of(actor, *StaffRole.DESK)
    return User.objects.filter(pk=resident.pk).living_in(desks).exists()


def is_desk_for_all_homes_of(actor: User, resident: User) -> bool:
    """Whether every home in which this person lives lies in an estate whose desk ``actor`` keeps."""
    desks = estates_of(actor, *StaffRole.DESK)
    elsewhere = homes_of(resident).exclude(entrance__building__estate__in=desks)
    return is_desk_for(actor, resident) and not elsewhere.exists()


def must_be_desk_for_all_homes_of(actor: User, resident: User) -> None:
    """For what belongs to the person and not to a home: their name, their type size, their family.

    A desk can register anybody in its own estate, so one home there is not enough. Raises
    ``Forbidden`` where there is none, ``ActionError`` where there is another estate's too.
    """
    if not is_desk_for(actor, resident):
        raise Forbidden
    if not is_desk_for_all_homes_of(actor, resident):
        raise ActionError(
            "lives_elsewhere_too",
            _("This person also lives in another estate. Please let them do it on their own phone."),
        )


def may_confirm_paper(user: User, request: DelegationRequest) -> bool:
    """Whether ``user`` may be the second one at the desk: not who entered it, nor the two it is between."""
    between = {request.proposed_by_id, request.resident_id}
    is_paper = request.way == DelegationRequest.Way.PAPER
    return is_paper and user.pk not in between and user.phone != request.phone


def must_be_desk_of(actor: User, estate: Estate) -> None:
    """Raises ``Forbidden`` for all but the front desk and the manager of the estate."""
    if not has_role(actor, estate.pk, *StaffRole.DESK):
        raise Forbidden


def may_give_role(by: User, person: User, estate_id: int, role: str) -> bool:
    """Whether ``by`` may give this role to ``person``: never to themselves, whoever they are.

    The auditor looks at what the manager does: the system administrator appoints them, and not one who
    manages the estate; and who audits an estate has no other role there.
    """
    if by.pk == person.pk:
        return False
    there = StaffRole.objects.held_by(person).filter(estate_id=estate_id)
    if role == Role.AUDITOR:
        is_apart = not there.exclude(role=Role.AUDITOR).exists()
        return by.is_superuser and is_apart and not has_role(by, estate_id, Role.MANAGER)
    if there.filter(role=Role.AUDITOR).exists():
        return False
    return by.is_superuser or has_role(by, estate_id, Role.MANAGER)


def must_give_role(by: User, given: StaffRole) -> None:
    """Raises ``Forbidden`` for a role, not stored yet, that ``by`` may not give."""
    if not may_give_role(by, given.user, given.estate_id, given.role):
        raise Forbidden(_("Somebody else must give this role."))


def may_end_role(by: User, held: StaffRole) -> bool:
    """Whether ``by`` may take this role away: the manager any but the auditor's."""
    if held.role == Role.AUDITOR:
        return by.is_superuser and held.user_id != by.pk
    return by.is_superuser or has_role(by, held.estate_id, Role.MANAGER)


def must_end_role(by: User, held: StaffRole) -> None:
    if not may_end_role(by, held):
        raise Forbidden(_("Somebody else must take this role away."))


def may_manage_account(by: User, person: User) -> bool:
    """Whether ``by`` may end this account of staff, or renew its access; never one's own.

    The manager of every estate in which the person works; but not an auditor's, who looks at what the
    manager does, and not a system administrator's.
    """
    if by.pk == person.pk or person.is_superuser:
        return False
    if by.is_superuser:
        return True
    roles = list(StaffRole.objects.held_by(person))
    managed = set(estates_of(by, Role.MANAGER).values_list("pk", flat=True))
    return bool(roles) and all(one.estate_id in managed and one.role != Role.AUDITOR for one in roles)


def must_manage_account(by: User, person: User) -> None:
    if not may_manage_account(by, person):
        raise Forbidden(_("The system administrator must do this."))


def may_renew_access(by: User, person: User) -> bool:
    """Whether ``by`` may make a link for a new password: whoever has the link can sign in as the person.

    So nobody can who does not manage all estates in which the person, and those for whom they act, live.
    """
    if by.is_superuser or not may_manage_account(by, person):
        return may_manage_account(by, person)
    acting_for = Delegation.objects.open().filter(delegate=person).values("resident")
    living = Residency.objects.active().filter(Q(user=person) | Q(user__in=acting_for))
    managed = estates_of(by, Role.MANAGER)
    return not living.exclude(home__entrance__building__estate__in=managed).exists()


def must_renew_access(by: User, person: User) -> None:
    if not may_renew_access(by, person):
        raise Forbidden(_("The system administrator must do this."))


def must_edit_roster(actor: User, estate: Estate) -> None:
    """Raises ``Forbidden`` for all but the estate's desk and the system administrator."""
    if not actor.is_superuser:
        must_be_desk_of(actor, estate)


def may_change_number(actor: User, person: User) -> bool:
    """Whether ``actor`` may change the number by which this person signs in: it is the key to everything.

    Oneself; the system administrator; the desk that keeps all homes of a person without a role, and all
    homes of those for whom they act: their rights too would go with the number.
    """
    if actor.pk == person.pk or actor.is_superuser:
        return True
    if is_staff_person(person) or not is_desk_for_all_homes_of(actor, person):
        return False
    given = Delegation.objects.open().filter(delegate=person).values("resident")
    return all(is_desk_for_all_homes_of(actor, resident) for resident in User.objects.filter(pk__in=given))


def may_confirm(actor: User, residency: Residency) -> bool:
    """The desk of the estate, or an owner of the home; nobody confirms their own request."""
    if residency.user_id == actor.pk:
        return False
    owning = Residency.objects.active().filter(user=actor, home=residency.home_id, kind=Residency.Kind.OWNER)
    return has_role(actor, residency.home.estate.pk, *StaffRole.DESK) or owning.exists()


def start_page(user: User) -> str:
    """Where work begins: the address of the page that this person's role opens most."""
    roles = roles_of(user)
    if not roles:
        return "/admin/" if may_open_admin(user, roles) else "/"
    pages = (page for service in declared() for page in service.start_pages)
    return next((reverse(page.url_name) for page in pages if page.opens_for(roles)), "/staff/")


def scopes_for(user: User) -> list[str]:
    """What a token of this person may open: never more than the person can do on the pages."""
    roles = roles_of(user)
    return [scope.name for scope in scopes() if scope.is_for(roles)]
