"""Scans the XML of zipped workbooks (.xlsx, .ods) as a stream without keeping it.

Runs in the sandbox: standard library only.
"""

import posixpath
import zipfile
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

from community.core.sheets.shape import NO_RESULT, Refused, Shape, position

CHUNK = 256 * 1024
MAX_SHEETS = 60
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
WORKSHEET = "/worksheet"
# Beginnings of LibreOffice's error texts.
ERROR_TEXTS = ("#", "Err:")
VALUES = ("office:value", "office:date-value", "office:time-value", "office:boolean-value")


def _parse(file: IO[bytes], start: Callable[..., None], end: Callable[..., None] | None = None) -> Any:
    """Returns a parser and a function that runs it; document types are refused, because entities could
    expand.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _no_doctype

    def run() -> None:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)

    return parser, run


def _no_doctype(*_declared: Any) -> None:
    raise Refused("broken")


# -- .xlsx


def excel(
    parts: zipfile.ZipFile, most_rows: int, most_columns: int
) -> list[tuple[str, bool, Shape | Refused]]:
    """Returns name, whether it is the active sheet, and shape or refusal for each visible sheet."""
    found: list[tuple[str, bool, Shape | Refused]] = []
    for name, path, lies_open in _seen_sheets(parts)[:MAX_SHEETS]:
        looked = _Excel(Shape(most_rows, most_columns))
        try:
            with parts.open(path) as file:
                looked.look(file)
        except Refused as refused:
            if refused.code == "broken":
                raise
            found.append((name, lies_open, refused))
        else:
            found.append((name, lies_open, looked.shape))
    return found


def _seen_sheets(parts: zipfile.ZipFile) -> list[tuple[str, str, bool]]:
    """Returns (name, path, whether it is the active sheet) of the visible sheets."""
    sheets: list[dict[str, str]] = []
    active = [0]
    targets: dict[str, tuple[str, str]] = {}

    def in_workbook(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "sheet":
            sheets.append({key.rpartition(":")[2]: value for key, value in attributes.items()})
        elif tag == "workbookView":
            active[0] = int(attributes.get("activeTab", 0))

    def in_relations(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            targets[attributes["Id"]] = attributes["Type"], attributes["Target"]

    for path, handler in (("xl/workbook.xml", in_workbook), ("xl/_rels/workbook.xml.rels", in_relations)):
        with parts.open(path) as file:
            _parser, run = _parse(file, handler)
            run()
    seen = [
        one
        for one in sheets
        if one.get("state", "visible") == "visible" and targets[one["id"]][0].endswith(WORKSHEET)
    ]
    if not seen:
        raise Refused("empty")
    lies_open = ([one for one in sheets[active[0] :][:1] if one in seen] or seen)[0]
    return [(one["name"], _path(targets[one["id"]][1]), one is lies_open) for one in seen]


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


class _Excel:
    """Single pass through a worksheet; rows and cells have a reference or follow the last one."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.row = self.column = 0
        # Reference of the present cell, parsed only for cells with a value.
        self.reference = ""
        self.kind = ""
        # Whether a formula waits for its result.
        self.waits = False
        self.text: list[str] = []
        self.parser: Any = None

    def look(self, file: IO[bytes]) -> None:
        self.parser, run = _parse(file, self.begin)
        run()
        self._give_up_formula()

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in ("c", "row") and self.waits:
            self._give_up_formula()
        if tag == "c":
            if reference := attributes.get("r", ""):
                self.reference = reference
            else:
                self._settle()
                self.column += 1
            self.kind = attributes.get("t", "")
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", 0)) or self.row + 1, 0
            self.reference = ""
            if attributes.get("hidden") in ("1", "true"):
                self.shape.hidden_at(self.row, self.row)
        elif tag == "f":
            self._settle()
            self.waits = True
        elif tag == "mergeCell":
            first, _to, last = attributes.get("ref", "").partition(":")
            self.shape.merged_at(*position(first), *position(last or first))
        elif tag in ("v", "is"):
            self._settle()
            self.shape.value_at(self.row, self.column)
            if self.kind == "e" or self.waits:
                self.text = []
                self.parser.CharacterDataHandler = self.text.append
                self.parser.EndElementHandler = self.end

    def _settle(self) -> None:
        if self.reference:
            row, column = position(self.reference)
            self.row, self.column, self.reference = row or self.row, column or self.column + 1, ""

    def _give_up_formula(self) -> None:
        if self.waits:
            self.waits = False
            self.shape.error_at(self.row, self.column, NO_RESULT)

    def end(self, tag: str) -> None:
        """Ends the text of an error cell or of a formula's result."""
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        text = "".join(self.text)
        if self.kind == "e":
            self.shape.error_at(self.row, self.column, text)
            self.waits = False
        # A text formula may have an empty result.
        elif text or self.kind == "str":
            self.waits = False


# -- .ods


def is_ods(parts: zipfile.ZipFile) -> bool:
    if "mimetype" not in parts.namelist():
        return False
    with parts.open("mimetype") as file:
        return file.read(len(ODS) + 1).strip() == ODS


def ods(parts: zipfile.ZipFile, most_rows: int, most_columns: int) -> list[Shape]:
    """Returns the shapes of all sheets, which the parser reads in one pass."""
    looked = _Ods(most_rows, most_columns)
    with parts.open("content.xml") as file:
        looked.look(file)
    if not looked.shapes:
        raise Refused("empty")
    return looked.shapes


class _Ods:
    """Single pass through all sheets; a cell or row may stand for several equal neighbours."""

    def __init__(self, most_rows: int, most_columns: int) -> None:
        self.bounds = most_rows, most_columns
        self.shapes: list[Shape] = []
        self.row = self.rows = self.column = self.columns = 0
        self.has_value = self.is_error = False
        self.text: list[str] = []
        self.parser: Any = None

    def look(self, file: IO[bytes]) -> None:
        self.parser, run = _parse(file, self.begin, self.end)
        run()

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.shapes.append(Shape(*self.bounds))
            self.row = self.rows = 0
        elif tag == "table:table-row":
            self.row += self.rows
            self.rows = int(attributes.get("table:number-rows-repeated", 1))
            self.column = 0
            if attributes.get("table:visibility", "visible") != "visible":
                self.shapes[-1].hidden_at(self.row + 1, self.row + self.rows)
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._span(attributes)
            self.columns = int(attributes.get("table:number-columns-repeated", 1))
            self.has_value = any(name in attributes for name in VALUES)
            self.is_error = attributes.get("calcext:value-type") == "error"
            self.text = []
        elif tag == "text:p":
            self.parser.CharacterDataHandler = self.text.append

    def end(self, tag: str) -> None:
        if tag == "text:p":
            self.parser.CharacterDataHandler = None
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._cell("".join(self.text))
            self.column += self.columns
            self.text = []

    def _span(self, attributes: dict[str, str]) -> None:
        rows = int(attributes.get("table:number-rows-spanned", 1))
        columns = int(attributes.get("table:number-columns-spanned", 1))
        if rows > 1 or columns > 1:
            row, column = self.row + 1, self.column + 1
            self.shapes[-1].merged_at(row, column, row + rows - 1, column + columns - 1)

    def _cell(self, text: str) -> None:
        row, column = self.row + 1, self.column + 1
        if self.has_value or text:
            self.shapes[-1].value_at(row + self.rows - 1, column + self.columns - 1)
        if self.is_error:
            self.shapes[-1].error_at(row, column, text or "#")
