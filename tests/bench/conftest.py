"""Measures what the product does, not what tests add to it."""

from pathlib import Path

import pytest
from django.template.base import Template

HERE = Path(__file__).parent
# Finds out that nothing is lost as well as how long it takes: part of the long run too.
NOT_ONLY_MEASURED = "test_live.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what only measures: the long run is about what is right, and beside it nothing can be measured."""
    for item in items:
        if item.path.parent == HERE and item.path.name != NOT_ONLY_MEASURED:
            item.add_marker("bench")


@pytest.fixture(autouse=True)
def _templates_are_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests keep a copy of the context of each template that is rendered."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))
