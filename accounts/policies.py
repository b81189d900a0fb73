"""Who may, as far as people and roles go."""

from django.db.models import QuerySet

from accounts.models import Delegation, Residency, StaffRole, User
from community.estates.models import Estate, Home

Role = StaffRole.Role


def estates_of(user: User, *roles: str) -> QuerySet[Estate]:
    """The estates in which ``user`` has one of these roles (any role, if none is named)."""
    held = StaffRole.objects.filter(user=user)
    if roles:
        held = held.filter(role__in=roles)
    return Estate.objects.filter(pk__in=held.values("estate"))


def has_role(user: User, estate_id: int, *roles: str) -> bool:
    return StaffRole.objects.filter(user=user, estate_id=estate_id, role__in=roles).exists()


def homes_of(user: User) -> QuerySet[Home]:
    """The homes in which this person lives or that they own, confirmed and not ended."""
    return Home.objects.filter(pk__in=Residency.objects.active().filter(user=user).values("home"))


def may_act_for(actor: User, resident: User, service: str, *, estate_id: int) -> bool:
    """Oneself; a delegate for this service; the front desk, in the estate that it concerns.

    The desk may do whatever a resident can, for one who phoned or came.
    """
    if actor.pk == resident.pk:
        return True
    if Delegation.objects.active().filter(resident=resident, delegate=actor, service=service).exists():
        return True
    return has_role(actor, estate_id, Role.FRONT_DESK, Role.MANAGER)
