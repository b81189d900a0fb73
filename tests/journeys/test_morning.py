"""The manager's page stays open in the morning: what residents do stands on it by itself."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from community.core import clock
from services.common.models import ResponseClock
from services.repairs.models import Repair
from tests import elder_mode
from tests.factories import make_category, make_home, make_resident, make_staff
from tests.factories.figures import make_figures
from tests.support.browser import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
SOON = 6000


def tap(page: Page, words: str) -> None:
    page.locator("main").locator("a, button").filter(has_text=words).first.tap()
    page.wait_for_load_state()


@pytest.mark.parametrize("mode", ["standard"])
def test_morning__a_resident_reports__the_managers_open_page_shows_it_by_itself(
    mode: str, new_page: NewPage
) -> None:
    home = make_home()
    resident = make_resident(home=home, name="王秀英")
    make_category(parent=make_category(estate=home.estate, name="水"), name="漏水")
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=home.estate, name="赵敏")
    make_figures(estate=home.estate, days=40)
    desk = new_page(user=manager, size=DESK)
    desk.goto("/staff/")
    desk.locator("main").get_by_text("每日晨报").click()
    nobody = desk.locator("#unassigned")
    expect(nobody).to_contain_text("都有人负责")

    phone = new_page(user=resident, mode=mode)
    phone.goto("/repairs/new/")
    tap(phone, "水")
    tap(phone, "漏水")
    phone.locator("textarea").fill("厨房水龙头一直滴水")
    tap(phone, "下一步")
    tap(phone, "提交")
    expect(phone).to_have_url(re.compile(r"/repairs/\d+/"))
    repair = Repair.objects.get()
    expect(nobody).to_contain_text(repair.reference, timeout=SOON)
    expect(nobody.locator(".big")).to_have_text("1")

    # Its first answer is late: the manager is told, and the open page with it.
    ResponseClock.objects.update(
        due_at=clock.now() - timedelta(minutes=1), started_at=clock.now() - timedelta(hours=9)
    )
    tap_again(phone, repair, mode)
    expect(desk.locator("#late")).to_contain_text(repair.reference, timeout=SOON)
    desk.locator("#late .rowl").first.click()
    expect(desk.locator("main")).to_contain_text("厨房水龙头一直滴水")


def tap_again(phone: Page, repair: Repair, mode: str) -> None:
    """The resident adds a word, which changes the board."""
    phone.goto(f"/repairs/{repair.pk}/add/")
    phone.locator("textarea").fill("还在滴")
    phone.locator("main form button[type=submit]").last.tap()
    phone.wait_for_load_state()


def test_charts__are_drawn_from_their_tables__and_fit(new_page: NewPage) -> None:
    home = make_home()
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=home.estate, name="赵敏")
    make_figures(estate=home.estate, days=40)
    for size in (DESK, PHONE):
        page = new_page(user=manager, size=size)
        page.goto("/staff/morning/")
        expect(page.locator("[data-plot] canvas")).to_have_count(6)
        expect(page.locator("#chart-first_answer .figure")).to_contain_text("20 件中 14 件按时答复")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        plot = page.locator("#chart-use [data-canvas]")
        plot.scroll_into_view_if_needed()
        plot.hover()
        expect(page.locator("#chart-use [data-at]")).to_contain_text("70.0%")
    page.get_by_role("link", name="近一年").click()
    expect(page.locator("#chart-use [data-figures] tbody tr")).to_have_count(12)
    page.locator("#chart-satisfaction h3 a").click()
    page.get_by_role("link", name="11月").first.click()
    expect(page.locator("h1")).to_contain_text("满意度明细")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_pages_of_figures__keep_the_numbers_of_their_mode(mode: str, new_page: NewPage) -> None:
    home = make_home()
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=home.estate, name="赵敏")
    make_figures(estate=home.estate, days=40)
    page = new_page(user=manager, mode=mode)
    for path in (
        "/staff/morning/",
        "/staff/morning/figures/collection/?period=1y",
        "/staff/morning/figures/use/rows/?from=2026-01-01&to=2026-12-31",
        "/staff/morning/today/late/",
    ):
        page.goto(path)
        found = [*elder_mode.check_page(page, mode), *elder_mode.axe_violations(page, mode)]
        assert not found, (path, found)
