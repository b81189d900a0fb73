"""Money back: by whom, until when, and where it comes from."""

from datetime import timedelta

import pytest

from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.notifications.models import OutboxMessage
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import LedgerTransaction, Payment, Refund, SandboxOrder
from services.fees.providers import sandbox
from tests.factories import (
    make_bill,
    make_cashier,
    make_payment,
    make_resident,
)
from tests.support.books import assert_in_balance
from tests.support.paying import begin, give_back, held, open_order, take_payment

pytestmark = pytest.mark.django_db


def test_refund__by_the_resident_in_time__opens_the_bill_and_asks_the_provider(
    django_capture_on_commit_callbacks,
):
    bill = make_bill()
    payment = make_payment(bills=[bill])
    open_order(payment)
    pay_at_sandbox(payment)
    with django_capture_on_commit_callbacks(execute=True):
        actions.request_refund(payment=payment, by=payment.payer, now=clock.now())
    refund = Refund.objects.get()
    bill.refresh_from_db()
    assert (bill.status, bill.paid_fen, refund.status) == ("open", 0, "done")
    assert refund.provider_number.endswith("R")
    assert OutboxMessage.objects.filter(template="refund_done", recipient=payment.payer).exists()
    assert_in_balance()


def pay_at_sandbox(payment: Payment) -> None:
    order = SandboxOrder.objects.get(order_number=payment.order_number)
    sandbox.press_button(order, "pay", now=clock.now())
    actions.query_provider(payment=payment, now=clock.now())
    assert payment.status == "paid"


def test_refund__by_the_resident_too_late__is_refused_in_plain_words():
    payment = make_payment(paid=True)
    later = clock.now() + timedelta(minutes=11)
    with pytest.raises(ActionError) as refused:
        actions.request_refund(payment=payment, by=payment.payer, now=later)
    assert refused.value.code == "refund_too_late"
    assert not Refund.objects.exists()


def test_refund__by_the_cashier_later__needs_a_reason_and_is_recorded():
    payment = make_payment(paid=True)
    cashier, later = make_cashier(estate=payment.estate), clock.now() + timedelta(days=3)
    with pytest.raises(ActionError) as refused:
        actions.request_refund(payment=payment, by=cashier, reason=" ", now=later)
    assert refused.value.field == "reason"
    refund = actions.request_refund(payment=payment, by=cashier, reason="缴错房号", now=later)
    assert (refund.status, payment.status) == ("asked", "paid")
    assert AuditRecord.objects.filter(action="fees.refund_asked", actor=cashier).exists()
    actions.approve_refund(refund=refund, by=make_cashier(estate=payment.estate), now=later)
    payment.refresh_from_db()
    assert (refund.status, payment.status) == ("pending", "refunded")
    assert_in_balance()


def test_refund__cash__goes_over_the_counter_when_another_agrees():
    bill = make_bill()
    payment = take_payment(bill.home, {bill.pk: 10000}, extra_fen=500)
    refund = give_back(payment, asks=make_cashier(estate=bill.estate))
    assert refund.status == "done"
    assert (held(bill.home), ledger.money_account("cash", bill.estate_id).balance_fen) == (0, 0)
    assert_in_balance()


def test_refund__cash_by_the_resident__is_sent_to_the_counter():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    payment = take_payment(bill.home, {bill.pk: 10000}, payer=payer)
    with pytest.raises(ActionError) as refused:
        actions.request_refund(payment=payment, by=payer, now=clock.now())
    assert refused.value.code == "refund_at_counter"


def test_refund__twice__is_one():
    payment = make_payment(paid=True)
    cashier = make_cashier(estate=payment.estate)
    first = give_back(payment, asks=cashier)
    again = Payment.objects.get(pk=payment.pk)
    assert actions.request_refund(payment=again, by=cashier, reason="缴错", now=clock.now()) == first
    assert LedgerTransaction.objects.filter(kind="refund").count() == 1


def test_refund__what_became_prepayment_and_was_used__is_refused_and_nothing_changes():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    payment = take_payment(bill.home, {}, extra_fen=30000, payer=payer)
    begin([bill], payer, use_prepayment=True)
    with pytest.raises(ActionError) as refused:
        give_back(payment, asks=make_cashier(estate=bill.estate))
    assert refused.value.code == "prepayment_used"
    payment.refresh_from_db()
    assert (payment.status, payment.refunds.get().status) == ("paid", "asked")
    assert_in_balance()


def test_refund__of_a_bill_voided_since__comes_from_the_prepayment():
    bill = make_bill()
    payment = make_payment(bills=[bill], paid=True)
    cashier = make_cashier(estate=bill.estate)
    bill.refresh_from_db()
    billing.void_bill(bill=bill, reason="重复", by=cashier, now=clock.now())
    give_back(payment, asks=cashier)
    assert held(bill.home) == 0
    assert_in_balance()


def test_refund__paid_from_prepayment_or_not_paid__is_refused():
    bill = make_bill()
    payer, cashier = make_resident(home=bill.home), make_cashier(estate=bill.estate)
    waiting = begin([bill], payer)
    take_payment(bill.home, {}, extra_fen=30000)
    ahead = begin([bill], payer, channel=Payment.PREPAYMENT)
    codes = []
    for payment in (waiting, ahead):
        with pytest.raises(ActionError) as refused:
            actions.request_refund(payment=payment, by=cashier, reason="缴错", now=clock.now())
        codes.append(refused.value.code)
    assert codes == ["not_paid", "paid_ahead"]


def test_refund__by_a_stranger__is_forbidden():
    with pytest.raises(Forbidden):
        actions.request_refund(payment=make_payment(paid=True), by=make_resident(), now=clock.now())
