"""The entries of help in the side nav."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import Role
from community.core.services.nav import NavEntry, StaffMember
from services.help import queries
from services.help.roles import OVERSEEING


def _answers_calls(member: StaffMember) -> bool:
    return bool(member.roles & set(OVERSEEING)) or queries.is_on_duty(member.user, member.now)


def _open_calls(member: StaffMember) -> int:
    return queries.count_unfinished(member.user, member.now)


def _uncovered_hours(member: StaffMember) -> int:
    return queries.uncovered_hours(member.user, member.now)


NAV = (
    # Calls for help come first; hours without duty are announced days before.
    NavEntry(
        position=10,
        url="/staff/help/",
        label=_("Help"),
        icon="bell",
        tone="help",
        is_open=_answers_calls,
        count=_open_calls,
        areas=("help",),
    ),
    NavEntry(
        position=11,
        url="/staff/help/duty/",
        label=_("Duty gaps"),
        icon="clock",
        tone="help",
        roles=frozenset({Role.MANAGER}),
        count=_uncovered_hours,
        hides_at_zero=True,
        areas=("help",),
    ),
)
