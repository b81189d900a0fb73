"""In which order tests run: a long one at the end of a run would leave all processes but one idle."""

from pathlib import PurePath

import pytest

# The longest single ones, then whole walks and real processes. What the rest takes is seconds.
DEAR = (
    *("test_properties.py", "demo", "test_api_schema.py"),
    *("test_page_sweep_browser.py", "test_access_matrix.py", "test_page_sweep.py", "concurrency", "journeys"),
)


def dearest_first(items: list[pytest.Item]) -> None:
    """Sort in place; apart from that the order stays, since neighbours share what is made for their module."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    parts = PurePath(item.path).parts
    return next((place for place, name in enumerate(DEAR) if name in parts), len(DEAR))
