"""Two taps for help, and everybody it concerns: in real browsers at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from community.notifications.models import InboxNotice
from services.help.models import HelpCall
from tests.factories import make_delegation, make_home, make_resident, make_staff, make_user, make_week_of_duty
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Role = StaffRole.Role
NewPage = Callable[..., Page]


class Estate:
    """An elder with a daughter far away, and the desk."""

    def __init__(self) -> None:
        self.home = make_home()
        estate = self.home.estate
        self.elder = make_resident(home=self.home, name="王秀英")
        self.daughter = make_user(name="李梅")
        make_delegation(resident=self.elder, delegate=self.daughter)
        self.desk = make_staff(role=Role.FRONT_DESK, estate=estate, name="周婷")
        make_week_of_duty(estate=estate, user=self.desk)


@pytest.fixture
def estate(db: None) -> Estate:
    return Estate()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_help__pressed__the_desk_hears_it__and_the_elder_reads_who_comes(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    desk = new_page(user=estate.desk, size=DESK)
    desk.goto("/staff/help/")
    desk.get_by_role("button", name="开始值班").click()
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none")

    elder = new_page(user=estate.elder, mode=mode)
    elder.goto("/")
    taps = 0
    for words in ("求助", "叫人来"):
        elder.locator("main").locator("a, button").filter(has_text=words).first.tap()
        elder.wait_for_load_state()
        taps += 1
    assert taps == 2
    expect(elder.locator("main")).to_contain_text("已叫人")
    expect(elder.locator("main a[href='tel:120']")).to_be_visible()

    # The open page of the desk shows it and sounds by itself.
    expect(desk.locator("[data-sounding]")).to_contain_text("王秀英", timeout=3000)
    expect(desk.locator("body")).to_have_attribute("data-alarm", "sounding")
    expect(desk.locator("#open-calls")).to_contain_text(str(estate.home))
    desk.locator("[data-sounding]").get_by_role("button", name="我来处理").click()
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none", timeout=3000)

    # The elder's open page says who is coming, by itself.
    expect(elder.locator("main")).to_contain_text("周婷", timeout=3000)
    expect(elder.locator("main")).to_contain_text("正在赶来")

    desk.locator("#open-calls").get_by_role("link", name="打开").click()
    desk.get_by_label("现场处理好").check(force=True)
    desk.locator("#end textarea").fill("扶起来了，没有受伤")
    desk.get_by_role("button", name="结束求助").click()
    expect(elder.locator("main")).to_contain_text("已处理", timeout=3000)
    expect(elder.locator("main")).to_contain_text("扶起来了，没有受伤")

    call = HelpCall.objects.get()
    assert (call.status, call.responder, call.outcome) == ("ended", estate.desk, "helped")
    assert InboxNotice.objects.filter(user=estate.elder, template="help_ended").exists()


def test_help__daughter_far_away__calls_for_her_mother(new_page: NewPage, estate: Estate) -> None:
    daughter = new_page(user=estate.daughter)
    daughter.goto("/help/")
    daughter.locator("main").get_by_text("王秀英").tap()
    daughter.locator("main").get_by_role("button", name="叫人来").tap()
    expect(daughter.locator("main")).to_contain_text("已叫人")
    call = HelpCall.objects.get()
    assert (call.resident, call.reported_by, call.home) == (estate.elder, estate.daughter, estate.home)


def test_help__without_javascript__two_taps_all_the_same(new_page: NewPage, estate: Estate) -> None:
    elder = new_page(user=estate.elder, mode="large", java_script_enabled=False)
    elder.goto("/")
    elder.locator("main").get_by_role("link", name="求助").click()
    elder.locator("main").get_by_role("button", name="叫人来").click()
    expect(elder.locator("main")).to_contain_text("已叫人")
    assert HelpCall.objects.unanswered().count() == 1
