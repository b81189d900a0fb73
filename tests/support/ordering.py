"""Order of tests: a long one at the end of a run would leave all other processes idle."""

from pathlib import PurePath

import pytest

# Beginnings of names: the slowest tests, then whole walks and real processes; the rest takes seconds.
DEAR = (
    *("test_properties", "demo", "test_api_schema", "concurrency", "faults"),
    *("test_page_sweep_browser", "test_access_matrix", "test_page_sweep", "journeys"),
)


def dearest_first(items: list[pytest.Item]) -> None:
    """Sorts in place, the slowest first; other tests keep their order, since neighbours share module
    fixtures.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    parts = PurePath(item.path).parts
    names = (place for place, name in enumerate(DEAR) if any(part.startswith(name) for part in parts))
    return next(names, len(DEAR))
