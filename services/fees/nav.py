"""The entry of fees in the side nav."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import estates_of
from community.core.services.nav import NavEntry, StaffMember
from services.fees.models import Dispute, LateFeeWaiver
from services.fees.queries import count_to_check
from services.fees.roles import FEES_STAFF, METER_READERS


def _to_check(member: StaffMember) -> int:
    """Counts payments and refunds that wait for a cashier's check, disputed bills, and waivers."""
    estates = estates_of(member.user, *FEES_STAFF)
    waiting = Dispute.objects.open().filter(bill__estate__in=estates).count()
    waivers = LateFeeWaiver.objects.filter(bill__estate__in=estates, status=LateFeeWaiver.Status.ASKED)
    return count_to_check(estates) + waiting + waivers.count()


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
