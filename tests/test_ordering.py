"""In which order the suite runs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.ordering import dearest_first


def items(*paths: str) -> list[Any]:
    return [SimpleNamespace(path=Path("/somewhere/tests") / path, number=n) for n, path in enumerate(paths)]


def test_order__dear_ones_first__the_rest_as_it_was() -> None:
    given = items(
        "accounts/test_me.py", "journeys/test_care.py", "services/test_x.py", "test_access_matrix.py"
    )
    dearest_first(given)
    assert [item.number for item in given] == [3, 1, 0, 2]


def test_order__within_a_module__stays() -> None:
    given = items("journeys/test_care.py", "journeys/test_care.py", "journeys/test_fees.py")
    dearest_first(given)
    assert [item.number for item in given] == [0, 1, 2]
