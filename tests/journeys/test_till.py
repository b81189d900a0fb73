"""The cashier's day: a shift opened on the way, cash and a card, a spoilt receipt, the till counted and handed over."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from services.fees.models import IssuedReceipt, Payment, Shift
from services.fees.reconciliation import differences
from tests.factories import make_bill, make_cashier, make_home, make_item, make_resident, make_roster_entry
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


def test_day__of_a_cashier__from_the_float_to_the_hand_over_sheet(new_page: NewPage) -> None:
    home = make_home()
    make_resident(home=home, name="王秀英")
    make_roster_entry(home=home, name="陈志强")
    cashier = make_cashier(estate=home.estate, name="吴燕", float_fen=None)
    item = make_item(estate=home.estate, name="物业费")
    first, second = (make_bill(home=home, item=item, period=date(2024, month, 1)) for month in (3, 4))
    page = new_page(user=cashier, size=DESK)
    main = page.locator("main")
    page.goto(f"/staff/fees/homes/{home.pk}/")
    # What was typed stays while the shift is opened on the same page.
    page.locator(f"[name=tick_{second.pk}]").uncheck()
    page.locator(f"[name=amount_{first.pk}]").fill("200")
    page.get_by_role("radio", name="陈志强").check()
    page.get_by_role("button", name="收款").click()
    expect(main).to_contain_text("还没有开班")
    page.troubles.clear()  # type: ignore[attr-defined]  # the browser notes the 422
    page.locator("[name=float]").fill("300")
    page.get_by_role("button", name="开班").click()
    expect(main).not_to_contain_text("还没有开班")
    expect(page.locator(f"[name=amount_{first.pk}]")).to_have_value("200")
    page.get_by_role("button", name="收款").click()
    page.get_by_role("button", name="已收到").click()
    expect(main).to_contain_text("0000001")
    expect(main).to_contain_text("陈志强")
    # The print is spoilt: void, the next number.
    page.get_by_text("作废这张收据").click()
    page.locator("#void_reason").fill("卡纸")
    page.get_by_role("button", name="作废", exact=True).click()
    expect(main).to_contain_text("0000002")
    # A card for the other month.
    page.goto(f"/staff/fees/homes/{home.pk}/")
    page.locator(f"[name=tick_{first.pk}]").uncheck()
    page.get_by_role("radio", name="POS").check()
    page.locator("[name=slip_number]").fill("POS-778")
    page.get_by_role("button", name="收款").click()
    page.get_by_role("button", name="已收到").click()
    expect(main).to_contain_text("POS-778")
    # One yuan is missing at the end.
    page.goto("/staff/fees/shifts/")
    page.get_by_role("link", name="清点交班").click()
    expect(main).to_contain_text("¥500.00")
    page.locator("[name=counted]").fill("499")
    page.locator("[name=words]").fill("找零多给一元")
    page.get_by_role("button", name="交班", exact=True).click()
    expect(main).to_contain_text("短款 ¥1.00")
    page.get_by_role("button", name="确认交班").click()
    expect(main).to_contain_text("找零多给一元")
    expect(main).to_contain_text("0000001 – 0000003")
    with page.expect_response(lambda answer: answer.url.endswith("/sheet.pdf")) as sheet:
        page.evaluate("fetch(document.querySelector('a[href$=\"sheet.pdf\"]').href)")
    assert sheet.value.headers["content-type"] == "application/pdf"
    assert Shift.objects.get().difference_fen == -100
    assert [receipt.void_reason for receipt in IssuedReceipt.objects.order_by("number")] == ["卡纸", "", ""]
    assert set(Payment.objects.values_list("channel", "slip_number")) == {("cash", ""), ("pos", "POS-778")}
    assert [str(difference) for difference in differences()] == []
