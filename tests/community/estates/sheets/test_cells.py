"""Single cells: numbers with noise, areas with words, rooms that became days."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from community.core.spreadsheets import CellError
from community.estates.sheets.cells import area_dm2, day_in, floor_of, must_be_words, name_of, narrow, plain

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (501.0, "501"),
        ("501.0", "501"),
        (" 5 01\u200b ", "5 01"),
        ("a\u202eb", "ab"),
        (None, ""),
        ("98.50", "98.50"),
    ],
)
def test_plain__cell__is_as_people_read_it(value: Any, text: str) -> None:
    assert plain(value) == text


def test_name_of__padded__is_the_name() -> None:
    assert name_of("王　芳") == name_of("王 芳") == name_of("王\u00a0芳") == "王芳"
    assert name_of("Anna  Maria") == "Anna Maria"
    assert narrow("３－１") == "3-1"


@pytest.mark.parametrize(
    ("value", "area"),
    [
        (98.39999999999999, 9840),
        ("98.39999999999999", 9840),
        ("98.5㎡", 9850),
        ("98.5 平方米", 9850),
        ("1,234.5", 123450),
        ("９８．５", 9850),
        (98, 9800),
    ],
)
def test_area__as_people_write_it__is_taken(value: Any, area: int) -> None:
    assert area_dm2(value) == area


@pytest.mark.parametrize(
    "value", ["12,34", "很大", 70.123, 0, -5, "", "1e3m", datetime(2026, 3, 1), CellError("#N/A"), "nan"]
)
def test_area__that_is_none__is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        area_dm2(value)


@pytest.mark.parametrize(
    ("value", "room"),
    [
        (datetime(2026, 3, 1), "3-1"),
        (datetime(2026, 3, 26), "3-26"),
        (datetime(1945, 3, 1), "3-45"),
        (datetime(1900, 4, 10), "101"),
        ("2026-03-01 00:00:00", "3-1"),
        ("2026/3/1", "3-1"),
        ("2026年3月1日", "3-1"),
        ("3月1日", "3-1"),
        ("1-Mar", "3-1"),
        ("Mar-45", "3-45"),
    ],
)
def test_day_in__room_that_became_a_day__is_what_was_typed(value: Any, room: str) -> None:
    found = day_in(value)
    assert found is not None
    assert found[1] == room


@pytest.mark.parametrize("value", ["3-1", "3-1-101", "101", 101, "1-101", "A-1", None, "2026-13-45"])
def test_day_in__room__is_a_room(value: Any) -> None:
    assert day_in(value) is None


def test_floor__given_or_read_from_the_room() -> None:
    assert [floor_of(value, "1203") for value in (None, "3层", -1, "3F")] == [12, 3, -1, 3]
    with pytest.raises(ValidationError):
        floor_of("", "A")


@pytest.mark.parametrize("value", [datetime(2026, 3, 1), CellError("#N/A"), CellError("=")])
def test_must_be_words__day_or_error__is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        must_be_words(value)
