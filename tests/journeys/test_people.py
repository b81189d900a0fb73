"""People in a real browser: a newcomer signs in, asks for a home in large type, and the desk says yes."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from community.core import clock
from community.notifications import sms
from services.repairs.models import RepairDraft
from tests import factories
from tests.support.browser import DESK

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(sms, "send_code", lambda *, phone, code: sent.append(code))
    return sent


def sign_in(page: Any, codes: list[str], number: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=phone]", number)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/sign-in/code/")
    # As a phone fills it in, or a hand pastes it.
    page.fill("[name=code]", f"{codes[-1][:3]} {codes[-1][3:]}")
    page.click("main form button[type=submit] >> nth=0")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def test_newcomer__asks_in_large_type__and_the_desk_says_yes(new_page, codes):
    home = factories.make_home(number="501")
    desk = factories.make_staff(estate=home.estate)
    phone = new_page(mode="large")
    sign_in(phone, codes, "138 1234 5678")

    phone.goto("/join/")
    for words in (home.estate.name, home.entrance.building.name, home.entrance.name, "501", "租户"):
        phone.get_by_role("link", name=words, exact=True).click()
    phone.fill("[name=name]", "王小明")
    phone.get_by_role("button", name="提交申请").click()
    phone.wait_for_url("**/join/done/**")

    counter = new_page(user=desk, size=DESK)
    counter.goto("/staff/")
    counter.locator("main").get_by_role("link", name="住户申请").click()
    counter.locator("main .rows a").first.click()
    counter.get_by_role("button", name="确认住户").click()
    counter.wait_for_url("**/staff/residencies/")

    phone.goto("/me/")
    assert phone.get_by_text("租户").is_visible()
    newcomer = User.objects.with_phone("+8613812345678").get()
    assert newcomer.residencies.active().get().home == home


def test_on_the_roster__signed_in__the_home_is_there(new_page, codes):
    entry = factories.make_roster_entry(phone="+8613812345678", name="陈志强")
    phone = new_page()
    sign_in(phone, codes, "13812345678")
    phone.goto("/me/")
    assert phone.get_by_role("heading", name=str(entry.home)).is_visible()
    assert phone.get_by_text("陈志强").is_visible()


def test_code__asked_for_again__only_once_the_minute_is_over(new_page, codes):
    phone = new_page(mode="large")
    phone.clock.install()
    phone.goto("/sign-in/")
    phone.fill("[name=phone]", "138 1234 5678")
    phone.click("main form button[type=submit]")
    again = phone.get_by_role("button", name="重新发送")
    expect(again).to_be_disabled()
    line = phone.locator("[data-wait-line]")
    before = line.inner_text()
    phone.clock.run_for(5000)
    assert line.inner_text() != before
    phone.get_by_role("link", name="换个号码").click()
    phone.get_by_role("link", name="已有验证码").click()
    expect(again).to_be_disabled()
    phone.clock.run_for(61_000)
    expect(again).to_be_enabled()
    expect(line).to_have_text("没收到？")
    phone.fill("[name=code]", codes[0])
    phone.get_by_role("button", name="登录").click()
    phone.wait_for_url(lambda url: "/sign-in/" not in url)


def test_words__mode_switched_and_family_asked__come_along(new_page):
    parent = factories.make_resident(name="王秀英")
    child = factories.make_delegation(resident=parent, service="repairs").delegate
    home = parent.residencies.get().home
    category = factories.make_category(estate=home.estate)
    draft = RepairDraft.objects.create(
        estate=home.estate,
        resident=parent,
        begun_by=parent,
        home=home,
        category=category,
        created_at=clock.now(),
    )
    phone, words = new_page(user=parent), "厨房水管漏水，一直滴"
    phone.goto(reverse("report_words", args=[draft.pk]))
    phone.fill("[name=description]", words)
    phone.get_by_role("button", name="长辈版").click()
    phone.wait_for_selector("[data-mode=large]")
    expect(phone.locator("[name=description]")).to_have_value(words)
    phone.fill("[name=description]", f"{words}水")
    phone.get_by_role("button", name="请家人帮忙").click()
    phone.get_by_role("button", name="发给家人").click()
    phone.get_by_text(child.name).wait_for()

    other = new_page(user=child)
    other.goto("/inbox/")
    other.get_by_role("link", name="报修").first.click()
    other.wait_for_url("**/words/**")
    expect(other.locator("[name=description]")).to_have_value(f"{words}水")
