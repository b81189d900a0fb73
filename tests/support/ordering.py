"""Order of tests: a long one at the end of a run would leave all other processes idle."""

from pathlib import PurePath

import pytest

# The slowest tests, then whole walks and real processes; the rest takes seconds.
DEAR = (
    *("test_properties.py", "demo", "test_api_schema.py"),
    *("test_page_sweep_browser.py", "test_access_matrix.py", "test_page_sweep.py", "concurrency", "journeys"),
)


def dearest_first(items: list[pytest.Item]) -> None:
    """Sorts in place, the slowest first; other tests keep their order, since neighbours share module
    fixtures.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    parts = PurePath(item.path).parts
    return next((place for place, name in enumerate(DEAR) if name in parts), len(DEAR))
