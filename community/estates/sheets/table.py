"""Extracts the rows of the list in a workbook: finds sheet and headings, fills merged cells, drops footers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from community.core.sheets.shape import letters
from community.core.spreadsheets import native
from community.estates.sheets.cells import is_blank, plain, shown
from community.estates.sheets.columns import (
    Column,
    Headings,
    chosen_headings,
    find_headings,
    heading_keys,
    normal_heading,
)
from community.estates.sheets.spelling import (
    building_key,
    entrance_and_room,
    looks_like_building,
    whole_address,
)

ALL_SHEETS = "*"
EXAMPLE = re.compile(r"例如|例[:\uff1a]|[（(]?(?:示例|样例|范例|举例)")
FOOTER = re.compile(
    r"(?:本页)?(?:合计|总计|小计|共计|累计|制表|填表|审核|复核|经办|制单|打印|填报|负责人|联系人[:\uff1a]|日期|备注|注[:\uff1a]|说明"
    r"|共\s*\d+\s*(?:户|条|人|套|页|间)|第\s*\d+\s*页|total)",
    re.IGNORECASE,
)


@dataclass
class Row:
    """A row of the list and its position."""

    sheet: str
    number: int
    cells: dict[str, Any]
    at: dict[str, int]

    def text(self, key: str) -> str:
        return plain(self.cells.get(key))

    @property
    def all_text(self) -> list[str]:
        return [shown(cell) for cell in self.cells.values()]

    def place(self, key: str = "") -> str:
        """Returns the position, such as 第 3 行，C 列, with the sheet if there are several."""
        where = _("row %(row)d") % {"row": self.number}
        if key in self.at:
            where = _("row %(row)d, column %(column)s") % {
                "row": self.number,
                "column": letters(self.at[key] + 1),
            }
        return f"{self.sheet} {where}" if self.sheet else where


@dataclass
class Table:
    """Extracted rows; ``missing`` are our columns that were not found in ``asked_sheet``."""

    rows: list[Row] = field(default_factory=list)
    # (position, text) of lines outside the list: totals, signatures.
    ignored: list[tuple[str, str]] = field(default_factory=list)
    # Headings of unused columns.
    unused: list[str] = field(default_factory=list)
    # Sheets to choose from, if it is unclear which is meant.
    choices: list[str] = field(default_factory=list)
    hidden: list[Row] = field(default_factory=list)
    missing: list[Column] = field(default_factory=list)
    asks_columns: bool = False
    asked_sheet: dict[str, Any] = field(default_factory=dict)
    headings: Headings = field(default_factory=Headings)


def find_table(
    sheets: Sequence[dict[str, Any]],
    columns: Sequence[Column],
    answers: Mapping[str, Any],
    known: Mapping[str, str],
) -> Table:
    """Finds the list in sheets returned by ``read_sheets``, or the questions needed to find it.

    Takes the sheets that have all our columns; several only if each is named for a building.
    """
    readable = [sheet for sheet in sheets if not sheet["refused"]]
    found = [(sheet, _headings_of(sheet, columns, answers, known)) for sheet in readable]
    whole = [
        (sheet, headings) for sheet, headings in found if not _missing(sheet, headings, columns, answers)
    ]
    if not whole or answers.get("ask_columns"):
        weights = [(len(headings.at), sheet["lies_open"]) for sheet, headings in found]
        sheet, headings = found[weights.index(max(weights))]
        missing = _missing(sheet, headings, columns, answers)
        return Table(missing=missing, asks_columns=True, asked_sheet=sheet, headings=headings)
    names = [sheet["name"] for sheet, _headings in whole]
    if len(whole) > 1 and not all(looks_like_building(name) for name in names):
        if answers.get("sheet") not in {ALL_SHEETS, *names}:
            return Table(choices=names)
        whole = [one for one in whole if answers["sheet"] in {ALL_SHEETS, one[0]["name"]}]
    table = Table(asked_sheet=whole[0][0], headings=whole[0][1])
    for sheet, headings in whole:
        _take(table, sheet, headings, columns, answers, is_one_of_many=len(whole) > 1)
    return table


def _headings_of(
    sheet: dict[str, Any], columns: Sequence[Column], answers: Mapping[str, Any], known: Mapping[str, str]
) -> Headings:
    found = find_headings(sheet["rows"], columns, known)
    chosen = answers.get("columns")
    if chosen is None or answers.get("columns_of", sheet["name"]) != sheet["name"]:
        return found
    width = max((len(row) for row in sheet["rows"]), default=0)
    return chosen_headings(found, chosen, width)


def _missing(
    sheet: dict[str, Any], headings: Headings, columns: Sequence[Column], answers: Mapping[str, Any]
) -> list[Column]:
    """Returns required columns that were not found or are ambiguous."""
    fixed, lacking = answers.get("same", {}), answers.get("lacking", [])
    given = {key for key in headings.at if key not in headings.doubtful}
    given |= {key for key, text in fixed.items() if text} | set(lacking)
    if looks_like_building(sheet["name"]):
        given.add("building")
    if "building" not in headings.at and _section(_first_line(sheet, headings)):
        given.add("building")
    if _holds(sheet, headings, whole_address):
        given |= {"building", "entrance"}
    elif "building" in given and _holds(sheet, headings, entrance_and_room):
        given.add("entrance")
    return [column for column in columns if column.is_required and column.key not in given]


def _first_line(sheet: dict[str, Any], headings: Headings) -> list[Any]:
    below = sheet["rows"][headings.last_row :]
    return next((row for row in below if any(cell is not None for cell in row)), [])


def _section(cells: Sequence[Any]) -> str:
    """Returns the building if the line holds only its name: 3号楼 above its homes."""
    filled = [shown(native(cell)) for cell in cells if not is_blank(native(cell))]
    return filled[0] if len(filled) == 1 and looks_like_building(filled[0]) else ""


def _holds(sheet: dict[str, Any], headings: Headings, parts_of: Callable[[str], Any]) -> bool:
    """Whether rooms are written as 3-1-101 or 1-101 in a sheet without a column for the entrance."""
    at = headings.at.get("room")
    if at is None or "entrance" in headings.at:
        return False
    below = sheet["rows"][headings.last_row :]
    texts = [shown(native(row[at])) for row in below if len(row) > at and row[at] is not None]
    return bool(texts) and sum(parts_of(text) is not None for text in texts) * 2 > len(texts)


def _take(
    table: Table,
    sheet: dict[str, Any],
    headings: Headings,
    columns: Sequence[Column],
    answers: Mapping[str, Any],
    *,
    is_one_of_many: bool,
) -> None:
    """Adds the rows of one sheet to the table."""
    name = sheet["name"] if is_one_of_many else ""
    same = {key: text for key, text in answers.get("same", {}).items() if text and key not in headings.at}
    if looks_like_building(sheet["name"]) and "building" not in headings.at:
        same.setdefault("building", sheet["name"])
    is_whole = _holds(sheet, headings, whole_address)
    is_part = not is_whole and _holds(sheet, headings, entrance_and_room)
    keys = heading_keys(columns)
    hidden = set(sheet["hidden"])
    lines = list(_lines(sheet, headings, columns))
    numbers = _footers(lines, headings, columns)
    for number, cells in lines:
        if "building" not in headings.at and (section := _section(cells)):
            same["building"] = section
            continue
        row = Row(
            name, number, {key: cells[at] for key, at in headings.at.items() if at < len(cells)}, headings.at
        )
        if number in numbers or _repeats(row, headings, keys):
            table.ignored.append((row.place(), " ".join(filter(None, map(shown, cells)))[:80]))
            continue
        if number in hidden:
            table.hidden.append(row)
            if answers.get("hidden") != "take":
                continue
        row.cells.update(same)
        if is_whole:
            _split(row)
        elif is_part and (parts := entrance_and_room(row.text("room"))):
            row.cells["entrance"], row.cells["room"] = parts
        table.rows.append(row)
    used = set(headings.at.values())
    table.unused += [
        text
        for at, text in enumerate(headings.texts)
        if text and at not in used and any(at < len(cells) and not is_blank(cells[at]) for _n, cells in lines)
    ]


def _split(row: Row) -> None:
    """Splits 3-1-101 into building, entrance and room, unless another column names another building."""
    address, building = whole_address(row.text("room")), row.text("building")
    if address and (not building or building_key(building) == building_key(address[0])):
        row.cells["building"] = building or address[0]
        row.cells["entrance"], row.cells["room"] = address[1:]


def _lines(
    sheet: dict[str, Any], headings: Headings, columns: Sequence[Column]
) -> Iterator[tuple[int, list[Any]]]:
    """Yields number and cells of each non-blank line below the headings, with merged cells filled."""
    rows = sheet["rows"]
    above = _merged_above(sheet, headings, columns)
    for number in range(headings.last_row + 1, len(rows) + 1):
        cells = [native(cell) for cell in rows[number - 1]]
        if all(is_blank(cell) for cell in cells):
            continue
        for at in above.get(number, {}):
            if at < len(cells) and cells[at] is None:
                cells[at] = native(rows[above[number][at] - 1][at])
        yield number, cells


def _merged_above(
    sheet: dict[str, Any], headings: Headings, columns: Sequence[Column]
) -> dict[int, dict[int, int]]:
    """Returns, by row and column, the row in which the merged cell holds its value."""
    carrying = {headings.at[one.key] for one in columns if one.carries and one.key in headings.at}
    above: dict[int, dict[int, int]] = {}
    for row, column, last_row, _last_column in sheet["merged"]:
        if column - 1 in carrying and row > headings.last_row:
            for number in range(row + 1, min(last_row, len(sheet["rows"])) + 1):
                above.setdefault(number, {})[column - 1] = row
    return above


def _footers(
    lines: Sequence[tuple[int, list[Any]]], headings: Headings, columns: Sequence[Column]
) -> set[int]:
    """Returns the numbers of lines that are totals, signatures, examples or a single cell at the end."""
    named = [one.key for one in columns if one.is_required and (one.is_place or one.names_row)]
    places = [headings.at[key] for key in named if key in headings.at]
    found: set[int] = set()
    is_tail = True
    for number, cells in reversed(lines):
        filled = [shown(cell) for cell in cells if not is_blank(cell)]
        said = [shown(cells[at]) if at < len(cells) else "" for at in places]
        said = ["" if FOOTER.match(text) else text for text in said]
        is_nowhere = not said or not said[-1] or (len(said) > 1 and not any(said[:-1]))
        is_footer = is_nowhere and any(FOOTER.match(text) for text in filled)
        if is_footer or EXAMPLE.match(filled[0]) or (is_tail and len(filled) == 1):
            found.add(number)
        else:
            is_tail = False
    return found


def _repeats(row: Row, headings: Headings, keys: Mapping[str, str]) -> bool:
    """Whether the row repeats the headings, as at the top of each printed page."""
    texts = dict(enumerate(headings.texts))
    filled = [(key, shown(cell)) for key, cell in row.cells.items() if not is_blank(cell)]
    return len(filled) > 1 and all(
        text == texts.get(row.at[key]) or keys.get(normal_heading(text)) == key for key, text in filled
    )
