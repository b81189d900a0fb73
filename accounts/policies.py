"""Permissions that depend on people and roles."""

from django.db.models import Exists, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.backends import roles_of_office
from accounts.models import (
    Administration,
    Delegation,
    DelegationRequest,
    Oversight,
    Residency,
    StaffRole,
    User,
    access_of,
)
from accounts.models.residents import ResidencyQuerySet
from community.core.encryption import blind_indexes
from community.core.errors import ActionError, Forbidden
from community.core.services import declared, scopes
from community.estates.models import Estate, Home, HomeQuerySet

Role = StaffRole.Role
FIELD_ROLES = frozenset({Role.REPAIR_WORKER, Role.CARER, Role.CREW})


def estates_of(user: User, *roles: str) -> QuerySet[Estate]:
    """Returns the estates in which ``user`` has one of these roles, or any role if none is named."""
    return Estate.objects.filter(pk__in=access_of(user).estates(*roles))


def has_role(user: User, estate_id: int, *roles: str) -> bool:
    """Whether ``user`` has one of these roles in this estate."""
    return not access_of(user).roles_in(estate_id).isdisjoint(roles)


def roles_of(user: User) -> set[str]:
    """Returns the roles that ``user`` has in any estate."""
    return {role for _estate, role in access_of(user).roles}


def is_staff_person(user: User) -> bool:
    """Whether the person can do more than a resident; they must sign in with a password."""
    return user.is_staff or bool(user.administration) or bool(access_of(user).roles)


def is_system_admin(user: User) -> bool:
    """Whether the user keeps companies, estates and settings; gives no rights to anybody."""
    return user.is_active and user.administration == Administration.SYSTEM


def is_security_admin(user: User) -> bool:
    """Whether the user gives and ends roles and accounts of staff, in every estate."""
    return user.is_active and user.administration == Administration.SECURITY


def is_city_operator(user: User) -> bool:
    """Whether the user reads figures of estates, and nothing about a person."""
    return user.is_active and user.administration == Administration.CITY


def estates_overseen(user: User) -> QuerySet[Estate]:
    """Returns the estates whose figures the city's operator sees; none for anybody else."""
    if not is_city_operator(user):
        return Estate.objects.none()
    mine = Oversight.objects.filter(user=user)
    whole = Exists(mine.filter(company=None))
    return Estate.objects.filter(whole | Q(company__in=mine.exclude(company=None).values("company")))


def may_open_admin(user: User, roles: set[str] | None = None) -> bool:
    """Whether the admin has a page for this person, by the account's flag or by a role.

    ``roles``: the person's roles, if known already.
    """
    return user.is_staff or bool((roles_of(user) if roles is None else roles) & roles_of_office())


def homes_of(user: User) -> HomeQuerySet:
    """Returns the homes in which this person lives or that they own, confirmed and not ended."""
    return Home.objects.filter(pk__in=Residency.objects.active().filter(user=user).values("home"))


def requested_home(user: User) -> Residency | None:
    """Returns the person's request for a home that is not answered yet, the newest; None without one."""
    requested = Residency.objects.requested().filter(user=user)
    return requested.select_related("home__entrance__building__estate").first()


def addresses_of(user: User) -> list[Home]:
    """Returns ``homes_of(user)`` with their addresses; found out once for a page, as ``access_of`` is."""
    return [one.home for one in access_of(user).living()]


def may_act_for(actor: User, resident: User, service: str, *, estate_id: int) -> bool:
    """Whether ``actor`` may act for ``resident`` in this service: the resident, an active delegate or the
    desk.

    The desk of the estate may do what its residents can, for residents who phone or come.
    """
    if actor.pk == resident.pk:
        return True
    if resident.pk in access_of(actor).acts_for(service):
        return True
    return has_role(actor, estate_id, *StaffRole.DESK) and is_desk_for(actor, resident)


def may_name(actor: User, resident: User, service: str) -> bool:
    """Whether ``actor`` may act for this person in any estate, and so may see their name."""
    if resident.pk in access_of(actor).acts_for(service):
        return True
    return is_desk_for(actor, resident)


def is_desk_for(actor: User, resident: User) -> bool:
    """Whether ``actor`` is the desk of an estate in which this person has or has requested a home."""
    desks = estates_of(actor, *StaffRole.DESK)
    return User.objects.filter(pk=resident.pk).living_in(desks).exists()


