"""Paying: at a provider or from prepayment; credited once whatever is repeated."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.notifications.models import LiveTopic, OutboxMessage
from services.fees import actions
from services.fees.billing import actions as billing
from services.fees.models import Bill, LedgerTransaction, Payment, PaymentLine
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_home,
    make_payment,
    make_residency,
    make_resident,
    make_staff,
    make_user,
)
from tests.support.books import assert_in_balance
from tests.support.paying import begin, credit, held, take_payment

pytestmark = pytest.mark.django_db


# -- At a provider.


def test_pay__at_a_provider__settles_the_bill_and_tells_the_payer():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    payment = begin([bill], payer)
    assert (payment.status, payment.amount_fen) == ("pending", 23148)
    assert credit(payment) == "credited"
    bill.refresh_from_db()
    assert (bill.status, bill.unpaid_fen, payment.status) == ("settled", 0, "paid")
    told = OutboxMessage.objects.filter(recipient=payer, template="payment_received")
    assert sorted(told.values_list("channel", flat=True)) == ["inbox", "sms"]
    assert LiveTopic.objects.filter(name=payment.live_topic).exists()
    assert LiveTopic.objects.filter(name=bill.live_topic).exists()
    assert_in_balance()


def test_pay__several_bills__one_payment_settles_all():
    first = make_bill()
    second = make_bill(home=first.home)
    payment = make_payment(bills=[first, second], paid=True)
    assert payment.amount_fen == first.amount_fen + second.amount_fen
    assert set(Bill.objects.values_list("status", flat=True)) == {"settled"}
    assert_in_balance()


def test_pay__in_part__leaves_the_rest_open():
    bill = make_bill()
    make_payment(bills=[bill], amounts={bill.pk: 10000}, paid=True)
    bill.refresh_from_db()
    assert (bill.status, bill.unpaid_fen) == ("open", 13148)
    assert_in_balance()


def test_pay__same_key_twice__is_one_payment():
    bill = make_bill()
    payer, key = make_resident(home=bill.home), uuid4()
    assert begin([bill], payer, key=key) == begin([bill], payer, key=key)


def test_pay__same_key_after_it_was_paid__finds_it_quietly():
    bill = make_bill()
    payer, key = make_resident(home=bill.home), uuid4()
    payment = begin([bill], payer, key=key)
    credit(payment)
    assert begin([bill], payer, key=key).status == "paid"


def test_pay__somebody_elses_key__is_refused():
    bill = make_bill()
    key = uuid4()
    begin([bill], make_resident(home=bill.home), key=key)
    with pytest.raises(ActionError) as refused:
        begin([bill], make_resident(home=bill.home), key=key)
    assert refused.value.code == "key_used"


def test_pay__by_a_delegate_for_fees__is_the_mothers_and_tells_both():
    bill = make_bill()
    mother, daughter = make_resident(home=bill.home), make_user()
    make_delegation(resident=mother, delegate=daughter, service="fees")
    payment = begin([bill], mother, by=daughter)
    credit(payment)
    assert (payment.payer, payment.made_by) == (mother, daughter)
    assert payment.history.first().on_behalf_of == mother
    told = OutboxMessage.objects.filter(template="payment_received", channel="inbox")
    assert set(told.values_list("recipient", flat=True)) == {mother.pk, daughter.pk}


def test_pay__by_a_delegate_for_repairs_only__is_forbidden():
    bill = make_bill()
    mother, daughter = make_resident(home=bill.home), make_user()
    make_delegation(resident=mother, delegate=daughter, service="repairs")
    with pytest.raises(Forbidden):
        begin([bill], mother, by=daughter)


def test_pay__by_the_desk_for_who_phoned__is_marked_so():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    desk = make_staff(estate=bill.estate)
    payment = begin([bill], payer, by=desk)
    assert payment.history.first().actor == desk
    assert payment.history.first().on_behalf_of == payer


def test_credit__the_same_call_again__is_credited_once():
    payment = make_payment()
    assert [credit(payment) for _n in range(3)] == ["credited", "repeated", "repeated"]
    assert LedgerTransaction.objects.filter(kind="payment").count() == 1
    assert_in_balance()


@pytest.mark.parametrize("off", [-1, 1, -23148])
def test_credit__another_amount__credits_nothing(off: int):
    payment = make_payment()
    assert credit(payment, amount_fen=payment.amount_fen + off) == "wrong_amount"
    payment.refresh_from_db()
    assert payment.status == "pending"
    assert credit(payment) == "credited"
    assert_in_balance()


def test_credit__after_giving_up__is_money_all_the_same():
    payment = make_payment()
    actions.close_payment(payment=payment, by=payment.payer, now=clock.now())
    assert payment.status == "closed"
    assert credit(payment) == "credited"
    assert Bill.objects.get().status == "settled"
    assert_in_balance()


def test_credit__after_the_provider_said_no__is_money_all_the_same():
    payment = make_payment()
    actions.fail_payment(payment=payment, now=clock.now())
    assert OutboxMessage.objects.filter(template="payment_failed").exists()
    assert credit(payment) == "credited"


def test_credit__two_payments_of_one_bill__keeps_the_second_as_prepayment():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    payments = [begin([bill], payer), begin([bill], payer)]
    assert [credit(payments[0], "N1"), credit(payments[1], "N2")] == ["credited", "late"]
    bill.refresh_from_db()
    assert bill.paid_fen == bill.amount_fen
    assert held(bill.home) == bill.amount_fen
    assert list(PaymentLine.objects.order_by("pk").values_list("applied_fen", flat=True)) == [23148, 0]
    assert_in_balance()


def test_credit__same_payment_under_a_second_number__is_kept_as_prepayment_once():
    payment = make_payment()
    assert [credit(payment, number) for number in ("N1", "N2", "N2", "N1")] == [
        "credited",
        "second",
        "repeated",
        "repeated",
    ]
    assert Payment.objects.count() == 2
    assert held(payment.home) == payment.amount_fen
    assert_in_balance()


def test_credit__number_of_another_payment__credits_nothing():
    first, second = make_payment(), make_payment()
    credit(first, "N1")
    assert credit(second, "N1") == "number_used"
    second.refresh_from_db()
    assert second.status == "pending"


def test_credit__without_a_number__credits_nothing():
    assert credit(make_payment(), "") == "not_paid"


def test_credit__bill_voided_meanwhile__becomes_prepayment():
    bill = make_bill()
    payment = make_payment(bills=[bill])
    billing.void_bill(bill=bill, reason="重复", by=make_cashier(estate=bill.estate), now=clock.now())
    assert credit(payment) == "late"
    assert held(bill.home) == bill.amount_fen
    assert_in_balance()


def test_pay__without_a_phone__is_told_in_the_inbox_only():
    bill = make_bill()
    payer = make_resident(home=bill.home, phone="")
    credit(begin([bill], payer))
    assert OutboxMessage.objects.filter(recipient=payer).values_list("channel", flat=True).get() == "inbox"


# -- Bad input: named fields, plain words, nothing written.


def refused_begin(bills: list[Bill], payer: User, **overrides: Any) -> ActionError:
    before = Payment.objects.count()
    with pytest.raises(ActionError) as refused:
        begin(bills, payer, **overrides)
    assert str(refused.value.message)
    assert Payment.objects.count() == before
    assert_in_balance()
    return refused.value


@pytest.mark.parametrize("fen", [0, -1, -23148, 23149, 10**12])
def test_pay__impossible_amount__names_the_field(fen: int):
    bill = make_bill()
    refusal = refused_begin([bill], make_resident(home=bill.home), amounts={bill.pk: fen})
    assert refusal.field == "amounts"


def test_pay__nothing_chosen__names_the_field():
    assert refused_begin([], make_resident()).field == "bills"


def test_pay__foreign_bill__names_the_field():
    refusal = refused_begin([make_bill()], make_resident())
    assert (refusal.code, refusal.field) == ("not_your_bill", "bills")


def test_pay__foreign_bill_in_the_amounts__names_the_field():
    bill, foreign = make_bill(), make_bill()
    refusal = refused_begin([bill], make_resident(home=bill.home), amounts={foreign.pk: 100})
    assert (refusal.code, refusal.field) == ("not_your_bill", "bills")


def test_pay__bills_of_two_homes_at_once__names_the_field():
    bills = [make_bill(), make_bill()]
    payer = make_resident(home=bills[0].home)
    assert refused_begin(bills, payer).code == "several_homes"


def test_pay__amount_for_a_bill_of_ones_other_home__names_the_field():
    """It would have been paid on the first home's account."""
    bill, other = make_bill(), make_bill()
    payer = make_resident(home=bill.home)
    make_residency(user=payer, home=other.home)
    refusal = refused_begin([bill], payer, amounts={bill.pk: 100, other.pk: 100})
    assert (refusal.code, refusal.field) == ("not_your_bill", "bills")
    assert not Payment.objects.exists()


