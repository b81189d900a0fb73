"""Invoices: asked for of paid bills, each once, answered by staff with a file or a reason."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees.actions import request_refund
from services.fees.books import actions
from services.fees.books.tax_numbers import is_tax_number, normal_tax_number
from services.fees.models import Bill, InvoiceRequest
from tests.community.admin_pages import signed_in
from tests.factories import make_bill, make_cashier, make_home, make_item, make_payment, make_resident
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db
COMPANY = {
    "kind": "company",
    "title": "某某公司",
    "tax_number": "91350100M000100Y43",
    "email": "a@example.com",
}
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def resident(home: Home) -> User:
    return make_resident(home=home)


@pytest.fixture
def cashier(home: Home) -> User:
    return make_cashier(estate=home.estate)


@pytest.fixture
def bill(home: Home, resident: User) -> Bill:
    return paid_bill(home, resident)


def paid_bill(home: Home, resident: User, month: int = 11) -> Bill:
    bill = make_bill(home=home, period=date(2026, month, 1), item=make_item(estate=home.estate))
    make_payment(bills=[bill], payer=resident, paid=True)
    bill.refresh_from_db()
    return bill


def ask(bills: list[Bill], resident: User, **details: str) -> InvoiceRequest:
    return actions.request_invoice(
        resident=resident,
        bills=bills,
        details=actions.InvoiceDetails(**(COMPANY | details)),
        by=resident,
        now=clock.now(),
    )


def issue(request: InvoiceRequest, by: User, content: bytes = PDF) -> None:
    file = actions.InvoiceFile("24112000000012345678", content)
    actions.issue_invoice(request=request, file=file, by=by, now=clock.now())


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("91350100M000100Y43", True),
        ("9135 0100 m000 100y 43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100I43", False),
        ("91350100M000100Y4", False),
        ("", False),
    ],
)
def test_tax_number__by_its_check_character(text: str, is_right: bool) -> None:
    assert is_tax_number(normal_tax_number(text)) is is_right


def test_invoice__asked_issued_and_opened__by_the_pages(bill: Bill, resident: User, cashier: User) -> None:
    client, desk = signed_in(resident), signed_in(cashier)
    client.post("/fees/invoices/new/", COMPANY | {"bills": [bill.pk]})
    asked = InvoiceRequest.objects.get()
    assert (asked.amount_fen, asked.tax_number) == (bill.amount_fen, "91350100M000100Y43")
    assert f"/staff/fees/invoices/{asked.pk}/" in desk.get("/staff/fees/invoices/").content.decode()
    upload = SimpleUploadedFile("发票.pdf", PDF)
    desk.post(f"/staff/fees/invoices/{asked.pk}/issue/", {"number": "2411", "file": upload})
    assert OutboxMessage.objects.filter(recipient=resident, template="invoice_issued").exists()
    file = client.get(f"/fees/invoices/{asked.pk}/file/")
    assert (file.content, file["Content-Type"]) == (PDF, "application/pdf")
    assert (
        signed_in(make_resident(home=make_home())).get(f"/fees/invoices/{asked.pk}/file/").status_code == 404
    )


def test_invoice__next_time__has_the_details_of_the_last(bill: Bill, resident: User, home: Home) -> None:
    ask([bill], resident)
    other = paid_bill(home, resident, month=10)
    page = signed_in(resident).get("/fees/invoices/new/")
    assert page.context["form"].initial["title"] == "某某公司"
    assert page.context["bills"] == [other]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"tax_number": "91350100M000100Y44"}, "tax_number"),
        ({"tax_number": ""}, "tax_number"),
        ({"title": " "}, "title"),
        ({"kind": "other"}, "kind"),
        ({"email": "a@b"}, "email"),
    ],
)
def test_ask__wrong_details__names_the_field_and_keeps_the_rest(
    bill: Bill, resident: User, details: dict[str, str], field: str
) -> None:
    page = signed_in(resident).post("/fees/invoices/new/", COMPANY | details | {"bills": [bill.pk]})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not InvoiceRequest.objects.exists()


def test_ask__bill_open_foreign_or_invoiced__is_refused(bill: Bill, resident: User, home: Home) -> None:
    ask([bill], resident)
    foreign_home = make_home(estate=home.estate)
    foreign = paid_bill(foreign_home, make_resident(home=foreign_home))
    codes = []
    for one in (bill, make_bill(home=home), foreign):
        with pytest.raises(ActionError) as refused:
            ask([one], resident)
        codes.append(refused.value.code)
    assert codes == ["invoiced", "not_paid", "not_paid"]


@pytest.mark.django_db(transaction=True)
def test_ask__same_bill_twice_at_once__has_one_invoice(bill: Bill, resident: User) -> None:
    assert at_once(*[lambda: ask([bill], resident)] * 2) == ["invoiced", "ok"]
    assert InvoiceRequest.objects.count() == 1


def test_refused__or_withdrawn__the_bill_can_be_asked_for_again(
    bill: Bill, resident: User, cashier: User
) -> None:
    first = ask([bill], resident)
    desk = signed_in(cashier)
    assert desk.post(f"/staff/fees/invoices/{first.pk}/refuse/", {"reason": ""}).status_code == 422
    desk.post(f"/staff/fees/invoices/{first.pk}/refuse/", {"reason": "抬头不全"})
    assert "抬头不全" in signed_in(resident).get(f"/fees/invoices/{first.pk}/").content.decode()
    second = ask([bill], resident)
    signed_in(resident).post(f"/fees/invoices/{second.pk}/withdraw/")
    ask([bill], resident)
    states = InvoiceRequest.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["refused", "withdrawn", "asked"]


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"MZ\x90", b"%PDF-1.7 cut off", b"PK\x03\x04 word/document.xml"]
)
def test_issue__file_that_is_no_invoice__is_refused(
    bill: Bill, resident: User, cashier: User, content: bytes
) -> None:
    request = ask([bill], resident)
    with pytest.raises(ActionError) as refused:
        issue(request, cashier, content)
    assert refused.value.field == "file"
    issue(request, cashier, b"PK\x03\x04 OFD.xml")
    assert InvoiceRequest.objects.get().ending == "ofd"


def test_refund__of_an_invoiced_bill__is_marked_and_the_invoice_reversed(
    bill: Bill, resident: User, cashier: User
) -> None:
    request = ask([bill], resident)
    issue(request, cashier)
    payment = bill.payment_lines.get().payment
    request_refund(payment=payment, by=resident, now=clock.now())
    desk = signed_in(cashier)
    assert "已退款" in desk.get("/staff/fees/invoices/?all=1").content.decode()
    desk.post(f"/staff/fees/invoices/{request.pk}/reverse/", {"reason": "已退款，已红冲"})
    request.refresh_from_db()
    assert request.status == "reversed"
    make_payment(bills=[bill], payer=resident, paid=True)
    assert ask([bill], resident).status == "asked"


def test_issue__bill_paid_back_meanwhile__is_refused(bill: Bill, resident: User, cashier: User) -> None:
    request = ask([bill], resident)
    request_refund(payment=bill.payment_lines.get().payment, by=resident, now=clock.now())
    with pytest.raises(ActionError) as refused:
        issue(request, cashier)
    assert refused.value.code == "paid_back"


def test_sheet__of_open_requests__adds_up(bill: Bill, resident: User, home: Home, cashier: User) -> None:
    requests = [ask([bill, paid_bill(home, resident, month=9)], resident)]
    issued = ask([paid_bill(home, resident, month=8)], resident)
    issue(issued, cashier)
    client: Client = signed_in(cashier)
    sheet: Any = load_workbook(io.BytesIO(client.get("/staff/fees/invoices.xlsx").content)).active
    rows = list(sheet.values)[1:]
    assert sum(row[7] for row in rows) * 100 == requests[0].amount_fen
    assert {row[4] for row in rows} == {"91350100M000100Y43"}
