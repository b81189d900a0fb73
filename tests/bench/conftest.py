"""Measures what the product does, not what tests add to it."""

import pytest
from django.template.base import Template


@pytest.fixture(autouse=True)
def _templates_are_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests keep a copy of the context of each template that is rendered."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))
