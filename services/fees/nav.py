"""The entry of fees in the side nav."""

from django.utils.translation import gettext_lazy as _

from accounts.policies import estates_of
from community.core.services.nav import NavEntry, Worker
from services.fees.queries import to_check
from services.fees.roles import COUNTING


def _to_check(worker: Worker) -> int:
    """Payments and refunds that do not fit, and wait for a cashier."""
    return to_check(estates_of(worker.user, *COUNTING))


NAV = (
    NavEntry(
        position=50,
        url="/staff/fees/",
        label=_("Fees"),
        icon="receipt",
        tone="brand",
        roles=frozenset(COUNTING),
        count=_to_check,
        hint=_("Counter, bills, arrears"),
    ),
)
