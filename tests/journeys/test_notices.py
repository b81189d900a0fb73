"""A notice from the first word to the last door, in real browsers at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from community.notices import tasks
from community.notices.models import DoorTold, Notice, NoticeReading
from community.notifications.models import OutboxMessage
from tests import elder_mode
from tests.factories import make_building, make_entrance, make_home, make_notice, make_resident, make_staff
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


def tap(page: Page, name: str) -> None:
    page.locator("main").locator("a, button").filter(has_text=name).first.tap()
    page.wait_for_load_state()


def press(page: Page, name: str) -> None:
    page.locator("main").locator("a, button").filter(has_text=name).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_notice__urgent__written_published_read_knocked_corrected_withdrawn(
    mode: str, new_page: NewPage
) -> None:
    """Each sees the other's act on an open page."""
    entrance = make_entrance(building=make_building(name="3号楼"), name="2单元")
    home, silent = make_home(entrance=entrance, number="501"), make_home(entrance=entrance, number="502")
    estate = home.estate
    reader = make_resident(home=home, name="王秀英")
    clerk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=estate, name="周婷")
    open_home = new_page(user=reader, mode=mode)
    open_home.goto("/")
    expect(open_home.locator("main")).not_to_contain_text("停水")

    desk = new_page(user=clerk, size=DESK)
    desk.goto("/staff/notices/new/")
    desk.get_by_label("标题").fill("今晚停水")
    desk.get_by_label("类型").select_option(label="停水")
    desk.get_by_label("紧急").check()
    editor = desk.locator("#editor")
    editor.click()
    desk.keyboard.type("请马上储水。")
    desk.keyboard.press("Enter")
    desk.locator("[data-do=bold]").click()
    desk.keyboard.type("六点")
    desk.locator("[data-do=bold]").click()
    desk.keyboard.type("开始停。")
    press(desk, "保存并预览")
    notice = Notice.objects.get()
    assert notice.body == "<p>请马上储水。</p><p><strong>六点</strong>开始停。</p>"
    expect(desk.locator(".frame[data-mode=large] .prose")).to_contain_text("六点开始停。")
    press(desk, "发布")
    expect(desk.locator("main")).to_contain_text("将发给 2 户。")
    expect(desk.locator("main")).to_contain_text("并发送 1 条短信。")
    press(desk, "发布")
    expect(desk.locator("main")).to_contain_text("已发布")
    press(desk, "谁读过")
    expect(desk.locator("[data-read]")).to_have_text("0")

    # The resident's open home page shows it by itself; opening it is reading it.
    expect(open_home.locator("main")).to_contain_text("停水", timeout=5000)
    if mode == "large":
        boxes = [door.bounding_box() for door in open_home.locator(".door").all()]
        assert len(boxes) == 3
        assert all(box and box["y"] + box["height"] <= 740 for box in boxes)
        assert elder_mode.check_page(open_home, "large") == []
    tap(open_home, "停水")
    expect(open_home.locator("main")).to_contain_text("请马上储水。")
    tasks.tell_of_notice(notice.pk)
    assert set(OutboxMessage.objects.values_list("recipient", "channel")) == {
        (reader.pk, "inbox"),
        (reader.pk, "sms"),
    }
    expect(desk.locator("[data-read]")).to_have_text("1", timeout=5000)
    expect(desk.locator("[data-knock]")).to_have_text("1")

    # The silent door gets a knock.
    press(desk, "3号楼")
    expect(desk.locator(f"#home-{home.pk}")).to_contain_text("已读")
    desk.locator(f"#home-{silent.pk} button").click()
    expect(desk.locator(f"#home-{silent.pk}")).to_contain_text("周婷")
    assert DoorTold.objects.get().home == silent
    expect(desk.locator("[data-knock]")).to_have_text("0")

    # Corrected, then withdrawn, on the page that the resident has open.
    desk.goto(f"/staff/notices/{notice.pk}/edit/")
    desk.locator("#editor").click()
    desk.keyboard.press("Control+End")
    desk.keyboard.type("改到八点。")
    press(desk, "更正")
    expect(open_home.locator("main")).to_contain_text("改到八点。", timeout=5000)
    expect(open_home.locator("main")).to_contain_text("更正")
    press(desk, "撤回")
    desk.locator("textarea[name=reason]").fill("水管已经修好")
    press(desk, "撤回")
    expect(open_home.locator("main")).to_contain_text("这条公告已撤回", timeout=5000)
    expect(open_home.locator("main")).not_to_contain_text("改到八点。")
    assert NoticeReading.objects.count() == 1


@pytest.mark.parametrize("mode", ["standard"])
def test_notice__an_open_list__shows_a_new_one_by_itself(mode: str, new_page: NewPage) -> None:
    home = make_home()
    clerk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate)
    page = new_page(user=make_resident(home=home), mode=mode)
    page.goto("/notices/")
    expect(page.locator("main")).to_contain_text("现在没有公告")
    draft = make_notice(estate=home.estate, status=Notice.Status.DRAFT, title="周六义诊", by=clerk)
    desk = new_page(user=clerk, size=DESK)
    desk.goto(f"/staff/notices/{draft.pk}/do/publish/")
    press(desk, "发布")
    expect(page.locator("main")).to_contain_text("周六义诊", timeout=5000)
    expect(page.locator("a.unread")).to_have_count(1)
    tap(page, "周六义诊")
    page.goto("/notices/")
    expect(page.locator("a.unread")).to_have_count(0)
