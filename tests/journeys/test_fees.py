"""A bill from the phone and from the counter, each with the other's open page changing by itself."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from services.fees.models import Bill, Payment
from services.fees.receipt_pictures import WIDTH
from tests.factories import (
    make_bill,
    make_cashier,
    make_home,
    make_item,
    make_payment,
    make_resident,
)
from tests.support.books import assert_in_balance
from tests.support.browser import DESK
from tests.support.taps import Taps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
SOON = 3000


class Household:
    """A home that owes two months, its resident, and the cashier."""

    def __init__(self) -> None:
        self.home = make_home()
        self.resident = make_resident(home=self.home, name="王秀英")
        self.cashier = make_cashier(estate=self.home.estate, name="吴燕")
        item = make_item(estate=self.home.estate, name="物业费")
        self.bills = [make_bill(home=self.home, item=item, period=date(2024, month, 1)) for month in (3, 4)]
        self.counter_url = f"/staff/fees/homes/{self.home.pk}/"


@pytest.fixture
def household(db: None) -> Household:
    return Household()


def test_pay__by_phone_in_large_type__four_taps_and_the_counter_sees_it(
    new_page: NewPage, household: Household
) -> None:
    counter = new_page(user=household.cashier, size=DESK)
    counter.goto(household.counter_url)
    expect(counter.locator("[data-amount]")).to_have_count(2)
    page = new_page(user=household.resident, mode="large")
    page.goto("/")
    expect(page.locator(".door.pay")).to_contain_text("¥462.96")
    finger = Taps(page)
    for name in ("缴费", "全部缴清", "确认付款", "完成"):
        if name == "完成":
            expect(page.locator("main")).to_contain_text("缴费成功")
        finger.tap(name)
    assert finger.count == 4
    expect(page.locator(".door.pay")).to_contain_text("没有欠费")
    expect(counter.locator("main")).to_contain_text("没有欠费", timeout=SOON)
    page.goto(f"/fees/payments/{Payment.objects.get().pk}/")
    finger.tap("存收据")
    picture = page.locator("main img")
    expect(picture).to_have_js_property("naturalWidth", WIDTH)
    expect(picture).to_be_in_viewport()
    assert not Bill.objects.open().exists()
    assert_in_balance()


def test_pay__by_phone_one_bill__the_counter_sees_what_is_left(
    new_page: NewPage, household: Household
) -> None:
    counter = new_page(user=household.cashier, size=DESK)
    counter.goto(household.counter_url)
    page = new_page(user=household.resident)
    page.goto("/")
    finger = Taps(page)
    finger.tap("去缴费")
    page.locator(f"#bill_{household.bills[1].pk}").tap()
    expect(page.locator("[data-pick-total]")).to_have_text("¥231.48")
    finger.tap("缴 ¥231.48")
    expect(page.locator("main")).to_contain_text("98.50 m² × 2.35 元 × 1 月 = 231.48 元")
    finger.tap("去缴费")
    finger.tap("确认付款")
    expect(page.locator("main")).to_contain_text("缴费成功")
    expect(page.locator("main")).to_contain_text("贰佰叁拾壹元肆角捌分")
    expect(counter.locator("[data-amount]")).to_have_count(1, timeout=SOON)
    page.get_by_role("link", name="申请退款").tap()
    page.get_by_role("button", name="确定退款").tap()
    expect(page.locator("main")).to_contain_text("原路退回")
    expect(counter.locator("[data-amount]")).to_have_count(2, timeout=SOON)
    assert_in_balance()


@pytest.mark.parametrize("mode", ["standard"])
def test_cash__at_the_counter__the_residents_open_page_changes(
    mode: str, new_page: NewPage, household: Household
) -> None:
    page = new_page(user=household.resident, mode=mode)
    page.goto("/fees/")
    expect(page.locator("main")).to_contain_text("¥462.96")
    counter = new_page(user=household.cashier, size=DESK)
    counter.goto("/staff/fees/")
    counter.keyboard.type("王秀")
    counter.keyboard.press("Enter")
    amount = counter.locator(f"[name=amount_{household.bills[1].pk}]")
    amount.fill("100")
    expect(counter.locator("[data-counter-total]")).to_have_text("¥331.48")
    counter.get_by_role("button", name="收款").click()
    counter.locator("[data-received]").fill("400")
    expect(counter.locator("[data-return]")).to_have_text("¥68.52")
    counter.get_by_role("button", name="已收到").click()
    expect(counter.locator("main")).to_contain_text("叁佰叁拾壹元肆角捌分")
    expect(page.locator("main")).to_contain_text("¥131.48", timeout=SOON)
    assert Payment.objects.get().made_by == household.cashier
    assert_in_balance()


def test_cash__no_back__what_was_typed_stays_though_the_phone_pays(
    new_page: NewPage, household: Household
) -> None:
    counter = new_page(user=household.cashier, size=DESK)
    counter.goto(household.counter_url)
    first, second = household.bills
    counter.locator(f"[name=amount_{second.pk}]").fill("100")
    counter.locator("[name=extra]").fill("12.34")
    counter.get_by_role("button", name="收款").click()
    counter.get_by_role("button", name="不，返回").click()
    expect(counter.locator("[data-counter-total]")).to_have_text("¥343.82")
    counter.evaluate("document.activeElement.blur()")
    make_payment(bills=[first], payer=household.resident, paid=True)
    region = counter.locator("#counter")
    # The news has come, and is kept back.
    expect(region).to_have_js_property("liveBusy", True, timeout=SOON)
    counter.wait_for_timeout(600)
    expect(counter.locator(f"[name=amount_{second.pk}]")).to_have_value("100")
    expect(counter.locator("[name=extra]")).to_have_value("12.34")
