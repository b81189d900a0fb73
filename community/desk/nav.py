"""The entries of the desk in the side nav: the morning page, people, and the administration."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Approval, Residency, StaffRole
from accounts.policies import Role, is_city_operator, is_security_admin, is_system_admin, may_open_admin
from community.core.services.nav import NavEntry, StaffMember
from community.core.services.registry import by_two
from community.desk.roles import READING


def _home_requests(member: StaffMember) -> int:
    return Residency.objects.visible_to(member.user).exclude(user=member.user).requested().count()


def _to_agree(member: StaffMember) -> int:
    return Approval.objects.visible_to(member.user).waiting().exclude(asked_by=member.user).count()


def _may_agree(member: StaffMember) -> bool:
    """Whether some act by two is this person's to agree to."""
    kinds = by_two().values()
    of_roles = any(set(kind.roles) & member.roles for kind in kinds)
    administration = member.user.administration
    return of_roles or any(administration in (*kind.administrators, *kind.agreers) for kind in kinds)


def _appoints(member: StaffMember) -> bool:
    return is_system_admin(member.user) or is_security_admin(member.user)


def _keeps_staff(member: StaffMember) -> bool:
    return Role.MANAGER in member.roles or is_security_admin(member.user)


def _oversees(member: StaffMember) -> bool:
    return is_city_operator(member.user)


def _opens_admin(member: StaffMember) -> bool:
    return may_open_admin(member.user, set(member.roles))


NAV = (
    NavEntry(
        position=0,
        url="/staff/morning/",
        label=_("Morning page"),
        icon="sun",
        tone="brand",
        roles=frozenset(READING),
        hint=_("What is late, figures"),
    ),
    NavEntry(
        position=1,
        url="/staff/city/",
        label=_("Estates' figures"),
        icon="chart",
        tone="brand",
        is_open=_oversees,
        hint=_("Month by month"),
    ),
    NavEntry(
        position=100,
        url="/staff/residents/",
        label=_("Residents"),
        icon="users",
        tone="brand",
        roles=frozenset(StaffRole.DESK),
        hint=_("Find, register"),
    ),
    NavEntry(
        position=101,
        url="/staff/roster/",
        label=_("Roster"),
        icon="clipboard",
        tone="brand",
        roles=frozenset(StaffRole.DESK),
        hint=_("Find, correct, add"),
    ),
    NavEntry(
        position=102,
        url="/staff/residencies/",
        label=_("Home requests"),
        icon="home",
        tone="care",
        roles=frozenset({*StaffRole.DESK, Role.AUDITOR}),
        count=_home_requests,
        areas=("people",),
    ),
    NavEntry(
        position=103,
        url="/staff/people/",
        label=_("Staff"),
        icon="users",
        tone="build",
        is_open=_keeps_staff,
        hint=_("Accounts, roles"),
    ),
    NavEntry(
        position=104,
        url="/staff/approvals/",
        label=pgettext_lazy("approvals", "For two"),
        icon="shield",
        tone="care",
        is_open=_may_agree,
        count=_to_agree,
        areas=("approvals",),
    ),
    NavEntry(
        position=105,
        url="/staff/administrators/",
        label=_("Administrators"),
        icon="shield",
        tone="build",
        is_open=_appoints,
        hint=_("Appoint, end"),
    ),
    NavEntry(
        position=140,
        url="/admin/",
        label=_("Administration"),
        icon="settings",
        is_open=_opens_admin,
        hint=_("Lists, Excel"),
    ),
)
