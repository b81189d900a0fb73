"""Sheets from outside, read in a process of their own: refusals in words, also where that process dies."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from community.core import limited
from community.core.spreadsheets import SheetRefused, native, read_sheet
from tests.support import workbooks

pytestmark = pytest.mark.once
CASES = sorted((Path(__file__).parents[2] / "cases" / "xlsx").glob("*.xlsx"))


def test_read_sheet__day_in_a_cell__comes_back_as_one() -> None:
    book = Workbook()
    book.active.append(["1", datetime(2026, 3, 1)])
    packed = BytesIO()
    book.save(packed)
    assert [native(row) for row in read_sheet(packed, most_rows=9)] == [["1", datetime(2026, 3, 1)]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_read_sheet__of_an_office__is_read_or_names_its_error_cells(case: Path) -> None:
    """Files as spreadsheets of offices really are; none may stop the reader or pass for something else."""
    with case.open("rb") as file:
        if case.stem == "error-cells":
            with pytest.raises(SheetRefused) as refused:
                read_sheet(file, most_rows=20_000)
            assert any("#N/A" in cell for cell in refused.value.cells)
            return
        rows = read_sheet(file, most_rows=20_000)
    assert any("房号" in row for row in rows)
    assert max(at for at, row in enumerate(rows) if any(row)) >= 1


def test_read_sheet__too_many_rows__names_the_row_and_the_bound() -> None:
    with pytest.raises(SheetRefused) as refused:
        read_sheet(BytesIO(workbooks.xlsx(*[[1]] * 20)), most_rows=9)
    assert "20" in str(refused.value.message)
    assert "9" in str(refused.value.message)


def test_read_sheet__blank__is_refused() -> None:
    with pytest.raises(SheetRefused) as refused:
        read_sheet(BytesIO(workbooks.xlsx()), most_rows=9)
    assert refused.value.code == "empty"


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (limited.TooMuch, "too_large"),
        (limited.TooSlow, "too_large"),
        (limited.Broken("exit -11"), "broken"),
        (limited.Broken("exit -6"), "too_large"),
        (limited.Busy, "busy"),
    ],
)
def test_read_sheet__process_that_ends_badly__is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, end: Any, code: str
) -> None:
    def ended(*args: Any, **named: Any) -> Any:
        raise end

    monkeypatch.setattr(limited.Workplace, "run", ended)
    with pytest.raises(SheetRefused) as refused:
        read_sheet(BytesIO(b"x"), most_rows=9)
    assert refused.value.code == code
