"""Deposits: taken at the counter, held on an account of their own, paid back by two people, with deductions."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError, Forbidden
from services.fees import policies
from services.fees.actions.counter import CounterPayment, check_way, create_and_receive, payment_request
from services.fees.actions.payment_requests import MAX_PAYMENT_FEN, find_or_make
from services.fees.actions.payouts import Payout, ask_once, check_payout
from services.fees.actions.reasons import check_reason
from services.fees.actions.refund_books import more_than_left
from services.fees.models import Account, Deposit, FeeItem, Payment, Refund

MAX_WORDS = 60


@dataclass(frozen=True)
class DepositTaken:
    """A deposit that a cashier takes: ``words`` say for what, such as a plate; ``paid`` has no bills."""

    kind: str
    words: str
    amount_fen: int
    paid: CounterPayment


@dataclass(frozen=True)
class Deduction:
    """Fen that are kept of a deposit, as income of a fee item."""

    fen: int = 0
    item: FeeItem | None = None


def take_deposit(taken: DepositTaken, *, by: User, now: datetime) -> Deposit:
    """Takes a deposit at the counter by a payment of its own, with its receipt; returns it.

    Repeating it with the same key returns the same deposit. Raises ``Forbidden``, and ``ActionError`` with
    the field for a wrong kind or amount, too many words, and as ``take_payment`` does.
    """
    home = taken.paid.home
    policies.require("take_payment", by, home.estate.pk)
    if taken.kind not in Deposit.Kind.values:
        raise ActionError("unknown_kind", _("Please choose what the deposit is for."), field="kind")
    if not 0 < taken.amount_fen <= MAX_PAYMENT_FEN:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount")
    if len(taken.words.strip()) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 60 characters."), field="words")

    def take() -> Payment:
        check_way(taken.paid)
        request = payment_request(taken.paid, extra_fen=taken.amount_fen, by=by, channel=taken.paid.channel)
        return create_and_receive(
            request, "fees.deposit_taken", rest_to=lambda payment: _open(taken, payment, now), now=now
        )

    payment = find_or_make(taken.paid.key, by, take)
    deposit = Deposit.objects.with_row().filter(payment=payment).first()
    if deposit is None:
        raise ActionError("key_used", _("This page was used before. Please begin again."))
    return deposit


def _open(taken: DepositTaken, payment: Payment, now: datetime) -> Account:
    return open_deposit(payment, kind=taken.kind, words=taken.words.strip(), now=now).account


def open_deposit(payment: Payment, *, kind: str, words: str, now: datetime) -> Deposit:
    """Creates the deposit of a payment, of its home and amount, with an account of its own."""
    account = Account.objects.create(
        estate_id=payment.estate_id,
        kind=Account.Kind.DEPOSIT,
        key=f"deposit:{payment.pk}",
        home_id=payment.home_id,
    )
    return Deposit.objects.create(
        estate_id=payment.estate_id,
        home_id=payment.home_id,
        payment=payment,
        account=account,
        kind=kind,
        words=words,
        amount_fen=payment.amount_fen,
        created_at=now,
    )


def ask_deposit_back(
    *, deposit: Deposit, payout: Payout, deduction: Deduction, by: User, now: datetime
) -> Refund:
    """Asks that a deposit is paid back, whole or in part, less a deduction; returns the refund, which waits.

    Repeating it with the same key returns the same refund. Raises ``Forbidden``, and ``ActionError`` with the
    field for more than is held, a deduction without a fee item, another request that waits, and as
    ``check_payout`` does.
    """
    if not policies.may_return(by, deposit):
        raise Forbidden
    if made := Refund.objects.filter(key=payout.key, deposit=deposit).first():
        return made
    check_reason(payout.reason)
    check_payout(payout, may_be_nothing=deduction.fen > 0)
    _check_deduction(deposit, deduction)
    deposit.account.refresh_from_db(fields=["held_fen"])
    if payout.amount_fen + deduction.fen > deposit.held_fen:
        raise more_than_left(deposit.held_fen)
    refund = payout.refund(estate_id=deposit.estate_id, home_id=deposit.home_id)
    refund.deposit = deposit
    refund.kept_fen, refund.kept_item = deduction.fen, deduction.item if deduction.fen else None
    return ask_once(refund, by=by, now=now)


def _check_deduction(deposit: Deposit, deduction: Deduction) -> None:
    if deduction.fen < 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="kept")
    item = deduction.item
    if deduction.fen and (item is None or item.estate_id != deposit.estate_id):
        raise ActionError("item_missing", _("Please choose a fee item for what is kept."), field="kept_item")
