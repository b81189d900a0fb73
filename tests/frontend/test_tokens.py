"""The tokens keep the contrasts of both modes in both themes."""

import pytest

from community.home.design_tokens import MODES, THEMES, as_the_phone_asks, contrast, contrasts, tokens

pytestmark = pytest.mark.once


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("theme", THEMES)
def test_contrasts__every_pair__reaches_its_mode(mode: str, theme: str) -> None:
    assert [pair for pair in contrasts(mode, theme) if not pair.holds] == []


def test_contrast__black_on_white__is_twenty_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21


def test_contrast__green_of_wechat__would_fail() -> None:
    assert round(contrast("#07c160", "#ffffff"), 1) == 2.4


@pytest.mark.parametrize("mode", MODES)
def test_dark__by_the_phone_and_by_force__is_the_same(mode: str) -> None:
    asked, forced = as_the_phone_asks(mode), tokens(mode, "dark")

    assert asked
    assert {name: forced[name] for name in asked} == asked
    lights = tokens(mode, "light")
    assert {name for name in forced if forced[name] != lights[name]} <= set(asked)


def test_modes__font_sizes__grow_by_one_factor() -> None:
    standard, large = tokens("standard", "light"), tokens("large", "light")

    assert (standard["k"], large["k"]) == ("1", "3")
    assert all("var(--k)" in size for name, size in standard.items() if name.startswith("fs-"))
    assert all(standard[name] == large[name] for name in standard if name.startswith("fs-"))
