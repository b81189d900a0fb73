"""The cashier's counter: cash, in part too, and more than is owed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError
from community.estates.models import Estate, Home
from services.fees import policies
from services.fees.actions.opening import Wanted, check_lines, once, open_payment
from services.fees.actions.steps import changed, receive
from services.fees.models import Bill, Payment

MAX_NAME = 40


def take_cash(
    *,
    home: Home,
    amounts: dict[int, int],
    extra_fen: int,
    payer: User | None,
    payer_name: str,
    by: User,
    key: UUID,
    now: datetime,
) -> Payment:
    """Cash for bills of a home (fen by the bill's key), and ``extra_fen`` as its prepayment.

    The same ``key`` again returns the payment that it made. What a phone pays at the same moment is paid
    once: what a bill does not take any more becomes prepayment. Raises ``ActionError`` with the field.
    """
    policies.require("take_cash", by, home.estate.pk)

    def take() -> Payment:
        _check_payer(payer, payer_name, home.estate)
        wanted = Wanted(
            home=home,
            payer=payer,
            by=by,
            channel=Payment.CASH,
            key=key,
            lines=check_lines(Bill.objects.filter(home=home), amounts),
            extra_fen=extra_fen,
            payer_name=payer_name.strip(),
        )
        with transaction.atomic():
            payment = open_payment(wanted, now=now)
            receive(payment, by=by, now=now)
            _record(payment, by=by)
            changed(payment)
        return payment

    return once(key, by, take)


def _check_payer(payer: User | None, payer_name: str, estate: Estate) -> None:
    if len(payer_name.strip()) > MAX_NAME:
        raise ActionError("too_long", _("Please keep it under 40 characters."), field="payer_name")
    here = Estate.objects.filter(pk=estate.pk)
    if payer is not None and not User.objects.filter(pk=payer.pk).living_in(here).exists():
        raise ActionError("not_a_resident", _("Please choose a resident of this estate."), field="payer")


def _record(payment: Payment, *, by: User) -> None:
    audit.record(
        "fees.cash_taken",
        by=by,
        target=payment,
        estate_id=payment.estate_id,
        reference=payment.reference,
        fen=payment.amount_fen,
    )
