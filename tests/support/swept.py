"""What the page sweep looks at: every page of the access matrix that one can open."""

from django.urls import reverse

from tests.support.access import Row
from tests.support.access_rows import API_ROWS, ROWS, WINGS
from tests.support.world import World

SWEPT = {name: row for name, row in ROWS.items() if row.method == "get" and row.swept and row.who}
PAGES = sorted(set(SWEPT) - set(API_ROWS))
PAGED = [wing for wing in WINGS if not wing.startswith("api ")]
MODES = ("standard", "large")
LANGUAGES = ("zh-hans", "en")


def address(name: str, row: Row, world: World) -> str:
    return reverse(name, kwargs=row.kwargs(world)) + row.query(world)
