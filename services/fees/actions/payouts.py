"""Paying out a prepayment, also what is left of it when the last resident has moved out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, Forbidden
from services.fees import policies
from services.fees.actions.reasons import check_reason
from services.fees.actions.refund_books import more_than_left
from services.fees.actions.refunds import ask_second, create_refund, waits_already
from services.fees.models import Account, Payment, Refund

MAX_NAME = 40


@dataclass(frozen=True)
class Payout:
    """Money that goes out at the counter: ``channel`` is one of ``Payment.AT_COUNTER``.

    ``slip_number`` is the number that it has there, which only cash has not; ``payee_name`` is who receives
    it; ``key`` identifies the request.
    """

    amount_fen: int
    channel: str
    slip_number: str
    payee_name: str
    reason: str
    key: UUID

    def refund(self, *, estate_id: int, home_id: int) -> Refund:
        """Returns a refund of it that is not saved yet."""
        return Refund(
            estate_id=estate_id,
            home_id=home_id,
            key=self.key,
            amount_fen=self.amount_fen,
            channel=self.channel,
            slip_number="" if self.channel == Payment.CASH else self.slip_number.strip(),
            payee_name=self.payee_name.strip(),
            reason=self.reason.strip(),
        )


def check_payout(payout: Payout, *, may_be_nothing: bool = False) -> None:
    """Checks amount, way and payee. Raises ``ActionError`` with the field; the reason is checked elsewhere."""
    if payout.amount_fen < 0 or not (payout.amount_fen or may_be_nothing):
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount")
    if payout.channel not in Payment.AT_COUNTER:
        raise ActionError("unknown_way", _("Please choose how it is paid."), field="channel")
    if payout.amount_fen and payout.channel != Payment.CASH and not payout.slip_number.strip():
        raise ActionError("slip_missing", _("Please type the number on the slip."), field="slip_number")
    if not payout.payee_name.strip():
        raise ActionError("payee_missing", _("Please type who receives it."), field="payee_name")
    for name in ("slip_number", "payee_name"):
        if len(getattr(payout, name).strip()) > MAX_NAME:
            raise ActionError("too_long", _("Please keep it under 40 characters."), field=name)


def ask_payout(*, account: Account, payout: Payout, by: User, now: datetime) -> Refund:
    """Asks that a prepayment is paid out, whole or in part; returns the refund, which waits for a second person.

    Repeating it with the same key returns the same refund. Raises ``Forbidden``, and ``ActionError`` with the
    field for more than is held, another request that waits, a missing reason and as ``check_payout`` does.
    """
    if not policies.may_pay_out(by, account):
        raise Forbidden
    if made := Refund.objects.filter(key=payout.key, account=account).first():
        return made
    check_reason(payout.reason)
    check_payout(payout)
    account.refresh_from_db(fields=["held_fen"])
    if account.kind != Account.Kind.PREPAYMENT or account.home_id is None:
        raise Forbidden
    if payout.amount_fen > account.held_fen:
        raise more_than_left(account.held_fen)
    refund = payout.refund(estate_id=account.estate_id, home_id=account.home_id)
    refund.account = account
    return ask_once(refund, by=by, now=now)


def ask_once(refund: Refund, *, by: User, now: datetime) -> Refund:
    """Saves a request that waits for a second person; of two at once with one key, both get the same.

    Raises ``ActionError`` (``refund_waits``) if another request of the same money waits.
    """
    try:
        with transaction.atomic():
            create_refund(refund, waits=True, by=by, now=now)
            ask_second(refund, now=now)
    except IntegrityError:
        made = Refund.objects.filter(key=refund.key).first()
        if made is None or made.made_by_id != by.pk:
            raise waits_already() from None
        return made
    return refund
