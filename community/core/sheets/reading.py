"""Reads a workbook of unknown origin. Runs in the process with hard limits that ``limited`` starts.

The sheet is first looked at cell by cell, in a stream: how far its values reach (a value in the last cell
of a sheet would cost gigabytes), and which cells hold an error (the parser reads those as empty).
"""

import math
import struct
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from community.core.sheets import ole, opened
from community.core.sheets.shape import Refused, Shape

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_UNPACKED = 80 * 1024 * 1024
MOST_PARTS = 2000
# Of all cells together.
MOST_CHARACTERS = 3_000_000
# Beyond, a float no longer tells two whole numbers apart.
LARGEST_WHOLE = 2**53
# What the readers say to a file that is cut off, or was put together wrongly.
DAMAGED = (
    *(CalamineError, ExpatError, zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
)


def run(path: str, most_rows: int, most_columns: int) -> dict[str, Any]:
    """``{"refused": "", "rows": …}``, or the code of the refusal with what its sentence names."""
    try:
        rows = _read(Path(path).read_bytes(), most_rows, most_columns)
    except Refused as refused:
        return {"refused": refused.code, **refused.named}
    except PasswordError:
        return {"refused": "password"}
    except DAMAGED:
        return {"refused": "broken"}
    return rows


def _read(content: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    if content.startswith(ZIP):
        name, index, shapes = _zipped(content, most_rows, most_columns)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    elif content.startswith(OLE):
        name, index = "", None
        shapes = ole.shapes(content, most_rows, most_columns)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    else:
        raise Refused("not_a_workbook")
    if index is None and not name:
        index = _first_to_see(book)
    errors = shapes[index or 0].errors
    if errors:
        return {"refused": "errors", "errors": errors}
    sheet = book.get_sheet_by_name(name) if name else book.get_sheet_by_index(index or 0)
    if sheet.end:
        Shape(most_rows, most_columns).value_at(sheet.end[0] + 1, sheet.end[1] + 1)
    return {"refused": "", "rows": _plain(sheet.to_python(skip_empty_area=False))}


def _zipped(content: bytes, most_rows: int, most_columns: int) -> tuple[str, int | None, list[Shape]]:
    with zipfile.ZipFile(BytesIO(content)) as parts:
        listed = parts.infolist()
        if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > MOST_UNPACKED:
            raise Refused("too_large")
        if "xl/workbook.xml" in parts.namelist():
            name, shape = opened.excel(parts, most_rows, most_columns)
            return name, None, [shape]
        if opened.is_ods(parts):
            return "", None, opened.ods(parts, most_rows, most_columns)
    raise Refused("not_a_workbook")


def _first_to_see(book: CalamineWorkbook) -> int:
    for index, sheet in enumerate(book.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return index
    raise Refused("empty")


def _plain(rows: list[list[Any]]) -> list[list[Any]]:
    """As JSON can hold them; blank rows at the end are left out."""
    characters = 0
    plain = []
    for row in rows:
        cells = [_cell(value) for value in row]
        characters += sum(len(cell) for cell in cells if isinstance(cell, str))
        if characters > MOST_CHARACTERS:
            raise Refused("too_large")
        plain.append(cells)
    while plain and all(cell is None for cell in plain[-1]):
        plain.pop()
    return plain


def _cell(value: Any) -> Any:
    """Numbers that are whole come as floats, empty cells as an empty text."""
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