def test_pay__amount_for_a_bill_of_whom_one_acts_for__names_the_field():
    """In the mother's estate nobody was asked whether her daughter may pay as herself."""
    bill, mothers = make_bill(), make_bill()
    daughter = make_resident(home=bill.home)
    make_delegation(resident=make_resident(home=mothers.home), delegate=daughter, service="fees")
    assert refused_begin([bill], daughter, amounts={mothers.pk: 100}).field == "bills"
    assert refused_begin([mothers], daughter).code == "not_your_bill"


def test_pay__bill_in_anothers_name_of_the_same_home__names_the_field():
    mother = make_resident(home=make_home())
    home = mother.residencies.get().home
    son = make_resident(home=home)
    make_delegation(resident=mother, delegate=son, service="fees")
    assert refused_begin([make_bill(home=home, charged_to=mother)], son).code == "not_your_bill"


def test_pay__voided_or_settled_bill__names_the_field():
    home = make_home()
    payer = make_resident(home=home)
    bill, paid = make_bill(home=home), make_bill(home=home)
    make_payment(bills=[paid], payer=payer, paid=True)
    billing.void_bill(bill=bill, reason="重复", by=make_cashier(estate=bill.estate), now=clock.now())
    assert (refused_begin([bill], payer).code, refused_begin([paid], payer).code) == (
        "bill_voided",
        "bill_settled",
    )
    assert refused_begin([bill], payer).field == "bills"


