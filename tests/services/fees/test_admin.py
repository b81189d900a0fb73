"""The back office of fees: who sees what, what Excel gets, and verbs that go through the actions."""

import io
from datetime import date

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import StaffRole, User
from community.estates.models import Estate
from services.fees.models import (
    Account,
    Bill,
    FeeItem,
    LedgerTransaction,
    Payment,
    ProviderNotice,
    Refund,
    Tariff,
)
from tests.community.admin_pages import list_of, page_of, signed_in
from tests.factories import make_bill, make_estate, make_home, make_item, make_payment, make_staff
from tests.support.by_two import agree_to_all

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
# The dialog of a button says so when it is sent.
SUBMITTED = {"_form_submitted": "on"}
LISTS = (Bill, Payment, Refund, FeeItem, LedgerTransaction, Account, ProviderNotice)


@pytest.fixture
def estate() -> Estate:
    return make_estate(name="幸福里")


@pytest.fixture
def bill(estate: Estate) -> Bill:
    item = make_item(estate=estate, name="物业费")
    return make_bill(home=make_home(estate=estate), item=item)


def verb_of(row: Model, verb: str) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{verb}", args=[row.pk])


def staff(role: str, estate: Estate) -> User:
    return make_staff(role=role, estate=estate)


def client_of(role: str, estate: Estate) -> Client:
    client = signed_in(staff(role, estate))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    return client


@pytest.mark.parametrize("role", [Role.CASHIER, Role.MANAGER, Role.AUDITOR])
def test_lists__who_counts_the_money__sees_all(role: str, estate: Estate, bill: Bill) -> None:
    make_payment(bills=[make_bill(home=bill.home)], paid=True)
    client = client_of(role, estate)
    for model in LISTS:
        assert client.get(list_of(model)).status_code == 200
    assert bill.reference in client.get(list_of(Bill)).content.decode()
    for row in (bill, Payment.objects.get(), LedgerTransaction.objects.first(), Account.objects.first()):
        assert client.get(page_of(row)).status_code == 200


def test_lists__front_desk__bills_but_not_the_books(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.FRONT_DESK, estate)
    assert client.get(list_of(Bill)).status_code == 200
    assert client.get(list_of(LedgerTransaction)).status_code == 403


def test_lists__another_estate__nothing(bill: Bill) -> None:
    client = client_of(Role.CASHIER, make_estate())
    assert bill.reference not in client.get(list_of(Bill)).content.decode()
    assert client.get(page_of(bill)).status_code == 302


def test_bill__is_never_edited_here(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.MANAGER, estate)
    client.post(page_of(bill), {"amount_fen": "1", "status": "settled"})
    bill.refresh_from_db()
    assert (bill.amount_fen, bill.status) == (23148, Bill.Status.OPEN)
    assert client.post(page_of(bill).replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_void__with_a_reason__through_its_action(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.CASHIER, estate)
    url = verb_of(bill, "void_bill")
    client.post(url, {"reason": "算错了", **SUBMITTED})
    bill.refresh_from_db()
    assert bill.status == Bill.Status.VOIDED
    assert LedgerTransaction.objects.filter(key=f"void:{bill.pk}").exists()


def test_books__say_of_what_they_are__in_words(estate: Estate, bill: Bill) -> None:
    payment = make_payment(bills=[bill], paid=True)
    client = client_of(Role.AUDITOR, estate)
    page = client.get(list_of(LedgerTransaction)).content.decode()
    assert bill.reference in page
    assert payment.reference in page
    assert f"payment:{payment.pk}" not in page
    assert ">Key<" not in page
    written = LedgerTransaction.objects.get(key=f"payment:{payment.pk}")
    assert payment.reference in client.get(page_of(written)).content.decode()
    accounts = client.get(list_of(Account)).content.decode()
    assert "receivable:" not in accounts
    assert str(bill.home) in accounts


def test_void__by_the_auditor__no_button_and_no_effect(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.AUDITOR, estate)
    assert "void-bill" not in client.get(page_of(bill)).content.decode()
    client.post(verb_of(bill, "void_bill"), {"reason": "算错了", **SUBMITTED})
    bill.refresh_from_db()
    assert bill.status == Bill.Status.OPEN


def test_pay_back__with_a_reason__through_its_action(estate: Estate, bill: Bill) -> None:
    payment = make_payment(bills=[bill], paid=True)
    url = verb_of(payment, "ask_back")
    client_of(Role.MANAGER, estate).post(url, {"reason": "重复缴费", **SUBMITTED})
    assert Refund.objects.get().payment == payment


def test_tariff__set_through_its_action__bad_input_named(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.CASHIER, estate)
    url = verb_of(bill.item, "set_tariff")
    answer = client.post(url, {"rate": "abc", "from_on": "2027-01", **SUBMITTED})
    assert "请填单价" in answer.content.decode()
    client.post(url, {"rate": "2.5", "from_on": "2027-01", **SUBMITTED})
    agree_to_all()
    assert Tariff.objects.get(from_on=date(2027, 1, 1)).rate_hao == 25000


def test_export__bills_as_shown__with_the_sum(estate: Estate, bill: Bill) -> None:
    client = client_of(Role.AUDITOR, estate)
    answer = client.get(list_of(Bill) + "export/")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert rows[0][:3] == ("小区", "单号", "房屋")
    assert "98.50" in str(rows[1][5])
    assert rows[1][6] == 231.48


def test_export__front_desk__refused(estate: Estate, bill: Bill) -> None:
    assert client_of(Role.FRONT_DESK, estate).get(list_of(Bill) + "export/").status_code == 403
