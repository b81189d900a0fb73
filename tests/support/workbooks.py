"""Workbooks of every kind, assembled by hand: no library at hand writes the old ones."""

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook

OPENED = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ERRORS = {"#REF!": 23, "#N/A": 42}


def xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def sheets(
    named: dict[str, list[list[Any]]], *, merged: Sequence[str] = (), hidden: Sequence[int] = ()
) -> bytes:
    """Returns a workbook of several sheets; ``merged`` and ``hidden`` apply to the first."""
    book = Workbook()
    for number, (name, rows) in enumerate(named.items()):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        for row in rows:
            sheet.append(row)
    first = book.worksheets[0]
    for span in merged:
        first.merge_cells(span)
    for row in hidden:
        first.row_dimensions[row].hidden = True
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_span(content: bytes, text: str, *, rows: int) -> bytes:
    """Returns an .ods in which the cell with this text is merged with those below it."""
    parts: dict[str, bytes | str] = {}
    with zipfile.ZipFile(BytesIO(content)) as file:
        for name in file.namelist():
            parts[name] = file.read(name)
    body = (
        bytes(parts["content.xml"], "utf-8")
        if isinstance(parts["content.xml"], str)
        else parts["content.xml"]
    )
    before, after = body.decode().split(f"<text:p>{text}</text:p>", 1)
    cut = before.rindex("<table:table-cell") + len("<table:table-cell")
    before = (
        f'{before[:cut]} table:number-rows-spanned="{rows}" table:number-columns-spanned="1"{before[cut:]}'
    )
    return zipped({**parts, "content.xml": f"{before}<text:p>{text}</text:p>{after}"})


def xlsx_of(sheet_data: str, *, before: str = "", **more: bytes | str) -> bytes:
    """Returns a workbook whose single sheet holds this XML of rows; ``more`` are further parts."""
    kinds = "http://schemas.openxmlformats.org/package/2006"
    word = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'{OPENED}<Types xmlns="{kinds}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{word}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{word}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{OPENED}<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{OPENED}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{OPENED}<Relationships xmlns="{kinds}/relationships"><Relationship '
        f'Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{OPENED}{before}<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}'
        "</sheetData></worksheet>",
        **more,
    }
    return zipped(parts)


def zipped(parts: dict[str, bytes | str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return packed.getvalue()


def ods(*rows: list[Any], tail: str = "") -> bytes:
    """Returns texts, numbers and errors written as LibreOffice writes them."""
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'{OPENED}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:'
            'opendocument:xmlns:manifest:1.0"/>',
            "content.xml": f"{OPENED}<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="Sheet1">{body}{tail}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        }
    )


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        kind = "error" if value in ERRORS else "string"
        text = f"<text:p>{escape(value)}</text:p>"
        return f'<table:table-cell office:value-type="string" calcext:value-type="{kind}">{text}</table:table-cell>'
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="float" office:value="{value}">{text}</table:table-cell>'


# -- .xls: BIFF8 records in a compound file


def xls(
    *rows: list[Any], merged: Sequence[tuple[int, int, int, int]] = (), hidden: Sequence[int] = ()
) -> bytes:
    """Returns an .xls. ``merged`` are first and last row, first and last column; rows and columns count from
    0.
    """
    cells = b"".join(
        _xls_cell(row, column, value) for row, line in enumerate(rows) for column, value in enumerate(line)
    )
    begin = struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)
    for row in hidden:
        cells = _record(0x0208, struct.pack("<HHHHHHI", row, 0, 5, 255, 0, 0, 0x20)) + cells
    if merged:
        spans = b"".join(struct.pack("<HHHH", *span) for span in merged)
        cells += _record(0x00E5, struct.pack("<H", len(merged)) + spans)
    sheet = _record(0x0809, begin) + cells + _record(0x000A, b"")
    name = b"Sheet1"
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    start += _record(0x0042, struct.pack("<H", 1200))
    length = len(start) + 4 + 8 + len(name) + 4
    start += _record(0x0085, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name) + _record(0x000A, b"")
    return compound({"Workbook": start + sheet})


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(row: int, column: int, value: Any) -> bytes:
    if value is None:
        return b""
    place = struct.pack("<HHH", row, column, 0)
    if value in ERRORS:
        return _record(0x0205, place + bytes([ERRORS[value], 1]))
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, place + struct.pack("<d", value))


def compound(streams: dict[str, bytes]) -> bytes:
    """Returns a compound file (MS-CFB) of 512-byte sectors; each stream is padded to the size of a large one."""
    table, data, entries = [0xFFFFFFFD, 0xFFFFFFFE], b"", [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")
        sectors = -(-len(content) // 512)
        first = len(table)
        table += [*range(first + 1, first + sectors), 0xFFFFFFFE]
        data += content.ljust(sectors * 512, b"\0")
        entries.append(_entry(name, 2, first, len(content)))
    entries += [_entry("", 0, 0, 0)] * (4 - len(entries))
    assert len(table) <= 128
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    return header + fat + b"".join(entries) + data


def _entry(name: str, kind: int, first: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    body = text.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return body + bytes(36) + struct.pack("<III", first, size, 0)
