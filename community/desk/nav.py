"""The entries of the desk in the side nav: the morning page, people, and the administration."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, StaffRole
from accounts.policies import Role, may_open_admin
from community.core.services.nav import NavEntry, StaffMember
from community.desk.roles import READING


def _home_requests(member: StaffMember) -> int:
    return Residency.objects.visible_to(member.user).exclude(user=member.user).requested().count()


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
        roles=frozenset({Role.MANAGER}),
        hint=_("Accounts, roles"),
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
