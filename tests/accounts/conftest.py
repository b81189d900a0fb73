from typing import Any

import pytest

from community.notifications import sms
from tests.support.searched import search_keys_stay_right  # noqa: F401


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The codes that left the house, in order: ``{"phone": …, "code": …}``."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(sms, "send_code", lambda **message: sent.append(message))
    return sent
