"""Entries of renovation in the side navigation: projects, and the homes of a crew."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import Role
from community.core.services.nav import NavEntry, StaffMember
from services.renovation.queries import count_waiting
from services.renovation.roles import OVERSEEING


def _waiting(member: StaffMember) -> int:
    return count_waiting(member.user)


NAV = (
    NavEntry(
        position=70,
        url="/staff/renovation/",
        label=_("Renovation"),
        icon="hammer",
        tone="build",
        roles=frozenset(OVERSEEING),
        count=_waiting,
        hint=_("Homes, progress, the week"),
        areas=("renovation",),
    ),
    NavEntry(
        position=71,
        url="/crew/",
        label=_("My homes today"),
        icon="hammer",
        tone="build",
        roles=frozenset({Role.CREW}),
        hint=_("My jobs"),
    ),
)
