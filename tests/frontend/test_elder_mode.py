"""The measure itself: it sees each fault that it is there for, and leaves a good page alone."""

import random

import pytest
from playwright.sync_api import Browser, Page

from tests.elder_mode import axe_violations, check_blanks, check_page, check_weight

pytestmark = pytest.mark.once
FRAME = """<!doctype html><html lang="zh-Hans"><head><title>x</title><style>
body{{margin:0;font:48px/1.4 sans-serif;color:#000;background:#fff}}
button{{font:inherit;min-width:80px;min-height:80px}}:focus-visible{{outline:4px solid #00f;outline-offset:2px}}
</style></head><body><main>{}</main></body></html>"""

FAULTS = [
    ('<p style="font-size:20px">小字</p>', "text of 20 px"),
    (
        '<button style="min-width:0;min-height:0;width:50px;height:50px;padding:0">好</button>',
        "target of 50 × 50",
    ),
    ('<p style="line-height:1.1">行距</p>', "line height"),
    ('<p style="margin:0">这一段比一行要长一些</p><p style="margin:0">二</p>', "paragraphs 0 px apart"),
    ('<p style="width:60px;overflow-wrap:anywhere">四号楼一单元</p>', "squeezed into 60 px"),
    ('<p style="width:500px">宽</p>', "sideways scroll"),
    ('<div style="width:9em">宽</div>', "1.5 × text"),
    ('<p style="color:#666">灰字</p>', "contrast of 5.7 : 1"),
    ('<svg class="icon" width="40" height="40" style="color:#bbb"></svg>', "icon contrast of 1.9 : 1"),
    (
        '<input class="x" aria-label="字" style="font:inherit;width:90%;border:3px solid #bbb">',
        "border contrast",
    ),
    ('<button style="outline:none">好</button>', "focus ring"),
    ('<button style="outline-color:#eee">好</button>', "focus ring of 1.2 : 1"),
    ("<h1>这个标题实在太长</h1>", "heading of 8 characters"),
    ('<p class="error"><span>请把这个字段填写完整再提交</span></p>', "error of 13 characters"),
    (
        '<div class="choices"><div class="choice"><span class="body"><b>水龙头</b></span></div></div>',
        "half-width",
    ),
]


@pytest.fixture
def sheet(browser: Browser, new_page: object) -> Page:
    return new_page(mode="large")  # type: ignore[operator,no-any-return]


@pytest.mark.parametrize(("markup", "complaint"), FAULTS, ids=[complaint for _, complaint in FAULTS])
def test_check__a_fault__is_named(sheet: Page, markup: str, complaint: str) -> None:
    sheet.set_content(FRAME.format(markup))

    found = check_page(sheet, "large")

    assert any(complaint in sentence for sentence in found), found


def test_check__a_good_page__has_nothing_to_say(sheet: Page) -> None:
    sheet.set_content(FRAME.format("<h1>报修</h1><p>请选一样</p><button>水</button>"))

    assert check_page(sheet, "large") == []
    assert axe_violations(sheet, "large") == []
    assert sheet.viewport_size == {"width": 360, "height": 740}


def test_axe__grey_on_white__fails_the_large_mode_only(sheet: Page) -> None:
    sheet.set_content(
        FRAME.format(
            '<h1>报修</h1><p style="font-size:16px;color:#666;background:#fff;padding:9px">灰色的小字</p>'
        )
    )

    assert any("contrast" in sentence for sentence in axe_violations(sheet, "large"))
    assert axe_violations(sheet, "standard") == []


def test_weight__of_a_page_too_heavy__is_named() -> None:
    noise = random.Random(1).randbytes(30 * 1024).hex()

    assert "KB, at most 20 KB" in check_weight(noise, "large")[0]
    assert check_weight(noise, "standard") == []


def test_blanks__of_a_page_indented_too_far__are_named() -> None:
    words = [random.Random(number).randbytes(3).hex() for number in range(200)]

    assert check_blanks("\n".join(words)) == []
    assert "white space" in check_blanks("".join(word + " " * (3 * int(word[0], 16)) for word in words))[0]
