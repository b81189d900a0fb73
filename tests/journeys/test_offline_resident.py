"""A resident whose signal goes in the middle of something: never the browser's own error page, and the way on."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from community.estates.models import Home
from services.fees.models import Bill
from services.help.models import HelpCall
from services.repairs.models import Repair
from tests import elder_mode
from tests.factories import make_bill, make_category, make_home, make_item, make_repair, make_resident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEPT = "async () => (await caches.keys()).includes('linli-offline')"


@pytest.fixture
def home(db: None) -> Home:
    home = make_home(number="1702")
    make_bill(home=home, item=make_item(estate=home.estate))
    make_category(parent=make_category(estate=home.estate, name="水", icon="droplet"), name="漏水")
    return home


@pytest.fixture
def elder(home: Home) -> User:
    elder = make_resident(home=home, name="王秀英")
    make_repair(home=home, resident=elder, category=make_category(estate=home.estate, name="门锁"))
    return elder


@pytest.fixture
def phone(new_page: Callable[..., Page], elder: User) -> Iterator[Page]:
    """The phone of an elder who has opened the home page once."""
    page = new_page(user=elder, mode="large")
    page.goto("/")
    expect(page.locator("body")).to_have_attribute("data-kept", "yes")
    yield page
    page.troubles[:] = [one for one in page.troubles if "ERR_INTERNET_DISCONNECTED" not in one]  # type: ignore[attr-defined]


def lose_signal(page: Page) -> None:
    page.context.set_offline(True)


def find_signal_and_go_on(page: Page) -> None:
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_contain_text("信号回来了")
    expect(page.locator("h1")).to_have_text("有信号了")
    page.get_by_role("link", name="继续").tap()
    page.wait_for_load_state()


def expect_numbers(page: Page, home: Home) -> None:
    expect(page.locator("h1")).to_have_text("没有信号")
    expect(page.locator("a[href='tel:120']")).to_be_visible()
    expect(page.locator(f"a[href='tel:{home.estate.desk_phone}']")).to_be_visible()


def test_signal_lost__in_help_repair_and_payment__numbers_to_call_and_the_way_on(
    phone: Page, elder: User, home: Home
) -> None:
    phone.goto("/help/")
    lose_signal(phone)
    phone.get_by_role("button", name="叫人来").tap()
    expect_numbers(phone, home)
    expect(phone.get_by_role("alert")).to_have_text("求助没发出去，请马上打电话。")
    expect(phone.locator("main")).to_contain_text("门锁")
    html = phone.content()
    assert elder.name not in html
    assert home.number not in html
    find_signal_and_go_on(phone)
    expect(phone.get_by_role("button", name="叫人来")).to_be_visible()
    assert not HelpCall.objects.exists()

    lose_signal(phone)
    phone.goto(f"{phone.url.split('/help')[0]}//elsewhere.example/")
    assert phone.locator("[data-go-on]").evaluate("link => link.host == location.host")
    phone.context.set_offline(False)

    phone.goto("/repairs/new/")
    lose_signal(phone)
    phone.locator("main").get_by_text("水", exact=True).tap()
    expect_numbers(phone, home)
    find_signal_and_go_on(phone)
    expect(phone.locator("main")).to_contain_text("漏水")
    assert Repair.objects.count() == 1

    phone.locator("main").get_by_text("漏水", exact=True).tap()
    words = phone.locator("textarea[name=description]")
    phone.wait_for_url("**/repairs/new/*/*/")
    phone.goto(f"{phone.url.rsplit('/', 2)[0]}/words/")
    words.fill("厨房水龙头滴水")
    lose_signal(phone)
    phone.get_by_role("button", name="下一步").tap()
    expect_numbers(phone, home)
    find_signal_and_go_on(phone)
    expect(words).to_have_value("厨房水龙头滴水")
    written_at = phone.url
    phone.goto("/me/")
    phone.goto(written_at)
    expect(words).to_have_value("")

    phone.goto("/fees/")
    phone.locator("main").locator("a, button").filter(has_text="全部缴清").tap()
    pay = phone.get_by_role("button", name="确认付款")
    expect(pay).to_be_visible()
    lose_signal(phone)
    pay.tap()
    expect_numbers(phone, home)
    expect(phone.get_by_role("alert")).to_contain_text("可能没发出去")
    find_signal_and_go_on(phone)
    expect(phone.locator(".door.pay")).to_be_visible()
    assert Bill.objects.open().exists()


def test_signing_out__removes_the_page__and_still_no_error_of_the_browser(phone: Page, home: Home) -> None:
    for mode in ("standard", "large"):
        phone.goto(f"/offline/{mode}/")
        assert [*elder_mode.check_page(phone, mode), *elder_mode.axe_violations(phone, mode)] == []
    phone.goto("/me/")
    assert phone.evaluate(KEPT)
    phone.get_by_role("button", name="退出登录").tap()
    phone.wait_for_url("**/sign-in/")
    assert not phone.evaluate(KEPT)
    lose_signal(phone)
    phone.goto("/help/")
    expect(phone.locator("a[href='tel:120']")).to_be_visible()
    assert home.estate.desk_phone not in phone.content()
