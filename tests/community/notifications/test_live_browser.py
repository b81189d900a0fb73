"""live.js in a real browser, on the inbox."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, WebSocketRoute, expect

from accounts.models import User
from community.core import clock
from community.notifications import live, outbox


def tell(person: User, what: str) -> None:
    outbox.queue_message(
        person,
        "repair_accepted",
        key=what,
        params={"what": what, "reference": "R1"},
        url="/inbox/",
        now=clock.now(),
    )


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_inbox__open_page__shows_a_new_message_by_itself(
    new_page: Callable[..., Page],
    resident: User,
    mode: str,
) -> None:
    page = new_page(user=resident, mode=mode)
    with page.expect_websocket():
        page.goto("/inbox/")
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    page.wait_for_timeout(300)
    tell(resident, "厨房漏水")
    expect(page.get_by_text("厨房漏水")).to_be_visible(timeout=3000)
    if mode == "standard":
        expect(page.locator(".tabs .dot")).to_contain_text("1")
    tell(resident, "灯不亮")
    expect(page.get_by_text("灯不亮")).to_be_visible(timeout=3000)
    page.get_by_role("button", name="全部已读").click()
    expect(page.locator(".rowl.unread")).to_have_count(0)


def test_inbox__socket_gone__polls_within_fifteen_seconds(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    page = new_page(user=resident)

    def refuse(socket: WebSocketRoute) -> None:
        socket.close()

    page.route_web_socket("**/live/", refuse)
    page.clock.install()
    page.goto("/inbox/")
    page.wait_for_timeout(300)
    tell(resident, "厨房漏水")
    # The page's own fifteen seconds, in a moment.
    page.clock.run_for(15_000)
    expect(page.get_by_text("厨房漏水")).to_be_visible()


def test_inbox__socket_silent__is_found_out(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    """A socket that takes everything and says nothing, as after a change of network."""
    page = new_page(user=resident)
    page.route_web_socket("**/live/", lambda socket: None)
    page.clock.install()
    page.goto("/inbox/")
    page.wait_for_timeout(300)
    tell(resident, "厨房漏水")
    page.clock.run_for(15_000)
    expect(page.get_by_text("厨房漏水")).to_be_visible()


def test_inbox__while_a_form_is_filled_in__waits(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    page = new_page(user=resident)
    page.goto("/inbox/")
    page.evaluate("document.getElementById('inbox').innerHTML = '<input id=mine aria-label=x>'")
    page.fill("#mine", "half a sent")
    tell(resident, "厨房漏水")
    page.wait_for_timeout(1500)
    assert page.input_value("#mine") == "half a sent"
    page.fill("#mine", "")
    page.evaluate("document.activeElement.blur()")
    expect(page.get_by_text("厨房漏水")).to_be_visible(timeout=2000)


def test_inbox__offline__says_so_and_recovers(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    page = new_page(user=resident)
    page.goto("/inbox/")
    expect(page.locator("[data-live-note]")).to_be_hidden()
    # First without a network: else the page could ask once more, and hear, in between.
    page.context.set_offline(True)
    # Time passes by itself, faster: nobody wants to wait for a quarter of a minute here.
    page.evaluate("const real = Date.now; Date.now = () => real() + 60000")
    expect(page.locator("[data-live-note]")).to_be_visible(timeout=4000)
    tell(resident, "厨房漏水")
    page.context.set_offline(False)
    expect(page.get_by_text("厨房漏水")).to_be_visible(timeout=5000)
    expect(page.locator("[data-live-note]")).to_be_hidden()
    page.troubles.clear()  # type: ignore[attr-defined]


def test_inbox__signed_out_elsewhere__leads_to_the_sign_in_page_at_once(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    page = new_page(user=resident)
    with page.expect_websocket():
        page.goto("/inbox/")
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    page.wait_for_timeout(300)
    Session.objects.all().delete()
    expect(page).to_have_url(re.compile("/sign-in/"), timeout=5000)
    # The browser says that it was refused.
    page.troubles.clear()  # type: ignore[attr-defined]


def test_inbox__right_ended__asks_for_the_page_again_but_not_while_somebody_writes(
    new_page: Callable[..., Page],
    resident: User,
) -> None:
    page = new_page(user=resident)
    with page.expect_websocket():
        page.goto("/inbox/")
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=typed>')")
    page.locator("#typed").fill("漏水")
    live.access_ended(resident.pk)
    page.wait_for_timeout(2500)
    expect(page.locator("#typed")).to_have_value("漏水")
    page.locator("#typed").fill("")
    page.locator("#typed").blur()
    expect(page.locator("#typed")).to_have_count(0, timeout=5000)
    # With the token that it has now it is told again.
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    tell(resident, "厨房漏水")
    expect(page.get_by_text("厨房漏水")).to_be_visible(timeout=15_000)
