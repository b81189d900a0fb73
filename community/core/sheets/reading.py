"""Reads an untrusted workbook inside the sandbox.

Each sheet is first scanned as a stream: the extent of its values (a value in the last possible cell would
cost gigabytes), error cells (which the parser reads as empty), merged cells and hidden rows.
"""

import math
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from community.core.sheets import ole, text, zipped
from community.core.sheets.shape import Refused, Shape

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED = 80 * 1024 * 1024
MAX_PARTS = 2000
# Characters of all cells together.
MAX_CHARACTERS = 3_000_000
# Largest integer that a float represents exactly.
LARGEST_WHOLE = 2**53
# Errors of the readers for truncated or malformed files.
DAMAGED = (
    *(CalamineError, ExpatError, zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
)


def run(path: str, most_rows: int, most_columns: int) -> dict[str, Any]:
    """Returns ``{"refused": "", "sheets": …}``, or the code of the refusal with the values of its message.

    A sheet has its ``name``, whether it ``lies_open`` (is active), its ``rows``, ``merged`` cells (first row
    and column, last row and column, from 1) and ``hidden`` rows; or the reason why it alone is ``refused``.
    """
    try:
        sheets = _read(Path(path).read_bytes(), most_rows, most_columns)
    except Refused as refused:
        return {"refused": refused.code, **refused.named}
    except PasswordError:
        return {"refused": "password"}
    except DAMAGED:
        return {"refused": "broken"}
    return {"refused": "", "sheets": sheets}


def _read(content: bytes, most_rows: int, most_columns: int) -> list[dict[str, Any]]:
    if content.startswith(ZIP):
        found = _zipped(content, most_rows, most_columns)
    elif content.startswith(OLE):
        shapes = ole.shapes(content, most_rows, most_columns)
        found = _seen(CalamineWorkbook.from_filelike(BytesIO(content)), shapes)
    elif text.is_table(content):
        rows = _plain(text.rows(content, most_rows, most_columns))
        return [_sheet("", True, rows, Shape(most_rows, most_columns))]
    else:
        raise Refused("not_a_workbook")
    return [sheet for sheet in found if sheet["rows"] or sheet["refused"]]


def _zipped(content: bytes, most_rows: int, most_columns: int) -> list[dict[str, Any]]:
    with zipfile.ZipFile(BytesIO(content)) as parts:
        listed = parts.infolist()
        if len(listed) > MAX_PARTS or sum(part.file_size for part in listed) > MAX_UNPACKED:
            raise Refused("too_large")
        if "xl/workbook.xml" in parts.namelist():
            looked = zipped.excel(parts, most_rows, most_columns)
            book = CalamineWorkbook.from_filelike(BytesIO(content))
            return [_of_excel(book, *one) for one in looked]
        if zipped.is_ods(parts):
            shapes = zipped.ods(parts, most_rows, most_columns)
            return _seen(CalamineWorkbook.from_filelike(BytesIO(content)), shapes)
    raise Refused("not_a_workbook")


def _of_excel(book: CalamineWorkbook, name: str, lies_open: bool, shape: Shape | Refused) -> dict[str, Any]:
    """Reads a sheet unless its shape was refused, since the parser loads a sheet only on request."""
    if isinstance(shape, Refused):
        refused = {"refused": shape.code, **shape.named}
        return {"name": name, "lies_open": lies_open, "rows": [], "merged": [], "hidden": []} | refused
    return _sheet(name, lies_open, _rows(book.get_sheet_by_name(name), shape), shape)


def _seen(book: CalamineWorkbook, shapes: list[Shape]) -> list[dict[str, Any]]:
    seen = [
        (index, sheet.name)
        for index, sheet in enumerate(book.sheets_metadata)
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return [
        _sheet(name, number == 0, _rows(book.get_sheet_by_index(index), shapes[index]), shapes[index])
        for number, (index, name) in enumerate(seen)
    ]


def _sheet(name: str, lies_open: bool, rows: list[list[Any]], shape: Shape) -> dict[str, Any]:
    return {
        "name": name,
        "lies_open": lies_open,
        "refused": "",
        "rows": rows,
        "merged": shape.merged,
        "hidden": shape.hidden,
    }


def _rows(sheet: CalamineSheet, shape: Shape) -> list[list[Any]]:
    if sheet.end:
        shape.value_at(sheet.end[0] + 1, sheet.end[1] + 1)
    rows = sheet.to_python(skip_empty_area=False)
    plain = _plain(rows)
    for row, column, error in shape.errors:
        while len(plain) < row:
            plain.append([])
        cells = plain[row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = {"error": error}
    return plain


def _plain(rows: Sequence[list[Any]]) -> list[list[Any]]:
    """Converts cells for JSON and drops blank rows at the end."""
    characters = 0
    plain = []
    for row in rows:
        cells = [_cell(value) for value in row]
        characters += sum(len(cell) for cell in cells if isinstance(cell, str))
        if characters > MAX_CHARACTERS:
            raise Refused("too_large")
        plain.append(cells)
    while plain and all(cell is None for cell in plain[-1]):
        plain.pop()
    return plain


def _cell(value: Any) -> Any:
    """Converts a cell: whole floats to int, empty text to None, times to marked dicts."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else value
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"datetime": datetime.combine(value, time()).isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"duration": value.total_seconds()}
    return None if value == "" else value
