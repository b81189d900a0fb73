"""What a cashier takes otherwise than in cash: its number is kept, and the books know where it is."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from community.core import clock
from services.fees import actions, receipts
from services.fees.models import Account, Payment, Refund
from services.fees.takings import takings
from tests.factories import make_bill, make_cashier, make_resident
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
NOT_CASH = [way for way in Payment.AT_COUNTER if way != Payment.CASH]


def make_desk():
    bill = make_bill()
    resident, cashier = make_resident(home=bill.home), make_cashier(estate=bill.estate)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    return bill, resident, cashier, client


def typed(bill, resident, **given):
    fields = {f"tick_{bill.pk}": "on", f"amount_{bill.pk}": "100", "payer": resident.pk, "key": uuid4()}
    return fields | {"yes": "1"} | given


@pytest.mark.parametrize("way", NOT_CASH)
def test_payment__not_in_cash__is_booked_where_the_money_is(way):
    bill, resident, _cashier, client = make_desk()
    url = reverse("fees_counter", args=[bill.home_id])
    client.post(url, typed(bill, resident, channel=way, slip_number=" 0012345 "))
    payment = Payment.objects.get()
    assert (payment.status, payment.channel, payment.slip_number) == ("paid", way, "0012345")
    account = Account.objects.get(key=f"bank:{way}")
    assert (account.kind, account.balance_fen) == ("bank", 10000)
    assert not Account.objects.filter(kind="cash").exists()
    assert "0012345" in receipts.receipt_of(payment).way
    found = takings(bill.estate, clock.today(clock.now()))
    assert [(row["way"], row["fen"]) for row in found.rows] == [(way, 10000)]
    assert_in_balance()


@pytest.mark.parametrize(
    "given", [{"channel": "pos"}, {"channel": "pos", "slip_number": "  "}, {"channel": "beads"}]
)
def test_payment__without_its_number__comes_back_filled_in(given):
    bill, resident, _cashier, client = make_desk()
    response = client.post(reverse("fees_counter", args=[bill.home_id]), typed(bill, resident, **given))
    assert response.status_code == 422
    assert 'value="100"' in response.content.decode()
    assert not Payment.objects.exists()


def test_confirmation__by_card__names_way_and_number_and_counts_no_change():
    bill, resident, _cashier, client = make_desk()
    url = reverse("fees_counter", args=[bill.home_id])
    given = typed(bill, resident, channel="pos", slip_number="0012345")
    del given["yes"]
    page = client.post(url, given).content.decode()
    assert "POS刷卡" in page
    assert "0012345" in page
    assert "data-received" not in page
    assert "data-received" in client.post(url, given | {"channel": "cash"}).content.decode()


def test_refund__of_a_transfer__waits_for_a_second_person_and_leaves_the_bank():
    bill, resident, cashier, client = make_desk()
    client.post(
        reverse("fees_counter", args=[bill.home_id]),
        typed(bill, resident, channel="transfer", slip_number="T1"),
    )
    payment = Payment.objects.get()
    refund = actions.request_refund(payment=payment, by=cashier, reason="重复转账", now=clock.now())
    assert refund.status == Refund.Status.ASKED
    second = make_cashier(estate=bill.estate)
    actions.approve_refund(refund=refund, by=second, now=clock.now())
    assert Account.objects.get(key="bank:transfer").balance_fen == 0
    assert_in_balance()
