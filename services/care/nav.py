"""Entries of elderly care in the side navigation."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import Role, estates_of
from community.core import clock
from community.core.services.nav import NavEntry, StaffMember
from services.care.models import CareBooking
from services.care.roles import COORDINATING, OVERSEEING

AHEAD_DAYS = 7


def _visits_without_carer(member: StaffMember) -> int:
    """Counts visits of the next seven days without a carer, for users who assign carers."""
    if not member.roles & set(COORDINATING):
        return 0
    unassigned = CareBooking.objects.filter(
        status=CareBooking.Status.BOOKED, service__needs_carer=True, carer=None
    )
    estates = estates_of(member.user, *COORDINATING)
    return unassigned.filter(estate__in=estates).of_days(clock.today(member.now), AHEAD_DAYS).count()


def _my_visits(member: StaffMember) -> int:
    """Counts today's visits that are still to be made."""
    mine = CareBooking.objects.open().filter(carer=member.user)
    return mine.of_days(clock.today(member.now)).count()


NAV = (
    NavEntry(
        position=60,
        url="/staff/care/",
        label=_("Elderly care"),
        icon="heart",
        tone="care",
        roles=frozenset(OVERSEEING),
        count=_visits_without_carer,
        hint=_("The week, by carer"),
        areas=("care",),
    ),
    NavEntry(
        position=80,
        url="/care-work/",
        label=_("My visits"),
        icon="heart",
        tone="care",
        roles=frozenset({Role.CARER}),
        count=_my_visits,
        areas=("care",),
    ),
)
