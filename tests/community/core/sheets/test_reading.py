"""What stands in a workbook of unknown origin: read as it is, refused in words, never a crash or a hang."""

from pathlib import Path
from typing import Any

import pytest

from community.core.sheets import reading
from community.core.sheets.shape import letters, position
from tests.support import workbooks

MAX_ROWS, MAX_COLUMNS = 50, 20
ROW = ["3号楼", "1单元", "101", 1, 98.5]
DISTANT_ROWS = (
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell{value} '
    'table:number-columns-repeated="16384"/></table:table-row>'
)

pytestmark = pytest.mark.once


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads a workbook with one sheet: the sheet, or why the file is refused."""

    def answer(content: bytes) -> dict[str, Any]:
        path = tmp_path / "sheet"
        path.write_bytes(content)
        found = reading.run(str(path), MAX_ROWS, MAX_COLUMNS)
        if found["refused"]:
            return found
        (sheet,) = found["sheets"]
        return sheet

    return answer


@pytest.mark.parametrize("build", [workbooks.xlsx, workbooks.xls, workbooks.ods])
def test_read__every_kind__has_the_same_cells(read: Any, build: Any) -> None:
    answer = read(build(["楼栋", "单元"], [None, 2.5], [], ["x", 7.0]))
    assert answer["rows"] == [["楼栋", "单元"], [None, 2.5], [None, None], ["x", 7]]
    assert (answer["refused"], answer["merged"], answer["hidden"]) == ("", [], [])


@pytest.mark.parametrize("build", [workbooks.xlsx, workbooks.xls, workbooks.ods])
def test_read__cell_with_an_error__is_named_by_row_and_column(read: Any, build: Any) -> None:
    rows = read(build(ROW, ["a", None, "#REF!"], ["#N/A"]))["rows"]
    assert rows[1][2] == {"error": "#REF!"}
    assert rows[2][0] == {"error": "#N/A"}
    assert sum(isinstance(cell, dict) for row in rows for cell in row) == 2


def test_read__error_in_a_row_without_a_number__is_counted_out(read: Any) -> None:
    answer = read(workbooks.xlsx_of('<row><c><v>1</v></c></row><row><c/><c t="e"><v>#N/A</v></c></row>'))
    assert answer["rows"] == [[1, None], [None, {"error": "#N/A"}]]


def test_read__last_rows_formatted__are_not_there(read: Any) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read(workbooks.xlsx_of(rows))["rows"] == [[1]]
    assert read(workbooks.ods([1], tail=DISTANT_ROWS.format(value="")))["rows"] == [[1]]


def test_read__value_in_the_last_row__is_refused_with_its_number(read: Any) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    answer = read(workbooks.xlsx_of(rows))
    assert (answer["refused"], answer["row"], answer["rows"]) == ("too_many_rows", 1048576, [])
    value = ' office:value-type="float" office:value="1"'
    answer = read(workbooks.ods([1], tail=DISTANT_ROWS.format(value=value)))
    assert answer["refused"] == "too_many_rows"
    assert read(workbooks.xls(*[[1]] * 51)) == {"refused": "too_many_rows", "row": 51}
    assert len(read(workbooks.xls(*[[1]] * 50))["rows"]) == 50


def test_read__value_in_the_last_column__is_refused(read: Any) -> None:
    rows = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    answer = read(workbooks.xlsx_of(rows))
    assert (answer["refused"], answer["column"]) == ("too_many_columns", 16384)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "not_a_workbook"),
        (b"", "not_a_workbook"),
        (workbooks.zipped({"word/document.xml": "<a/>"}), "not_a_workbook"),
        (workbooks.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "not_a_workbook"),
        (workbooks.compound({"WordDocument": b"x"}), "not_a_workbook"),
        (workbooks.compound({"EncryptedPackage": b"x"}), "password"),
        (workbooks.compound({"Workbook": b"\x09\x08\x10\x00" + b"\xff" * 900}), "empty"),
        (workbooks.compound({"Workbook": b"x"})[:700], "broken"),
        (workbooks.xlsx(ROW)[:900], "broken"),
        (workbooks.zipped({"xl/workbook.xml": "<a"}), "broken"),
        (workbooks.xlsx_of("<row>"), "broken"),
        (workbooks.xlsx_of("", before='<!DOCTYPE a [<!ENTITY b "c">]>'), "broken"),
        (workbooks.xlsx_of("", **{"xl/media/zeros": b"0" * 90_000_000}), "too_large"),
        (workbooks.xlsx_of(f"<row><c t='str'><v>{'x' * 3_100_000}</v></c></row>"), "too_large"),
    ],
)
def test_read__what_cannot_be_read__is_refused(read: Any, content: bytes, code: str) -> None:
    assert read(content)["refused"] == code


def test_read__hidden_sheet__is_passed_over(read: Any) -> None:
    word = workbooks.MAIN
    book = (
        f'<workbook xmlns="{word}" xmlns:r="{workbooks.RELATIONS}"><sheets>'
        '<sheet name="a" sheetId="1" state="hidden" r:id="r2"/><sheet name="b" sheetId="2" r:id="r1"/>'
        "</sheets></workbook>"
    )
    kind = f"{workbooks.RELATIONS}/worksheet"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{kind}" Target="worksheets/sheet2.xml"/></Relationships>'
    )
    hidden = f'<worksheet xmlns="{word}"><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>'
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": relations,
        "xl/worksheets/sheet2.xml": hidden,
    }
    assert read(workbooks.xlsx_of("<row><c><v>1</v></c></row>", **parts))["rows"] == [[1]]


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (16384, "XFD")])
def test_letters__columns__as_a_spreadsheet_writes_them(column: int, name: str) -> None:
    assert letters(column) == name
    assert position(f"{name}7") == (7, column)
