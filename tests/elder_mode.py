"""The numbers of the two modes, measured on a page that a real browser shows.

    page.goto("/repairs/")
    assert check_page(page, "large") == []
    assert axe_violations(page, "large") == []

Each function returns sentences that say what is wrong and where; none means all is well. The page
stays as it was: its size, its type and its place are put back. In the large mode the lengths of
words are checked on Chinese pages only, and what people wrote is left out by ``data-free`` on it.
"""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from playwright.sync_api import Page

from community.core.smaller import smaller

HERE = Path(__file__).resolve().parent
WEIGHT = {"standard": 60 * 1024, "large": 20 * 1024}
LARGEST_TEXT = {"standard": 1.75, "large": 1.5}
# WCAG A and AA for both modes; the large mode holds AAA and axe's own best practice as well.
AXE_TAGS = {
    "standard": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "large": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
NARROW, PHONE = 320, 360
STATIC_LINK = re.compile(r'<(?:link rel="stylesheet" href|script type="module" src)="[^"]*?/static/([^"?]+)"')
HASHED = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


@cache
def _script(name: str) -> str:
    return (HERE / name).read_text()


def _ready(page: Page) -> None:
    """The measuring functions are there; evaluated, so that the page's own policy is not loosened."""
    if not page.evaluate("'elderMode' in window"):
        page.evaluate(_script("elder_mode.js"))


def _ask(page: Page, call: str, *given: Any) -> list[str]:
    _ready(page)
    return list(page.evaluate(f"given => elderMode.{call}(...given)", list(given)))


def check_sizes(page: Page, mode: str) -> list[str]:
    """Text, targets and lines are large enough, at the size that the page has now."""
    return [
        *_ask(page, "smallText", mode),
        *_ask(page, "smallTargets", mode),
        *_ask(page, "tightLines"),
        *_ask(page, "squeezed"),
    ]


def check_contrast(page: Page, mode: str) -> list[str]:
    """All text reaches the contrast of its mode, icons and the frames of inputs 3 : 1."""
    return _ask(page, "lowContrast", mode)


def check_focus(page: Page) -> list[str]:
    """Whatever takes the focus shows a ring of 4 px, 3 : 1, that nothing hides."""
    _ready(page)
    page.keyboard.press("Shift")
    page.keyboard.press("Tab")
    return _ask(page, "focusRings")


def check_words(page: Page, mode: str) -> list[str]:
    """In the large mode, in Chinese: no heading, button, choice, hint or error too long to fit."""
    if mode != "large" or page.evaluate("document.documentElement.lang") == "en":
        return []
    return _ask(page, "longWords")


def check_reflow(page: Page, mode: str) -> list[str]:
    """No sideways scroll: now, at 320 px, at 360 px with the largest text, with WCAG 1.4.12 spacing."""
    _ready(page)
    before = page.viewport_size or {"width": PHONE, "height": 740}
    factor = LARGEST_TEXT[mode]
    found = _ask(page, "sideways", f"at {before['width']} px")
    page.set_viewport_size({"width": NARROW, "height": before["height"]})
    found += _ask(page, "sideways", f"at {NARROW} px")
    page.set_viewport_size({"width": PHONE, "height": before["height"]})
    found += _ask(page, "sideways", f"at {PHONE} px")
    page.evaluate("elderMode.spaceText(true)")
    found += _ask(page, "sideways", f"at {PHONE} px with WCAG 1.4.12 spacing")
    page.evaluate("elderMode.spaceText(false)")
    page.evaluate("factor => elderMode.scaleText(factor)", factor)
    found += _ask(page, "sideways", f"at {PHONE} px with {factor} × text")
    page.evaluate("elderMode.scaleText(1)")
    page.set_viewport_size(before)
    return found


def check_page(page: Page, mode: str) -> list[str]:
    """Every number of the mode but what axe knows better."""
    return [
        *check_sizes(page, mode),
        *check_contrast(page, mode),
        *check_words(page, mode),
        *check_focus(page),
        *check_reflow(page, mode),
    ]


def axe_violations(page: Page, mode: str) -> list[str]:
    """What axe-core finds at the level of the mode."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script("vendor/axe.min.js"))
    found = page.evaluate(
        """([tags, enhanced]) => axe.run(document, {
            runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
            rules: {'color-contrast-enhanced': {enabled: enhanced}}})""",
        [AXE_TAGS[mode], mode == "large"],
    )
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def page_weight(html: str) -> int:
    """Bytes of a page with its styles and scripts, each compressed by gzip as a server sends it."""
    names = sorted(set(STATIC_LINK.findall(html)))
    return len(gzip.compress(html.encode())) + sum(_file_weight(HASHED.sub("", name)) for name in names)


@cache
def _file_weight(name: str) -> int:
    """Of a static file, which does not change while tests run."""
    path = finders.find(name)
    assert isinstance(path, str), f"{name} is not a static file"
    return len(gzip.compress(smaller(name, Path(path).read_text()).encode()))


def check_weight(html: str, mode: str) -> list[str]:
    """The page with its styles and scripts is light enough for a slow phone."""
    weight = page_weight(html)
    return [] if weight <= WEIGHT[mode] else [f"{weight / 1024:.1f} KB, at most {WEIGHT[mode] / 1024:.0f} KB"]
