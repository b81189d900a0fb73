"""After every test of what writes people and homes, their search keys are what they are to be."""

from collections.abc import Iterator

import pytest

from community.core.search.keys import searched_models, wrong_rows


def all_wrong() -> dict[str, list[int]]:
    """By model, the rows whose stored keys are not those that their columns make."""
    wrong = {model._meta.label: list(wrong_rows(model)) for model in searched_models()}
    return {label: rows for label, rows in wrong.items() if rows}


@pytest.fixture(autouse=True)
def search_keys_stay_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Imported by the conftest of a package, for its tests that have a database."""
    marker = request.node.get_closest_marker("django_db")
    name = "transactional_db" if marker is not None and marker.kwargs.get("transaction") else "db"
    if marker is None and not {"db", "transactional_db"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else name)
    yield
    assert all_wrong() == {}
