"""Check that search keys are right after every test of code that writes people and homes."""

from collections.abc import Iterator

import pytest

from community.core.search.keys import searched_models, wrong_rows


def all_wrong() -> dict[str, list[int]]:
    """Returns, by model, the rows whose stored keys differ from those of their columns."""
    wrong = {model._meta.label: list(wrong_rows(model)) for model in searched_models()}
    return {label: rows for label, rows in wrong.items() if rows}


@pytest.fixture(autouse=True)
def search_keys_stay_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Checks after each test with a database; imported by the conftest of a package."""
    marker = request.node.get_closest_marker("django_db")
    name = "transactional_db" if marker is not None and marker.kwargs.get("transaction") else "db"
    if marker is None and not {"db", "transactional_db"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else name)
    yield
    assert all_wrong() == {}
