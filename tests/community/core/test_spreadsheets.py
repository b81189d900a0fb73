"""Sheets from outside, read in a process of their own: refusals in words, also where that process dies."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from community.core import sandbox
from community.core.spreadsheets import CellError, SheetRefused, native, read_sheets, refusal_of
from tests.support import workbooks

pytestmark = pytest.mark.once
CASES = sorted((Path(__file__).parents[2] / "cases" / "xlsx").glob("*.xlsx"))


def test_read_sheet__day_in_a_cell__comes_back_as_one() -> None:
    book = Workbook()
    book.active.append(["1", datetime(2026, 3, 1)])
    packed = BytesIO()
    book.save(packed)
    [sheet] = read_sheets(packed, most_rows=9)
    assert [[native(cell) for cell in row] for row in sheet["rows"]] == [["1", datetime(2026, 3, 1)]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_read_sheet__of_an_office__is_read_or_names_its_error_cells(case: Path) -> None:
    """Files as spreadsheets of offices really are; none may stop the reader or pass for something else."""
    with case.open("rb") as file:
        [sheet] = read_sheets(file, most_rows=20_000)
    rows = sheet["rows"]
    errors = [native(cell) for row in rows for cell in row if isinstance(native(cell), CellError)]
    assert errors == ([CellError("#N/A")] if case.stem == "error-cells" else [])
    assert any("房号" in row for row in rows)
    assert max(at for at, row in enumerate(rows) if any(row)) >= 1


def test_read_sheet__too_many_rows__names_the_row_and_the_bound() -> None:
    [sheet] = read_sheets(BytesIO(workbooks.xlsx(*[[1]] * 50)), most_rows=9)
    refused = refusal_of(sheet, most_rows=9)
    assert "40" in str(refused.message)
    assert "9" in str(refused.message)


def test_read_sheet__blank__is_refused() -> None:
    with pytest.raises(SheetRefused) as refused:
        read_sheets(BytesIO(workbooks.xlsx()), most_rows=9)
    assert refused.value.code == "empty"


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (sandbox.TooMuch, "too_large"),
        (sandbox.TooSlow, "too_large"),
        (sandbox.Broken("exit -11"), "broken"),
        (sandbox.Broken("exit -6"), "too_large"),
        (sandbox.Busy, "busy"),
    ],
)
def test_read_sheet__process_that_ends_badly__is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, end: Any, code: str
) -> None:
    def ended(*args: Any, **named: Any) -> Any:
        raise end

    monkeypatch.setattr(sandbox.Workplace, "run", ended)
    with pytest.raises(SheetRefused) as refused:
        read_sheets(BytesIO(b"x"), most_rows=9)
    assert refused.value.code == code
