"""The clock of the morning page."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.community.desk.nine_oclock import NINE
from tests.support.searched import search_keys_stay_right  # noqa: F401


@pytest.fixture
def at_nine() -> Iterator[None]:
    with time_machine.travel(NINE, tick=False):
        yield
