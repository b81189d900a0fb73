"""Permissions for money: one table, read by pages, API, admin and actions alike."""

from datetime import datetime

from accounts.models import User, access_of
from accounts.policies import has_role, may_act_for, may_name
from community.core.errors import Forbidden
from services.common.models.requests import TAKE_BACK
from services.fees import KEY
from services.fees.models import Payment, Refund
from services.fees.roles import CASHIERS, DESK, FEES_STAFF, METER_READERS

ROLES_BY_VERB: dict[str, tuple[str, ...]] = {
    "take_payment": CASHIERS,
    "use_prepayment": CASHIERS,
    "void_bill": CASHIERS,
    "refund": CASHIERS,
    "approve_refund": CASHIERS,
    "resolve_doubt": CASHIERS,
    "print_receipt": CASHIERS,
    "set_tariff": CASHIERS,
    "charge": CASHIERS,
    "keep_till": CASHIERS,
    "void_receipt": CASHIERS,
    "set_series": CASHIERS,
    "bill": CASHIERS,
    "set_late_fee": CASHIERS,
    "ask_waiver": CASHIERS,
    "answer_waiver": CASHIERS,
    "dispute": DESK,
    "answer_dispute": CASHIERS,
    "dun": CASHIERS,
    "note_call": DESK,
    "mark_hardship": CASHIERS,
    "open_books": CASHIERS,
    "look": FEES_STAFF,
    "keep_meters": CASHIERS,
    "read_meters": METER_READERS,
    "decide_reading": CASHIERS,
}


def may(verb: str, user: User, estate_id: int) -> bool:
    """Whether a member of staff may take ``verb`` in an estate."""
    return has_role(user, estate_id, *ROLES_BY_VERB[verb])


def require(verb: str, user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` if the member of staff may not take ``verb`` in the estate."""
    if not may(verb, user, estate_id):
        raise Forbidden


def may_pay_for(user: User, payer: User, estate_id: int) -> bool:
    """Whether the user may pay for the payer: themselves, a delegate for fees, or the desk for a caller or
    visitor.

    A cashier takes cash by another verb, ``take_payment``.
    """
    return may_act_for(user, payer, KEY, estate_id=estate_id)


def may_read_own(user: User, home_id: int) -> bool:
    """Whether the user lives in this home, or pays for somebody who does: their reading waits for the office."""
    return home_id in access_of(user).homes(KEY)


def may_know_payer(user: User, payer: User) -> bool:
    """Whether ``user`` may pay for this person in some estate, and so may know that they exist."""
    return may_name(user, payer, KEY)


def may_act_for_payer(user: User, payment: Payment) -> bool:
    """Whether the user is the payer of the payment, or may act for them."""
    return payment.payer is not None and may_pay_for(user, payment.payer, payment.estate_id)


def is_own_money(user: User, home_id: int, person_id: int | None) -> bool:
    """Whether a member of staff lives in this home, or is, or acts for, the person whose money it is.

    Nobody decides about their own bills and payments at the counter.
    """
    if person_id == user.pk or home_id in access_of(user).homes():
        return True
    return person_id in access_of(user).acts_for(KEY)


def may_refund(user: User, payment: Payment) -> bool:
    """Whether a member of staff may refund this payment, or request it."""
    is_own = is_own_money(user, payment.home_id, payment.payer_id)
    return may("refund", user, payment.estate_id) and not is_own


def may_approve(user: User, refund: Refund) -> bool:
    """Whether the user may be the second person: not the one who asked, and not for their own money."""
    payment = refund.payment
    if refund.made_by_id == user.pk or is_own_money(user, payment.home_id, payment.payer_id):
        return False
    return may("approve_refund", user, payment.estate_id)


def can_be_paid_back(payment: Payment) -> bool:
    """Whether the payment is paid and its money can go back the way it came."""
    return payment.status == Payment.Status.PAID and payment.channel != Payment.PREPAYMENT


def may_take_back(user: User, payment: Payment, now: datetime) -> bool:
    """Whether the payer's page offers to take the payment back, without a reason: for ten minutes,
    payments at the counter excepted.
    """
    return can_be_paid_back(payment) and may_still_take_back(user, payment, now)


def may_still_take_back(user: User, payment: Payment, now: datetime) -> bool:
    """Whether the user acts for the payer and the ten minutes after paying have not passed; never at the counter."""
    is_in_time = payment.paid_at is not None and now <= payment.paid_at + TAKE_BACK
    return is_in_time and not payment.is_at_counter and may_act_for_payer(user, payment)
