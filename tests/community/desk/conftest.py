"""The clock of the morning page."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.community.desk.nine_oclock import NINE


@pytest.fixture
def at_nine() -> Iterator[None]:
    with time_machine.travel(NINE, tick=False):
        yield
