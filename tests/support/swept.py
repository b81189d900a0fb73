"""Division of work: the page sweep opens pages as people who are let in, the access matrix asks the rest."""

from collections.abc import Iterator

from django.urls import reverse

from tests.support.access import EVERYONE, Row
from tests.support.access_rows import API_ROWS, ROWS, WINGS
from tests.support.world import World

SWEPT = {name: row for name, row in ROWS.items() if row.method == "get" and row.swept and row.who}
PAGES = sorted(set(SWEPT) - set(API_ROWS))
PAGED = [wing for wing in WINGS if not wing.startswith("api ")]
MODES = ("standard", "large")
LANGUAGES = ("zh-hans", "en")


def pages_of(wing: str, standing: str) -> list[str]:
    """Returns the pages of a wing that let this person in; the sweep opens each of them."""
    return [name for name in PAGES if name in WINGS[wing] and standing in ROWS[name].who]


def swept(wing: str) -> Iterator[tuple[str, str]]:
    """Returns pairs of a page and a standing that it lets in."""
    return ((name, standing) for standing in sorted(EVERYONE) for name in pages_of(wing, standing))


def asked(wing: str) -> Iterator[tuple[str, str]]:
    """Returns the pairs of an address and a standing that the sweep does not open, by standing."""
    opened = set(swept(wing)) if wing in PAGED else set()
    pairs = ((name, standing) for standing in sorted(EVERYONE) for name in WINGS[wing])
    return (pair for pair in pairs if pair not in opened)


def address(name: str, row: Row, world: World) -> str:
    return reverse(name, kwargs=row.kwargs(world)) + row.query(world)
