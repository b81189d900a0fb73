"""A receipt is handed out once; whatever is printed after it says that it was printed again."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError
from services.fees import policies
from services.fees.models import Payment


def print_receipt(*, payment: Payment, by: User, now: datetime) -> bool:
    """Note that a receipt is printed at the counter, to be handed out. True if it was printed before.

    One conditional UPDATE decides which of two prints at the same moment is the first.
    """
    policies.require("print_receipt", by, payment.estate_id)
    if payment.paid_at is None:
        raise ActionError("not_paid", _("This payment was not paid."))
    first = Payment.objects.filter(pk=payment.pk, printed_at=None).update(printed_at=now)
    audit.record(
        "fees.receipt_printed",
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
    )
    return not first