def is_desk_for_all_homes_of(actor: User, resident: User) -> bool:
    """Whether ``actor`` is the desk of every estate in which this person lives."""
    desks = estates_of(actor, *StaffRole.DESK)
    elsewhere = homes_of(resident).exclude(entrance__building__estate__in=desks)
    return is_desk_for(actor, resident) and not elsewhere.exists()


def must_be_desk_for_all_homes_of(actor: User, resident: User) -> None:
    """Requires the desk of all homes, for data of the person rather than of a home: name, mode, family.

    The desk can register any person in its own estate, so one home there is not enough. Raises ``Forbidden``
    if no home is there, and ``ActionError`` if the person also lives in another estate.
    """
    if not is_desk_for(actor, resident):
        raise Forbidden
    if not is_desk_for_all_homes_of(actor, resident):
        raise ActionError(
            "lives_elsewhere_too",
            _("This person also lives in another estate. Please let them do it on their own phone."),
        )


def may_confirm_paper(user: User, request: DelegationRequest) -> bool:
    """Whether ``user`` may confirm the paper: not its proposer, the resident or the delegate."""
    between = {request.proposed_by_id, request.resident_id}
    is_paper = request.way == DelegationRequest.Way.PAPER
    return is_paper and user.pk not in between and user.phone != request.phone


def is_number_of_staff_at_homes_of(resident: User, phone: str) -> bool:
    """Whether this number (E.164) belongs to somebody who works in an estate where the resident lives."""
    estates = homes_of(resident).values("entrance__building__estate")
    return StaffRole.objects.filter(user__phone_index__in=blind_indexes(phone), estate__in=estates).exists()


def must_be_desk_of(actor: User, estate: Estate) -> None:
    """Raises ``Forbidden`` unless ``actor`` is the front desk or the manager of the estate."""
    if not has_role(actor, estate.pk, *StaffRole.DESK):
        raise Forbidden


def may_give_role(by: User, person: User, estate_id: int, role: str) -> bool:
    """Whether ``by`` may give this role to ``person``; never to themselves.

    The auditor checks the manager's work: a security administrator appoints one and another administrator
    agrees, never a manager of the estate, and an auditor has no other role there. Administrators have no
    role at all.
    """
    if by.pk == person.pk or person.administration:
        return False
    there = StaffRole.ever.held_by(person).filter(estate_id=estate_id)
    if role == Role.AUDITOR:
        is_apart = not there.exclude(role=Role.AUDITOR).exists()
        may = is_security_admin(by) or is_system_admin(by)
        return may and is_apart and not has_role(by, estate_id, Role.MANAGER)
    if there.filter(role=Role.AUDITOR).exists():
        return False
    return is_security_admin(by) or has_role(by, estate_id, Role.MANAGER)


def must_give_role(by: User, given: StaffRole) -> None:
    """Raises ``Forbidden`` for a role, not stored yet, that ``by`` may not give."""
    if not may_give_role(by, given.user, given.estate_id, given.role):
        raise Forbidden(_("Somebody else must give this role."))


def may_end_role(by: User, held: StaffRole) -> bool:
    """Whether ``by`` may end this role: the manager any but the auditor's."""
    if held.role == Role.AUDITOR:
        return is_security_admin(by) and held.user_id != by.pk
    return is_security_admin(by) or has_role(by, held.estate_id, Role.MANAGER)


def may_appoint(by: User, person: User, administration: str) -> bool:
    """Whether ``by`` may be one of the two who make ``person`` an administrator, or end that ("").

    System and security administrators appoint, never themselves, and only people without any role: whoever
    administers does no business of an estate, and has one administration. They end each other's, and agree
    to the end of their own.
    """
    if not (is_system_admin(by) or is_security_admin(by)):
        return False
    if not administration:
        return bool(person.administration)
    is_free = not person.administration and not StaffRole.ever.filter(user=person).exists()
    return by.pk != person.pk and person.is_active and is_free


def must_end_role(by: User, held: StaffRole) -> None:
    """Raises ``Forbidden`` unless ``by`` may end this role."""
    if not may_end_role(by, held):
        raise Forbidden(_("Somebody else must take this role away."))


