"""The entries of repairs in the side nav."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import Role, estates_of
from community.core.services.nav import NavEntry, StaffMember
from services.repairs.models import Repair
from services.repairs.roles import OVERSEEING


def _new_repairs(member: StaffMember) -> int:
    fresh = [Repair.Status.NEW, Repair.Status.REOPENED]
    return Repair.objects.filter(estate__in=estates_of(member.user, *OVERSEEING), status__in=fresh).count()


def _my_jobs(member: StaffMember) -> int:
    return Repair.objects.in_hand().filter(worker=member.user).count()


NAV = (
    NavEntry(
        position=20,
        url="/staff/repairs/",
        label=_("Repairs"),
        icon="board",
        tone="repair",
        roles=frozenset(OVERSEEING),
        count=_new_repairs,
        areas=("repairs",),
    ),
    NavEntry(
        position=90,
        url="/work/",
        label=_("My jobs"),
        icon="tool",
        tone="repair",
        roles=frozenset({Role.REPAIR_WORKER}),
        count=_my_jobs,
        areas=("repairs",),
    ),
)
