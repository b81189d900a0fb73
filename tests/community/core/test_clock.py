from datetime import UTC, date, datetime

from community.core import clock


def test_midnight__is_when_the_day_begins_where_the_estate_is() -> None:
    begins = clock.midnight(date(2026, 11, 23))

    assert begins == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert clock.today(begins) == date(2026, 11, 23)
