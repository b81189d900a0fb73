"""Every page, found through the access matrix, once a mode: at 360 and 320 px, in the long run on a desktop."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest

from tests import elder_mode
from tests.factories.base import restart_numbers
from tests.support.access import Row
from tests.support.access_rows import ROWS, WINGS
from tests.support.swept import LANGUAGES, MODES, PAGED, PAGES, address
from tests.support.world import make_world


def looker(row: Row) -> str:
    """One who is let in: the resident where possible."""
    return next(one for one in ("owner", "manager", *sorted(row.who)) if one in row.who)


def look(page: Any, url: str, mode: str, *, on_desktop: bool) -> list[str]:
    """Load a page once, and look at it at 360 and 320 px; where asked for, at more sizes and on a desktop."""
    response = page.goto(url)
    if response is None or response.status != 200:
        return [f"answers {response.status if response else 'nothing'}"]
    troubles = [*elder_mode.check_page(page, mode), *elder_mode.axe_violations(page, mode)]
    if on_desktop:
        troubles += elder_mode.check_lines(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            troubles.append("scrolls sideways on a desktop")
        page.set_viewport_size({"width": 360, "height": 740})
    return troubles


def look_at_wing(
    wing: str, new_page: Callable[..., Any], *, modes: Iterable[str], on_desktop: bool, **options: Any
) -> list[str]:
    """Every page of a wing once a mode, in one browser a person and mode."""
    restart_numbers()
    world, troubles, pages = make_world(), [], {}
    # The page that switches the mode comes last: whatever is opened after it would be in the other one.
    names = sorted((name for name in PAGES if name in WINGS[wing]), key=lambda name: name == "mode")
    for mode, name in product(modes, names):
        row = ROWS[name]
        standing = looker(row)
        if (mode, standing) not in pages:
            person = None if standing == "anonymous" else world.people[standing]
            pages[mode, standing] = new_page(user=person, mode=mode, **options)
        found = look(pages[mode, standing], address(name, row, world), mode, on_desktop=on_desktop)
        troubles += [f"{name} (as {standing}, {mode}): {one}" for one in found]
    return troubles


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wing", PAGED)
def test_every_page__in_a_browser__keeps_the_numbers_of_both_modes(
    wing: str, new_page: Callable[..., Any]
) -> None:
    troubles = look_at_wing(wing, new_page, modes=MODES, on_desktop=False)
    assert not troubles, "\n".join(troubles)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wing", PAGED)
def test_every_page__in_a_browser__in_all_modes_languages_and_themes(
    wing: str, mode: str, language: str, theme: str, new_page: Callable[..., Any]
) -> None:
    troubles = look_at_wing(
        wing, new_page, modes=[mode], on_desktop=True, language=language, color_scheme=theme
    )
    assert not troubles, "\n".join(troubles)
