"""The entry of fees in the side nav."""

from django.utils.translation import gettext_lazy as _

from community.core.services.nav import NavEntry, StaffMember
from services.fees.roles import FEES_STAFF, METER_READERS
from services.fees.waits import for_nav


def _to_check(member: StaffMember) -> int:
    return for_nav(member.user)


NAV = (
    NavEntry(
        position=50,
        url="/staff/fees/",
        label=_("Fees"),
        icon="receipt",
        tone="brand",
        roles=frozenset(FEES_STAFF),
        count=_to_check,
        hint=_("Counter, bills, arrears"),
        areas=("fees",),
    ),
    NavEntry(
        position=92,
        url="/work/meters/",
        label=_("Meter round"),
        icon="clipboard",
        tone="brand",
        roles=frozenset(METER_READERS),
        hint=_("Read meters on a phone"),
        areas=(),
    ),
)
