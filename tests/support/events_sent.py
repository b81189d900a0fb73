"""What an event is sent with, in place of its handlers."""

from typing import Any

import pytest

from community.core.events import Event


def sent(event: Event, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments of each time that ``event`` is sent from now on. Its handlers are not called."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(event, "_handlers", {lambda **happening: found.append(happening): ""})
    return found
