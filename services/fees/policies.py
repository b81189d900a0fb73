"""Permissions for money: one table, read by pages, API, admin and actions alike."""

from datetime import datetime

from accounts.models import StaffRole, User, access_of
from accounts.policies import has_role, may_act_for, may_name
from community.core.errors import Forbidden
from services.common.models.requests import TAKE_BACK
from services.fees import KEY
from services.fees.models import (
    Account,
    BankedCash,
    Bill,
    Deposit,
    Dispute,
    Fund,
    LateFeeWaiver,
    LedgerReversal,
    Payment,
    Reduction,
    Refund,
    Shift,
)
from services.fees.roles import CASHIERS, DESK, FEES_STAFF, METER_READERS

ROLES_BY_VERB: dict[str, tuple[str, ...]] = {
    "take_payment": CASHIERS,
    "use_prepayment": CASHIERS,
    "void_bill": CASHIERS,
    "refund": CASHIERS,
    "approve_refund": CASHIERS,
    "move_payment": CASHIERS,
    "resolve_doubt": CASHIERS,
    "reconcile": CASHIERS,
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
    "close_books": CASHIERS,
    "reverse_entry": CASHIERS,
    "keep_funds": CASHIERS,
    "answer_fund": DESK,
    "ask_reduction": CASHIERS,
    "answer_reduction": CASHIERS,
    "issue_invoice": CASHIERS,
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


def may_ask_about_fund(user: User, fund: Fund) -> bool:
    """Whether the user lives in the estate of the fund."""
    return fund.estate_id in access_of(user).lived_in()


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


def may_give_up(user: User, payment: Payment) -> bool:
    """Whether the user may give a waiting payment up: for the payer, or as the cashier who shows the code."""
    return may_act_for_payer(user, payment) or may("take_payment", user, payment.estate_id)


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


def may_pay_out(user: User, account: Account) -> bool:
    """Whether a member of staff may request that a prepayment is paid out."""
    is_own = is_own_money(user, account.home_id or 0, account.person_id)
    return may("refund", user, account.estate_id) and not is_own


def may_return(user: User, deposit: Deposit) -> bool:
    """Whether a member of staff may request that a deposit is paid back."""
    is_own = is_own_money(user, deposit.home_id, deposit.payment.payer_id)
    return may("refund", user, deposit.estate_id) and not is_own


def may_approve(user: User, refund: Refund) -> bool:
    """Whether the user may be the second person: not the one who asked, and not for their own money."""
    if refund.made_by_id == user.pk or is_own_money(user, refund.home_id, refund.person_id):
        return False
    return may("approve_refund", user, refund.estate_id)


def may_move(user: User, payment: Payment, home_pk: int | None = None) -> bool:
    """Whether a member of staff may move the payment to another home: neither from nor to their own."""
    is_own = is_own_money(user, payment.home_id, payment.payer_id)
    is_to_own = home_pk is not None and is_own_money(user, home_pk, None)
    return may("move_payment", user, payment.estate_id) and not is_own and not is_to_own


def is_deposit(payment: Payment) -> bool:
    """Whether the payment was taken as a deposit, which is paid back as one."""
    return payment.origin.is_at_counter and Deposit.objects.filter(payment=payment).exists()


def may_dispute_again(user: User, bill: Bill) -> bool:
    """Whether an objection is open to the user: once for each bill, at the desk as often as there is cause."""
    answered = Dispute.objects.filter(bill=bill).exclude(status=Dispute.Status.WITHDRAWN)
    return may("dispute", user, bill.estate_id) or not answered.exclude(status=Dispute.Status.OPEN).exists()


def may_close(user: User, shift: Shift) -> bool:
    """Whether the user may close the shift: its cashier, or a manager once the cashier's role there has ended."""
    if not may("keep_till", user, shift.estate_id):
        return False
    if shift.cashier_id == user.pk:
        return True
    is_gone = not shift.cashier.is_active or not has_role(shift.cashier, shift.estate_id, *CASHIERS)
    return is_gone and has_role(user, shift.estate_id, StaffRole.Role.MANAGER)


def may_undo_banked(user: User, banked: BankedCash) -> bool:
    """Whether the user may be the second person: not the one who brought the cash, and not its shift's cashier."""
    if user.pk in (banked.made_by_id, banked.shift.cashier_id):
        return False
    return may("keep_till", user, banked.estate_id)


def may_answer_waiver(user: User, waiver: LateFeeWaiver) -> bool:
    """Whether the user may be the second person: not the one who asked, and not for their own home."""
    bill = waiver.bill
    if waiver.asked_by_id == user.pk or is_own_money(user, bill.home_id, bill.charged_to_id):
        return False
    return may("answer_waiver", user, bill.estate_id)


def may_answer_reduction(user: User, reduction: Reduction) -> bool:
    """Whether the user may be the second person: not the one who asked, and not for their own home."""
    if reduction.asked_by_id == user.pk or is_own_money(user, reduction.home_id, None):
        return False
    return may("answer_reduction", user, reduction.item.estate_id)


def may_confirm_reversal(user: User, reversal: LedgerReversal) -> bool:
    """Whether the user may be the second person: neither the one who asked, nor the cashier whose shift it is."""
    shift = reversal.reversed.shift
    if reversal.asked_by_id == user.pk or (shift is not None and shift.cashier_id == user.pk):
        return False
    return may("reverse_entry", user, reversal.estate_id)


def can_be_paid_back(payment: Payment) -> bool:
    """Whether something is left of the payment and its money can go back the way it came."""
    return bool(payment.left_fen) and payment.channel != Payment.PREPAYMENT and not is_deposit(payment)


def may_take_back(user: User, payment: Payment, now: datetime) -> bool:
    """Whether the payer's page offers to take the payment back, without a reason: for ten minutes,
    payments at the counter excepted.
    """
    return can_be_paid_back(payment) and may_still_take_back(user, payment, now)


def may_still_take_back(user: User, payment: Payment, now: datetime) -> bool:
    """Whether the user acts for the payer and the ten minutes after paying have not passed; never at the counter."""
    is_in_time = payment.paid_at is not None and now <= payment.paid_at + TAKE_BACK
    is_online = not payment.is_at_counter and payment.channel not in Payment.NO_MONEY
    return is_in_time and is_online and may_act_for_payer(user, payment)
