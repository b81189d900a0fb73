"""The numbers of the two modes, measured on a page that a real browser shows.

    page.goto("/repairs/")
    assert check_page(page, "large") == []
    assert axe_violations(page, "large") == []

Each check returns sentences that say what is wrong and where; none means all is well. The page
stays as it was: its size, its type and its place are put back. In the large mode the lengths of
words are checked on Chinese pages only, and what people wrote is left out by ``data-free`` on it.
"""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from playwright.sync_api import Error, Page

from community.core.storage import minified

HERE = Path(__file__).resolve().parent
# The share of white space in a compressed page, at most.
BLANKS = 0.1
WEIGHT = {"standard": 60 * 1024, "large": 20 * 1024}
# Pages of staff in large type have the alarm, spoken messages and the queue of a phone as well.
STAFF_WEIGHT = {"standard": 60 * 1024, "large": 23 * 1024}
LARGEST_TEXT = {"standard": 1.75, "large": 1.5}
# WCAG A and AA for both modes; the large mode holds AAA and axe's own best practice as well.
AXE_TAGS = {
    "standard": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "large": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
NARROW, PHONE, WIDE_PHONE = 320, 360, 390
STATIC_LINK = re.compile(r'<(?:link rel="stylesheet" href|script type="module" src)="[^"]*?/static/([^"?]+)"')
HASHED = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


@cache
def _script(name: str) -> str:
    return (HERE / name).read_text()


@cache
def _at_hand() -> str:
    """Functions that bring the measures: a page parses axe only when it is asked for, and compiles it once."""
    measures, axe = _script("elder_mode.js"), _script("vendor/axe.min.js")
    return (
        f"window.bringMeasures = () => {{ if (window.elderMode) return;\n{measures}\n}};"
        f"window.bringAxe = () => {{ if (window.axe) return;\n{axe}\n}};"
    )


def _evaluate(page: Page, call: str, given: Any) -> Any:
    """Run ``call`` on the loaded page, beside the page's own policy, which is not loosened for it.

    The first page of a browser context gets the measures by hand, the following ones bring them along.
    """
    loaded = (
        "async given => { if (!window.bringMeasures) return null;"
        " if (document.readyState !== 'complete') await new Promise(go => addEventListener('load', go));"
        f" bringMeasures(); {call} }}"
    )
    page.wait_for_load_state()
    try:
        found = page.evaluate(loaded, given)
    except Error as error:
        # A link was followed just before: the page that is asked for is the next one.
        if "Execution context was destroyed" not in str(error):
            raise
        page.wait_for_load_state()
        found = page.evaluate(loaded, given)
    if found is None:
        page.context.add_init_script(_at_hand())
        page.evaluate(_at_hand())
        found = page.evaluate(loaded, given)
    return found


def _ask(page: Page, *calls: tuple[Any, ...]) -> list[str]:
    """Each call is the name of a measure and what it takes; all of them are one trip to the browser."""
    return list(_evaluate(page, "return elderMode.ask(given);", [list(call) for call in calls]))


def _reflow_calls(mode: str) -> list[tuple[Any, ...]]:
    """At 360 px: as it is, with WCAG 1.4.12 spacing, with the largest text."""
    factor = LARGEST_TEXT[mode]
    return [
        ("sideways", f"at {PHONE} px"),
        ("spaceText", True),
        ("sideways", f"at {PHONE} px with WCAG 1.4.12 spacing"),
        ("spaceText", False),
        ("scaleText", factor),
        ("sideways", f"at {PHONE} px with {factor} × text"),
        ("scaleText", 1),
    ]


def check_reflow(page: Page, mode: str, *first: tuple[Any, ...]) -> list[str]:
    """No sideways scroll: now, at 320 px, at 360 px with the largest text, with WCAG 1.4.12 spacing.

    ``first`` are calls that go with the first trip, at the size that the page has. How lines break is looked
    at too: what is cut in two, what begins a line or stands alone in it.
    """
    before = page.viewport_size or {"width": PHONE, "height": 740}
    if before["width"] == PHONE:
        found = _ask(page, *first, ("badLines", f"at {PHONE} px"), *_reflow_calls(mode))
    else:
        found = _ask(page, *first, ("sideways", f"at {before['width']} px"))
        page.set_viewport_size({"width": PHONE, "height": before["height"]})
        found += _ask(page, *_reflow_calls(mode))
    page.set_viewport_size({"width": NARROW, "height": before["height"]})
    found += _ask(page, ("sideways", f"at {NARROW} px"), ("badLines", f"at {NARROW} px"))
    page.set_viewport_size(before)
    return found


def check_lines(page: Page) -> list[str]:
    """How lines break where the usual round does not look: at 390 px, and with 1.5 × text at 390, 360 and 320 px."""
    before, found = page.viewport_size or {"width": PHONE, "height": 740}, []
    for width in (WIDE_PHONE, PHONE, NARROW):
        page.set_viewport_size({"width": width, "height": before["height"]})
        larger = [("scaleText", 1.5), ("badLines", f"at {width} px with 1.5 × text"), ("scaleText", 1)]
        found += _ask(page, *([("badLines", f"at {width} px")] if width == WIDE_PHONE else []), *larger)
    page.set_viewport_size(before)
    return found


def check_page(page: Page, mode: str) -> list[str]:
    """Every number of the mode but what axe knows better.

    Sizes of text, targets and lines, contrast, in the large mode the lengths of Chinese words; then, after
    a key was pressed, the ring of 4 px, 3 : 1, around whatever takes the focus; then the reflow.
    """
    names = ["smallText", "smallTargets", "tightLines", "squeezed", "lowContrast", "longWords"]
    found = _ask(page, *[(name, mode) for name in names])
    page.keyboard.press("Tab")
    return [*found, *check_reflow(page, mode, ("focusRings",))]


def axe_violations(page: Page, mode: str) -> list[str]:
    """What axe-core finds at the level of the mode."""
    is_large = mode == "large"
    options = {
        "runOnly": {"type": "tag", "values": AXE_TAGS[mode]},
        "resultTypes": ["violations"],
        "performanceTimer": False,
        # Whatever fails the lesser contrast fails the enhanced one too: it is measured once.
        "rules": {
            "color-contrast": {"enabled": not is_large},
            "color-contrast-enhanced": {"enabled": is_large},
        },
    }
    violations = _evaluate(page, "bringAxe(); return (await axe.run(document, given)).violations;", options)
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for violation in violations
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
    return len(gzip.compress(minified(name, Path(path).read_text()).encode()))


def check_blanks(html: str) -> list[str]:
    """White space, by which templates are broken into readable lines, costs little of a compressed page."""
    whole, bare = (len(gzip.compress(text.encode())) for text in (html, re.sub(r"\s+", " ", html)))
    blanks = whole - bare
    return [] if blanks <= bare * BLANKS else [f"{blanks} of {whole} bytes are white space"]


def check_weight(html: str, mode: str, *, of_staff: bool = False) -> list[str]:
    """The page with its styles and scripts is light enough for a slow phone."""
    weight, most = page_weight(html), (STAFF_WEIGHT if of_staff else WEIGHT)[mode]
    return [] if weight <= most else [f"{weight / 1024:.1f} KB, at most {most / 1024:.0f} KB"]
