"""Who may do what with money: one table, read by pages, API, admin and actions alike."""

from datetime import datetime

from accounts.models import Delegation, Residency, User
from accounts.policies import has_role, may_act_for, may_name
from community.core.errors import Forbidden
from services.common.models.requests import TAKE_BACK
from services.fees import KEY
from services.fees.models import Payment, Refund
from services.fees.roles import CASHIERS, COUNTING

VERBS: dict[str, tuple[str, ...]] = {
    "take_cash": CASHIERS,
    "use_prepayment": CASHIERS,
    "void_bill": CASHIERS,
    "refund": CASHIERS,
    "approve_refund": CASHIERS,
    "resolve_doubt": CASHIERS,
    "print_receipt": CASHIERS,
    "set_tariff": CASHIERS,
    "bill": CASHIERS,
    "look": COUNTING,
}


def may(verb: str, user: User, estate_id: int) -> bool:
    """Whether a member of staff may take ``verb`` in an estate."""
    return has_role(user, estate_id, *VERBS[verb])


def require(verb: str, user: User, estate_id: int) -> None:
    if not may(verb, user, estate_id):
        raise Forbidden


def may_pay_for(user: User, payer: User, estate_id: int) -> bool:
    """Oneself, a delegate for fees, and the desk for one who phoned or came. A cashier takes cash: ``take_cash``."""
    return may_act_for(user, payer, KEY, estate_id=estate_id)


def may_name_payer(user: User, payer: User) -> bool:
    """Whether ``user`` may pay for this person in some estate, and so learns that they are there."""
    return may_name(user, payer, KEY)


def stands_for_payer(user: User, payment: Payment) -> bool:
    """The resident whose payment it is, or who may act for them."""
    return payment.payer is not None and may_pay_for(user, payment.payer, payment.estate_id)


def is_own_money(user: User, home_id: int, person_id: int | None) -> bool:
    """Whether a member of staff lives in this home, or is, or acts for, the person whose money it is.

    Nobody decides about their own bills and payments at the counter.
    """
    if person_id == user.pk or Residency.objects.active().filter(user=user, home=home_id).exists():
        return True
    acted_for = Delegation.objects.residents_of(user, KEY)
    return person_id is not None and acted_for.filter(pk=person_id).exists()


def may_refund(user: User, payment: Payment) -> bool:
    """Whether a member of staff may pay this payment back, or ask for it."""
    is_own = is_own_money(user, payment.home_id, payment.payer_id)
    return may("refund", user, payment.estate_id) and not is_own


def may_approve(user: User, refund: Refund) -> bool:
    """Whether this person may be the second one: never who asked for it, nor for their own household."""
    payment = refund.payment
    if refund.made_by_id == user.pk or is_own_money(user, payment.home_id, payment.payer_id):
        return False
    return may("approve_refund", user, payment.estate_id)


def can_be_paid_back(payment: Payment) -> bool:
    """Whether there is money of it that can go back the way it came."""
    return payment.status == Payment.Status.PAID and payment.channel != Payment.PREPAYMENT


def may_take_back(user: User, payment: Payment, now: datetime) -> bool:
    """Whether the payer's own page offers to take it back, without a reason: for ten minutes, not of cash."""
    return can_be_paid_back(payment) and is_taken_back_in_time(user, payment, now)


def is_taken_back_in_time(user: User, payment: Payment, now: datetime) -> bool:
    """Whoever stands for the payer has changed their mind within ten minutes."""
    is_in_time = payment.paid_at is not None and now <= payment.paid_at + TAKE_BACK
    return is_in_time and payment.channel != Payment.CASH and stands_for_payer(user, payment)
