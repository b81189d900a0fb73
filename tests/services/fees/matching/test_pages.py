"""Pages of the reconciliation: figures that add up, one action for each difference, and nobody else's lines."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate
from services.fees import providers
from services.fees.models import MatchingDay, MatchingDifference, MerchantAccount, Payment
from services.fees.providers.base import LineKind, StatementLine
from tests.factories import (
    make_bill,
    make_cashier,
    make_company,
    make_estate,
    make_home,
    make_payment,
    make_staff,
)
from tests.services.fees.matching.statements import Written, matched, new_day, paid_line

pytestmark = pytest.mark.django_db
PAGE = "/staff/fees/matching/"


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


@pytest.fixture
def two_estates(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Estate], list[Payment], MatchingDay]:
    """Two estates of one company, a payment of each into the company's account, and a line of nobody."""
    written = Written()
    monkeypatch.setitem(providers.KNOWN, "sandbox", written)
    company = make_company()
    estates = [make_estate(company=company) for _n in range(2)]
    account = MerchantAccount.objects.create(
        company=company,
        provider="wechat",
        merchant_number="1900001",
        app_id="wx1",
        credentials="{}",
        created_at=clock.now(),
    )
    paid = []
    for estate in estates:
        payment = make_payment(bills=[make_bill(home=make_home(estate=estate))], paid=True)
        Payment.objects.filter(pk=payment.pk).update(merchant=account)
        paid.append(payment)
    written.lines = [
        paid_line(paid[0], 5),
        paid_line(paid[1]),
        StatementLine(LineKind.PAYMENT, "X-1", "X", 777),
    ]
    return estates, paid, matched(new_day(merchant=account, provider="sandbox"))


def test_day__page_and_excel__add_up_and_offer_one_action_each(two_estates) -> None:
    estates, _paid, day = two_estates
    client = signed_in(make_staff(role=StaffRole.Role.MANAGER, estate=estates[0]))
    listed = client.get(f"{PAGE}?open=1").content.decode()
    assert "2 笔差异" in listed
    page = client.get(f"{PAGE}{day.pk}/").content.decode()
    assert page.count('name="words"') == 2
    for said in ("金额不一致", "查不到的收款", "¥0.05", "¥7.77", "平台账单（2）".replace("（2）", " (2)")):
        assert said in page
    sheet = load_workbook(io.BytesIO(client.get(f"{PAGE}{day.pk}/lines.xlsx").content)).active
    sums = [row[3] for row in sheet.iter_rows(values_only=True) if isinstance(row[3], float | int)]
    assert round(sum(sums), 2) == 7.82
    for one in day.differences.all():
        answer = client.post(f"{PAGE}differences/{one.pk}/note/", {"words": "已核对"})
        assert answer["Location"] == f"{PAGE}{day.pk}/"
    assert "确认" in client.get(f"{PAGE}{day.pk}/").content.decode()
    client.post(f"{PAGE}{day.pk}/agree/")
    day.refresh_from_db()
    assert day.status == "agreed"


def test_scope__cashier_of_one_estate__sees_neither_the_other_nor_what_is_nobodys(two_estates) -> None:
    estates, paid, day = two_estates
    other = signed_in(make_cashier(estate=estates[1]))
    page = other.get(f"{PAGE}{day.pk}/").content.decode()
    assert "¥7.77" not in page
    assert "¥0.05" not in page
    for one in MatchingDifference.objects.all():
        assert other.post(f"{PAGE}differences/{one.pk}/note/", {"words": "好"}).status_code == 404
    assert other.post(f"{PAGE}{day.pk}/agree/").status_code == 403
    own = make_cashier(estate=estates[0])
    page = signed_in(own).get(f"{PAGE}{day.pk}/").content.decode()
    assert "¥0.05" in page
    assert "¥7.77" not in page
    StaffRole.objects.create(user=own, estate=estates[1], role=StaffRole.Role.CASHIER)
    assert "¥7.77" in signed_in(own).get(f"{PAGE}{day.pk}/").content.decode()
    stranger = signed_in(make_cashier())
    assert stranger.get(f"{PAGE}{day.pk}/").status_code == 404
    assert stranger.get(PAGE).status_code == 200
    assert paid[0].reference not in stranger.get(PAGE).content.decode()
