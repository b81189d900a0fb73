"""Inside WeChat in a real browser: the code once and a yes, then one tap; ended, the code again; a preview page."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from community.demo.wechat.platform import Platform
from community.notifications import sms
from community.wechat.models import Binding
from tests import factories
from tests.support.wechat import AGENT, make_account, platform, wechat_port  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def leaves_for(page: Any, address: str) -> None:
    """The way to WeChat and back is no trouble."""
    page.troubles[:] = [one for one in page.troubles if address not in one]


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(sms, "send_code", lambda *, phone, code: sent.append(code))
    return sent


@pytest.fixture
def resident(transactional_db: None) -> User:
    return factories.make_resident(phone="+8613812345678", name="王秀英")


def test_wechat__first_visit_bound_second_without_a_code_and_unbound(
    new_page: Any,
    live_server_url: str,
    settings: Any,
    platform: Platform,  # noqa: F811
    codes: list[str],
    resident: User,
):
    settings.PUBLIC_URL = live_server_url
    make_account()
    phone = new_page(mode="large", user_agent=AGENT)
    phone.goto("/sign-in/?next=/me/")
    phone.get_by_role("link", name="微信登录").click()
    expect(phone.get_by_text("请先用验证码登录一次")).to_be_visible()
    phone.fill("[name=phone]", "13812345678")
    phone.get_by_role("button", name="发验证码").click()
    # WeChat's fragment stays in the address.
    phone.wait_for_url("**/sign-in/code/*")
    phone.fill("[name=code]", codes[-1])
    phone.click("main form button[type=submit] >> nth=0")
    phone.wait_for_url("**/me/wechat/new/*")
    phone.get_by_role("button", name="用微信").click()
    phone.wait_for_url(lambda url: "/wechat/" not in url)
    assert Binding.objects.get().user == resident

    # Another phone with the same WeChat: one tap, in the large type.
    other = new_page(mode="large", user_agent=AGENT)
    other.goto("/sign-in/?next=/me/")
    other.get_by_role("link", name="微信登录").click()
    other.wait_for_url("**/me/*")
    assert len(codes) == 1

    # Ended there: both are signed out, and WeChat alone opens nothing.
    other.goto("/me/wechat/")
    other.get_by_role("link", name="解除").click()
    other.get_by_role("button", name="解除").click()
    other.wait_for_url(lambda url: "/wechat/" not in url)
    for page in (phone, other):
        page.goto("/me/")
        page.wait_for_url("**/sign-in/**")
    other.get_by_role("link", name="微信登录").click()
    expect(other.get_by_text("请先用验证码登录一次")).to_be_visible()
    for page in (phone, other):
        leaves_for(page, settings.WECHAT_OPEN_URL)


def test_wechat__preview_page__says_what_to_press(
    new_page: Any,
    live_server_url: str,
    settings: Any,
    platform: Platform,  # noqa: F811
    resident: User,
):
    settings.PUBLIC_URL = live_server_url
    make_account()
    platform.is_snapshot = True
    phone = new_page(user_agent=AGENT)
    phone.goto("/sign-in/")
    phone.get_by_role("link", name="微信登录").click()
    expect(phone.get_by_text("使用完整服务").first).to_be_visible()
    phone.get_by_role("link", name="用验证码").click()
    expect(phone.locator("[name=phone]")).to_be_visible()
    leaves_for(phone, settings.WECHAT_OPEN_URL)