def may_manage_account(by: User, person: User) -> bool:
    """Whether ``by`` may end this staff account or renew its access; never their own.

    The manager of every estate in which the person works may, but not for auditors, who check the manager's
    work. Administrators are appointed and ended by two.
    """
    if by.pk == person.pk or person.administration:
        return False
    if is_security_admin(by):
        return True
    roles = list(StaffRole.ever.held_by(person))
    managed = set(estates_of(by, Role.MANAGER).values_list("pk", flat=True))
    return bool(roles) and all(one.estate_id in managed and one.role != Role.AUDITOR for one in roles)


def must_manage_account(by: User, person: User) -> None:
    """Raises ``Forbidden`` unless ``by`` may manage this account."""
    if not may_manage_account(by, person):
        raise Forbidden(_("The security administrator must do this."))


def may_reset_factor(by: User, person: User) -> bool:
    """Whether ``by`` is one of the two who may reset this person's second factor; never one's own.

    Of an administrator, the system administrators may too: there may be only one for security.
    """
    if by.pk == person.pk:
        return False
    if person.administration and is_system_admin(by):
        return True
    return is_security_admin(by) or may_manage_account(by, person)


def must_reset_factor(by: User, person: User) -> None:
    """Raises ``Forbidden`` unless ``by`` may reset this person's second factor."""
    if not may_reset_factor(by, person):
        raise Forbidden(_("The security administrator must do this."))


def may_renew_access(by: User, person: User) -> bool:
    """Whether ``by`` may make a link for a new password, with which its holder can sign in as the person.

    Requires managing all estates where the person and those for whom they act live.
    """
    if is_security_admin(by) or not may_manage_account(by, person):
        return may_manage_account(by, person)
    acting_for = Delegation.objects.open().filter(delegate=person).values("resident")
    living = Residency.objects.active().filter(Q(user=person) | Q(user__in=acting_for))
    managed = estates_of(by, Role.MANAGER)
    return not living.exclude(home__entrance__building__estate__in=managed).exists()


def must_renew_access(by: User, person: User) -> None:
    """Raises ``Forbidden`` unless ``by`` may renew this person's access."""
    if not may_renew_access(by, person):
        raise Forbidden(_("The security administrator must do this."))


def must_edit_roster(actor: User, estate: Estate) -> None:
    """Raises ``Forbidden`` unless ``actor`` is the estate's desk."""
    must_be_desk_of(actor, estate)


def may_change_number(actor: User, person: User) -> bool:
    """Whether ``actor`` may change the number with which this person signs in.

    The person and the security administrator may; so may the desk of all homes of a person without a role and
    of all homes of those for whom they act, since those rights go with the number.
    """
    if actor.pk == person.pk or (is_security_admin(actor) and not person.administration):
        return True
    if is_staff_person(person) or not is_desk_for_all_homes_of(actor, person):
        return False
    given = Delegation.objects.open().filter(delegate=person).values("resident")
    return all(is_desk_for_all_homes_of(actor, resident) for resident in User.objects.filter(pk__in=given))


def may_confirm(actor: User, residency: Residency) -> bool:
    """Whether ``actor`` may confirm this request: the desk of the estate or an owner of the home, never the
    person.
    """
    if residency.user_id == actor.pk:
        return False
    owning = Residency.objects.active().filter(user=actor, home=residency.home_id, kind=Residency.Kind.OWNER)
    return has_role(actor, residency.home.estate.pk, *StaffRole.DESK) or owning.exists()


def lodgers_of(owner: User) -> ResidencyQuerySet:
    """Returns the residencies that this person may end as an owner: those of the others in the homes they own,
    but never another owner's.
    """
    owned = Residency.objects.active().filter(user=owner, kind=Residency.Kind.OWNER).values("home")
    lodging = Residency.objects.active().filter(home__in=owned).exclude(user=owner)
    return lodging.exclude(kind=Residency.Kind.OWNER)


def start_page(user: User) -> str:
    """Returns the address of the page with which this person's work begins, by their roles."""
    roles = roles_of(user)
    if is_city_operator(user):
        return "/staff/city/"
    if not roles:
        return "/admin/" if may_open_admin(user, roles) else "/"
    pages = (page for service in declared() for page in service.start_pages)
    return next((reverse(page.url_name) for page in pages if page.opens_for(roles)), "/staff/")


def scopes_for(user: User) -> list[str]:
    """Returns the scopes that a token of this person may have, never more than their pages allow."""
    if user.administration:
        return []
    roles = roles_of(user)
    return [scope.name for scope in scopes() if scope.is_for(roles)]
