"""Numbers of receipts: one after another in each series, void ones kept, reprints marked."""

from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees.actions.receipt_numbers import void_receipt
from services.fees.counter import actions
from services.fees.models import IssuedReceipt, Payment, ReceiptSeries
from tests.factories import make_cashier
from tests.support import paying
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db


def take(home: Home, cashier: User) -> Payment:
    return paying.take_payment(home, {}, extra_fen=100, by=cashier, payer_name="王秀英")


def numbers() -> list[str]:
    return [str(receipt) for receipt in IssuedReceipt.objects.select_related("series").order_by("pk")]


def test_numbers__first_series_used_up__go_on_in_the_next(home: Home, cashier: User) -> None:
    blocks = {"estate": home.estate, "by": cashier, "now": clock.now()}
    actions.add_series(prefix="A", first=98, last=99, **blocks)
    actions.add_series(prefix="B", first=1, last=1, **blocks)
    for _n in range(3):
        take(home, cashier)
    assert numbers() == ["A0000098", "A0000099", "B0000001"]
    with pytest.raises(ActionError) as refused:
        take(home, cashier)
    assert refused.value.code == "receipts_used_up"
    assert Payment.objects.count() == 3
    assert_in_balance()


@pytest.mark.parametrize(
    ("first", "last", "code"), [(0, 9, "first_wrong"), (5, 4, "last_wrong"), (9, None, "series_overlap")]
)
def test_series__wrong_numbers__are_refused(
    home: Home, cashier: User, first: int, last: int | None, code: str
) -> None:
    blocks = {"estate": home.estate, "by": cashier, "now": clock.now(), "prefix": ""}
    actions.add_series(first=1, last=20, **blocks)
    with pytest.raises(ActionError) as refused:
        actions.add_series(first=first, last=last, **blocks)
    assert refused.value.code == code
    assert ReceiptSeries.objects.count() == 1


def test_void__with_a_reason__keeps_it_and_gives_the_next_number(
    home: Home, cashier: User, client: Client
) -> None:
    paid = take(home, cashier)
    client.post(f"/staff/fees/payments/{paid.pk}/print/")
    spoilt = paid.receipts.get()
    url = f"/staff/fees/receipts/{spoilt.pk}/void/"
    client.post(url, {"reason": " "})
    assert numbers() == ["0000001"]
    page = client.post(url, {"reason": "卡纸"}, follow=True).content.decode()
    assert numbers() == ["0000001", "0000002"]
    assert "0000002" in page
    assert "打印收据" in page
    with pytest.raises(ActionError) as refused:
        void_receipt(receipt=spoilt, reason="再废", by=cashier, now=clock.now())
    assert refused.value.code == "receipt_voided"
    listed = client.get("/staff/fees/receipts/?voided=1").content.decode()
    assert "卡纸" in listed
    assert "0000001" in listed
    assert_in_balance()


def test_refund__whole__voids_the_receipt_with_its_reason(home: Home, cashier: User) -> None:
    paid = take(home, cashier)
    paying.give_back(paid, asks=cashier, agrees=make_cashier(estate=home.estate))
    receipt = paid.receipts.get()
    assert receipt.voided_at is not None
    assert receipt.void_reason == "缴错"


def test_print__another_time__says_so_with_the_same_number(home: Home, cashier: User, client: Client) -> None:
    paid = take(home, cashier)
    said = []
    for _n in range(2):
        response = client.post(f"/staff/fees/payments/{paid.pk}/print/", follow=True)
        pages = PdfReader(BytesIO(response.content)).pages
        said.append("".join("".join(page.extract_text() for page in pages).split()))
    assert all("0000001" in one for one in said)
    assert ["补打" in one for one in said] == [False, True]
