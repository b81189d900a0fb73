"""Reads static/css/tokens.css, so that the design page and the tests speak of what is really served."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from django.conf import settings

MODES, THEMES = ("standard", "large"), ("light", "dark")
TEXT = {"standard": 4.5, "large": 7.0}
SHAPE = 3.0
ACCENTS = ("brand", "repair", "care", "build", "help")
GROUNDS = ("bg", "card", "soft")

BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"--([\w-]+)\s*:\s*([^;]+)")


@dataclass(frozen=True)
class Contrast:
    """The contrast of a colour on a ground, with the least that it must have."""

    ink: str
    ground: str
    figure: float
    least: float

    @property
    def holds(self) -> bool:
        return self.figure >= self.least


def _selectors(theme: str, mode: str) -> tuple[set[str], ...]:
    """The selectors that apply to an element with both attributes, weakest first."""
    single = {":root", "[data-mode]", "[data-theme]", f"[data-mode={mode}]", f"[data-theme={theme}]"}
    return single, {f"[data-theme={theme}][data-mode={mode}]"}


@cache
def blocks() -> tuple[tuple[frozenset[str], dict[str, str]], ...]:
    """Every rule of the file in its order: its selectors and its declarations."""
    css = COMMENT.sub("", Path(settings.BASE_DIR, "static", "css", "tokens.css").read_text())
    css = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", r"\1", css)
    return tuple(
        (frozenset(part.strip() for part in selector.split(",")), dict(DECLARATION.findall(body)))
        for selector, body in BLOCK.findall(css)
    )


def tokens(mode: str, theme: str) -> dict[str, str]:
    """The value of every token in a mode and a theme, as the cascade gives it."""
    found: dict[str, str] = {}
    for weight in _selectors(theme, mode):
        for selectors, values in blocks():
            if selectors & weight:
                found |= values
    return {name: value.strip() for name, value in found.items()}


def as_the_phone_asks(mode: str) -> dict[str, str]:
    """The dark tokens of the media query, which stand in the file a second time."""
    wanted = {":root:not([data-theme])"} | (
        {":root[data-mode=large]:not([data-theme])"} if mode == "large" else set()
    )
    found: dict[str, str] = {}
    for selectors, values in blocks():
        if selectors & wanted:
            found |= values
    return {name: value.strip() for name, value in found.items()}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def contrasts(mode: str, theme: str) -> list[Contrast]:
    """Every pair that the components put together."""
    values, text = tokens(mode, theme), TEXT[mode]
    pairs = [(ink, ground, text) for ink, ground in product(("fg", "fg2", *ACCENTS), GROUNDS)]
    pairs += [(ink, f"{accent}-soft", text) for accent in ACCENTS for ink in (accent, "fg", "fg2")]
    pairs += [("on-btn", "btn", text), ("on-danger", "danger", text)]
    pairs += [("on-fill", f"fill-{door}", text) for door in ("pay", "repair", "help")]
    pairs += [(ink, ground, SHAPE) for ink, ground in product(("edge", "focus"), GROUNDS)]
    pairs += [("btn", ground, SHAPE) for ground in GROUNDS]
    return [
        Contrast(ink, ground, round(contrast(values[ink], values[ground]), 2), least)
        for ink, ground, least in pairs
    ]
