"""The services on the home page of a phone: in full rows, whatever the width."""

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from services.repairs.models import Repair
from tests.factories import make_delegation, make_home, make_repair, make_resident, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


ROWS = {320: [3, 3], 360: [3, 3], 412: [3, 3], 800: [6]}


def test_tiles__stand_in_full_rows(new_page: Callable[..., Page]) -> None:
    page = new_page(user=make_resident(home=make_home()))
    page.goto("/")
    for width, rows in ROWS.items():
        page.set_viewport_size({"width": width, "height": 740})
        boxes = [tile.bounding_box() for tile in page.locator(".tiles > li").all()]
        tops = Counter(round(box["y"]) for box in boxes if box)
        assert [tops[top] for top in sorted(tops)] == rows, width
        ends = {
            round(max(box["x"] + box["width"] for box in boxes if box and round(box["y"]) == top))
            for top in tops
        }
        assert len(ends) == 1, width


def bottoms(page: Page, selector: str) -> list[float]:
    boxes = [one.bounding_box() for one in page.locator(selector).all()]
    return [box["y"] + box["height"] for box in boxes if box]


def test_homes__with_much_under_way__show_what_waits_and_all_that_can_be_done(
    new_page: Callable[..., Page],
) -> None:
    """The large one on 360 × 600 px, the standard one above its tabs on 360 × 740."""
    home = make_home()
    user = make_resident(home=home)
    quoted = make_repair(home=home, resident=user, status=Repair.Status.QUOTED, quote_fen=4500)
    for _number in range(3):
        make_repair(home=home, resident=user, status=Repair.Status.DONE)
    page = new_page(user=user, mode="large", size=(360, 600))
    page.goto("/")
    assert page.locator(".waits b").inner_text() == "报价 ¥45，同意吗"
    assert len(bottoms(page, ".door")) == 3
    assert max(bottoms(page, ".waits, .door")) <= 600
    parent = make_resident(name="欧阳秀英", home=home)
    make_delegation(resident=parent, delegate=(child := make_user()))
    make_repair(home=home, resident=parent, status=Repair.Status.QUOTED, quote_fen=14550)
    page = new_page(user=child, mode="large", size=(360, 600))
    page.goto("/")
    assert "欧阳秀英" in page.locator(".waits b").inner_text()
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 600})
        assert max(bottoms(page, ".waits, .door")) <= 600
    page = new_page(user=user)
    page.goto("/")
    tabs = page.locator(".tabs").bounding_box()
    assert tabs
    assert max(bottoms(page, ".waits, .tile")) <= tabs["y"]
    # Answered by somebody else meanwhile, the open page follows by itself.
    page.evaluate("window.same = true")
    other = new_page(user=user)
    other.goto(f"/repairs/{quoted.pk}/price/")
    other.locator("main form button").last.click()
    page.get_by_text("同意吗").wait_for(state="detached")
    assert page.evaluate("window.same")
