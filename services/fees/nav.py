"""The entry of fees in the side nav."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from accounts.policies import estates_of
from community.core.services.nav import NavEntry, StaffMember
from services.fees.funds.queries import count_questions
from services.fees.matching.queries import count_open
from services.fees.models import (
    Dispute,
    FundLine,
    InvoiceRequest,
    LateFeeWaiver,
    LedgerReversal,
    Reduction,
)
from services.fees.queries import count_to_check
from services.fees.roles import CASHIERS, DESK, FEES_STAFF, METER_READERS


def _to_check(member: StaffMember) -> int:
    """Counts payments and refunds that wait for a cashier's check, differences from statements, disputed bills
    and invoices, the waivers, reversals, reductions and lines of funds to which this person may be the second to
    agree, and residents' questions about funds.
    """
    questions = count_questions(access_of(member.user).estates(*DESK))
    estates = list(estates_of(member.user, *CASHIERS))
    if not estates:
        return questions
    by_another = ~Q(asked_by=member.user)
    waivers = LateFeeWaiver.objects.filter(by_another, bill__estate__in=estates)
    waiting = (
        Dispute.objects.open().filter(bill__estate__in=estates),
        InvoiceRequest.objects.open().filter(estate__in=estates),
        waivers.filter(status=LateFeeWaiver.Status.ASKED),
        LedgerReversal.objects.waiting().filter(by_another, estate__in=estates),
        Reduction.objects.waiting().filter(by_another, item__estate__in=estates),
        FundLine.objects.waiting().filter(by_another, fund__estate__in=estates),
    )
    counted = count_to_check(estates) + count_open(member.user) + questions
    return counted + sum(rows.count() for rows in waiting)


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
