"""Which page is asked for by whom: the page sweep opens what lets one in, the access matrix asks the rest."""

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
    """The pages of a wing that let this person in: the sweep opens each of them."""
    return [name for name in PAGES if name in WINGS[wing] and standing in ROWS[name].who]


def swept(wing: str) -> Iterator[tuple[str, str]]:
    """Each page with each standing that it lets in."""
    return ((name, standing) for standing in sorted(EVERYONE) for name in pages_of(wing, standing))


def asked(wing: str) -> Iterator[tuple[str, str]]:
    """Each address with each standing that the sweep does not open it as; by standing."""
    opened = set(swept(wing)) if wing in PAGED else set()
    pairs = ((name, standing) for standing in sorted(EVERYONE) for name in WINGS[wing])
    return (pair for pair in pairs if pair not in opened)


def address(name: str, row: Row, world: World) -> str:
    return reverse(name, kwargs=row.kwargs(world)) + row.query(world)
