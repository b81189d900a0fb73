"""Cash over the counter: in part, too much, twice, and what is refused."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees.actions import ledger
from services.fees.billing import actions
from services.fees.models import Payment
from tests.factories import (
    make_bill,
    make_cashier,
    make_home,
    make_payment,
    make_resident,
    make_staff,
)
from tests.support.books import assert_in_balance
from tests.support.paying import held, take_payment

pytestmark = pytest.mark.django_db


def test_cash__in_part_and_more__is_booked_with_its_cashier():
    bill = make_bill()
    payer, cashier = make_resident(home=bill.home), make_cashier(estate=bill.estate)
    payment = take_payment(bill.home, {bill.pk: 10000}, extra_fen=500, payer=payer, by=cashier)
    assert (payment.status, payment.amount_fen, payment.made_by) == ("paid", 10500, cashier)
    bill.refresh_from_db()
    assert (bill.unpaid_fen, held(bill.home)) == (13148, 500)
    assert ledger.money_account("cash", bill.estate_id).balance_fen == 10500
    assert AuditRecord.objects.filter(action="fees.cash_taken", actor=cashier).exists()
    assert OutboxMessage.objects.filter(recipient=payer, channel="sms").exists()
    assert_in_balance()


def test_cash__same_key_twice__is_taken_once():
    bill = make_bill()
    cashier, key = make_cashier(estate=bill.estate), uuid4()
    first = take_payment(bill.home, {bill.pk: 23148}, by=cashier, key=key)
    assert take_payment(bill.home, {bill.pk: 23148}, by=cashier, key=key) == first
    assert ledger.money_account("cash", bill.estate_id).balance_fen == 23148


def refused_cash(home: Home, amounts: dict[int, int], **overrides: Any) -> ActionError:
    with pytest.raises(ActionError) as refused:
        take_payment(home, amounts, **overrides)
    assert str(refused.value.message)
    assert not Payment.objects.filter(channel="cash").exists()
    assert_in_balance()
    return refused.value


@pytest.mark.parametrize("fen", [0, -1, 23149])
def test_cash__impossible_amount__names_the_field(fen: int):
    bill = make_bill()
    assert refused_cash(bill.home, {bill.pk: fen}).field == "amounts"


def test_cash__nothing_at_all__names_the_field():
    assert refused_cash(make_home(), {}).field == "bills"


@pytest.mark.parametrize("fen", [-1, -500])
def test_cash__negative_extra__names_the_field(fen: int):
    bill = make_bill()
    assert refused_cash(bill.home, {bill.pk: 600}, extra_fen=fen).field == "extra_fen"


def test_cash__more_than_a_counter_takes__names_the_field():
    assert refused_cash(make_home(), {}, extra_fen=10**10).code == "amount_too_large"


def test_cash__bill_of_another_home__names_the_field():
    assert refused_cash(make_home(), {make_bill().pk: 100}).field == "bills"


def test_cash__one_bill_of_another_home_among_those_of_this__names_the_field():
    bill = make_bill()
    neighbours = make_bill(home=make_home(estate=bill.estate))
    assert refused_cash(bill.home, {bill.pk: 100, neighbours.pk: 100}).field == "bills"


def test_cash__bill_that_is_not_there__names_the_field():
    assert refused_cash(make_home(), {999_999: 100}).field == "bills"


def test_cash__voided_bill__names_the_field():
    bill = make_bill()
    actions.void_bill(bill=bill, reason="重复", by=make_cashier(estate=bill.estate), now=clock.now())
    assert refused_cash(bill.home, {bill.pk: 100}).code == "bill_voided"


def test_cash__payer_who_lives_elsewhere__names_the_field():
    bill = make_bill()
    assert refused_cash(bill.home, {bill.pk: 100}, payer=make_resident()).field == "payer"


def test_cash__name_too_long__names_the_field():
    bill = make_bill()
    assert refused_cash(bill.home, {bill.pk: 100}, payer_name="长" * 41).field == "payer_name"


@pytest.mark.parametrize("role", [StaffRole.Role.FRONT_DESK, StaffRole.Role.AUDITOR, StaffRole.Role.CARER])
def test_cash__by_who_is_no_cashier__is_forbidden(role: str):
    bill = make_bill()
    with pytest.raises(Forbidden):
        take_payment(bill.home, {bill.pk: 100}, by=make_staff(role=role, estate=bill.estate))


def test_cash__while_the_phone_has_just_paid__is_refused_with_how_it_stands():
    bill = make_bill()
    make_payment(bills=[bill], paid=True)
    assert refused_cash(bill.home, {bill.pk: 23148}).code == "bill_settled"
