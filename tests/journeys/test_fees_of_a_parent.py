"""A son's way through what a parent's home owes: an objection, the payment, an invoice, the year, a deposit."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from community.core import clock
from services.fees.arrears.actions import disputes
from services.fees.models import Bill, Dispute, InvoiceRequest
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_home,
    make_item,
    make_resident,
)
from tests.support import paying
from tests.support.books import assert_in_balance
from tests.support.taps import Taps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


class Family:
    """A mother's home with two bills of this year and a deposit, her son elsewhere, and the cashier."""

    def __init__(self) -> None:
        self.home = make_home()
        self.mother = make_resident(home=self.home, name="王秀英")
        self.son = make_resident(name="李强")
        make_delegation(resident=self.mother, delegate=self.son, service="fees", relation="儿子")
        self.cashier = make_cashier(estate=self.home.estate, name="吴燕")
        item, year = make_item(estate=self.home.estate, name="物业费"), clock.today(clock.now()).year
        self.bills = [make_bill(home=self.home, item=item, period=date(year, month, 1)) for month in (1, 2)]
        paying.take_deposit(self.home, 200_000, by=self.cashier, payer=self.mother, payer_name="")

    def answer(self) -> None:
        disputes.answer_dispute(
            dispute=Dispute.objects.get(),
            answer=disputes.Answer(Dispute.Status.KEPT, "产权证上是98.5平"),
            by=self.cashier,
            now=clock.now(),
        )


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_parents_home__objected_paid_invoiced_and_looked_up(mode: str, new_page: NewPage, db: None) -> None:
    family = Family()
    page = new_page(user=family.son, mode=mode)
    finger, main = Taps(page), page.locator("main")
    owed = f"/fees/?for={family.mother.pk}"

    page.goto(f"/fees/{family.bills[0].pk}/")
    expect(main).to_contain_text("98.50 m² × 2.35 元 × 1 月 = 231.48 元")
    finger.tap("账单不对")
    expect(page.locator("[data-record-button]")).to_be_visible()
    page.locator("input[name=reason][value=amount]").check(force=True)
    page.fill("textarea[name=words]", "妈妈家是98平")
    finger.tap("告诉物业")
    expect(main).to_contain_text("妈妈家是98平")
    family.answer()
    page.reload()
    expect(main).to_contain_text("产权证上是98.5平")

    page.goto(owed)
    expect(main).to_contain_text("¥462.96")
    if mode == "large":
        finger.tap("全部缴清")
    else:
        page.locator("form[data-pick] button").last.tap()
        finger.tap("去缴费")
    finger.tap("确认付款")
    expect(main).to_contain_text("缴费成功")
    assert not Bill.objects.open().exists()

    page.goto(owed)
    finger.tap("发票")
    finger.tap("开发票")
    page.locator(f"#bills_{family.bills[0].pk}").check(force=True)
    page.locator("input[name=kind]").first.check(force=True)
    page.fill("[name=title]", "王秀英")
    page.locator("main form button[type=submit]").last.tap()
    expect(page).to_have_url(re.compile(r"/fees/invoices/\d+/"))
    assert InvoiceRequest.objects.get().resident == family.mother

    page.goto(owed)
    finger.tap("全年对账")
    expect(main).to_contain_text("462.96")
    page.goto(owed)
    finger.tap("押金")
    finger.tap("2000")
    expect(main).to_contain_text("退还给交款人 王秀英")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_in_balance()