@pytest.mark.parametrize("channel", ["", "cash", "wechat", "nobody"])
def test_pay__by_a_way_that_is_not_there__names_the_field(channel: str):
    bill = make_bill()
    assert refused_begin([bill], make_resident(home=bill.home), channel=channel).field == "channel"


# -- From prepayment.


def test_prepayment__that_is_enough__pays_at_once():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    take_payment(bill.home, {}, extra_fen=30000)
    payment = begin([bill], payer, use_prepayment=True)
    assert (payment.status, payment.channel, payment.amount_fen) == ("paid", "prepayment", 23148)
    assert held(bill.home) == 30000 - 23148
    assert Bill.objects.get().status == "settled"
    assert_in_balance()


def test_prepayment__that_is_not_enough__goes_first_and_the_rest_waits_for_the_provider():
    bill = make_bill()
    payer, key = make_resident(home=bill.home), uuid4()
    take_payment(bill.home, {}, extra_fen=10000)
    payment = begin([bill], payer, use_prepayment=True, key=key)
    assert begin([bill], payer, use_prepayment=True, key=key) == payment
    assert (payment.status, payment.amount_fen, held(bill.home)) == ("pending", 13148, 0)
    credit(payment)
    assert Bill.objects.get().status == "settled"
    assert_in_balance()


def test_prepayment__none_there__is_an_ordinary_payment():
    bill = make_bill()
    payment = begin([bill], make_resident(home=bill.home), use_prepayment=True)
    assert (payment.status, payment.amount_fen) == ("pending", 23148)


def test_prepayment__chosen_but_short__names_the_field():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    take_payment(bill.home, {}, extra_fen=100)
    refusal = refused_begin([bill], payer, channel=Payment.PREPAYMENT)
    assert (refusal.code, refusal.field, held(bill.home)) == ("prepayment_short", "channel", 100)


def test_give_up__by_a_stranger__is_forbidden():
    with pytest.raises(Forbidden):
        actions.close_payment(payment=make_payment(), by=make_resident(), now=clock.now())
