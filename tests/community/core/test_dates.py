"""Days out of addresses: those of our time, and nothing else."""

from datetime import date

import pytest

from community.core import dates


def test_near__leaves_out_what_nothing_can_be_reckoned_from() -> None:
    assert dates.near(date(2026, 11, 23)) == date(2026, 11, 23)
    assert dates.near(date(2000, 1, 1)) == date(2000, 1, 1)
    assert dates.near(date(2100, 12, 31)) == date(2100, 12, 31)
    for far in (None, date.min, date.max, date(1999, 12, 31), date(2101, 1, 1)):
        assert dates.near(far) is None


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "1" * 5000])
def test_day_of__what_is_no_day_of_our_time__is_left_out(text: str) -> None:
    assert dates.day_of(text) is None
    assert dates.day_of("2026-11-23") == date(2026, 11, 23)
