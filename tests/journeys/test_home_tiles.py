"""The services on the home page of a phone: in full rows, whatever the width."""

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.factories import make_home, make_resident

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
