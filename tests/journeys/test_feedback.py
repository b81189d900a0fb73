"""A complaint from the first word to the third face, in real browsers at once; and one without a name."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from services.feedback.models import Feedback
from tests.factories import make_home, make_resident, make_staff
from tests.journeys.test_repair import picture_file
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


def tap(page: Page, name: str) -> None:
    page.locator("main").locator("a, button").filter(has_text=name).first.tap()
    page.wait_for_load_state()


def answer(desk: Page, words: str, then: str) -> None:
    desk.locator("#answer textarea").fill(words)
    desk.locator("#answer").get_by_label(then).check()
    desk.locator("#answer").get_by_role("button", name="发送答复").click()
    expect(desk.locator("main")).to_contain_text(words)


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_feedback__complained_answered_not_solved_solved__each_sees_the_others_act(
    mode: str, new_page: NewPage
) -> None:
    home = make_home()
    writer = make_resident(home=home, name="王秀英")
    clerk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate, name="孙丽华")
    queue = new_page(user=clerk, size=DESK)
    queue.goto("/staff/feedback/")
    expect(queue.locator("main")).to_contain_text("没有人在等答复")

    resident = new_page(user=writer, mode=mode)
    resident.goto("/feedback/new/")
    tap(resident, "投诉")
    resident.locator("textarea").fill("垃圾三天没有清运了")
    resident.set_input_files("input[name=pictures]", files=[picture_file()])
    tap(resident, "下一步")
    expect(resident.locator("main")).to_contain_text("垃圾三天没有清运了")
    tap(resident, "写名字")
    expect(resident.locator("main")).to_contain_text("已提交")
    feedback = Feedback.objects.get()
    assert (feedback.resident, feedback.pictures.count()) == (writer, 1)

    row = queue.locator(f"#feedback-{feedback.pk}")
    expect(row).to_contain_text("垃圾三天没有清运了", timeout=3000)
    expect(row).to_contain_text("还有")
    row.locator("a").click()
    answer(queue, "今天下午就清运", "问是否解决")
    expect(resident.locator("main")).to_contain_text("今天下午就清运", timeout=3000)

    tap(resident, "没解决")
    resident.locator("textarea").fill("还堆在那里")
    tap(resident, "提交")
    expect(resident.locator("main")).to_contain_text("还堆在那里")
    expect(queue.locator("main")).to_contain_text("还堆在那里", timeout=3000)
    queue.reload()
    answer(queue, "已经清走了,请您看看", "问是否解决")
    expect(resident.locator("main")).to_contain_text("已经清走了", timeout=3000)

    tap(resident, "解决了")
    resident.locator("#face_3").tap()
    tap(resident, "提交")
    expect(resident.locator("main")).to_contain_text("已解决")
    feedback.refresh_from_db()
    assert feedback.status == Feedback.Status.CLOSED
    assert feedback.times_reopened == 1
    assert feedback.satisfaction is not None
    assert feedback.satisfaction.face == 3
    expect(queue.locator("main")).to_contain_text("已办结", timeout=3000)
