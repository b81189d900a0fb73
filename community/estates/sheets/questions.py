"""Questions about a sheet before its rows are checked: columns, hidden rows, rooms turned into dates."""

from collections.abc import Sequence
from typing import Any

from community.core.sheets.shape import letters
from community.core.spreadsheets import native
from community.estates.sheets.cells import day_in, is_blank, narrow, shown
from community.estates.sheets.columns import Column
from community.estates.sheets.places import Places
from community.estates.sheets.table import Row, Table

EXAMPLES = 3
MAX_SHOWN = 50
TAKE, LEAVE = "take", "leave"
YES, NO = "yes", "no"


def table_questions(table: Table, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Returns questions that must be answered before rows can be read: the sheet or its columns."""
    if table.choices:
        return [{"kind": "sheet", "names": table.choices}]
    if not table.asks_columns:
        return []
    return [_about_columns(table, columns)]


def _about_columns(table: Table, columns: Sequence[Column]) -> dict[str, Any]:
    sheet, headings = table.asked_sheet, table.headings
    below = [row for row in sheet["rows"][headings.last_row :] if any(cell is not None for cell in row)]
    width = max((len(row) for row in sheet["rows"]), default=0)
    found = {at: key for key, at in headings.at.items() if key not in headings.doubtful}
    shown_columns = []
    for at in range(width):
        cells = [native(row[at]) for row in below if at < len(row)]
        examples = [shown(cell)[:30] for cell in cells if not is_blank(cell)][:EXAMPLES]
        heading = headings.texts[at] if at < len(headings.texts) else ""
        if heading or examples:
            shown_columns.append(
                {
                    "number": at,
                    "letter": letters(at + 1),
                    "heading": heading,
                    "examples": examples,
                    "chosen": found.get(at, ""),
                }
            )
    return {
        "kind": "columns",
        "sheet": sheet["name"],
        "columns": shown_columns,
        "fields": [{"key": one.key, "heading": one.heading, "needed": one.is_required} for one in columns],
        "missing": [one.heading for one in table.missing],
        "same": [{"key": one.key, "heading": one.heading} for one in table.missing if one.may_be_one],
        "lacking": [{"key": one.key, "heading": one.heading} for one in table.missing if one.may_lack],
    }


def row_questions(
    table: Table, columns: Sequence[Column], places: Places, answers: dict[str, Any]
) -> list[dict[str, Any]]:
    """Returns questions about unclear rows."""
    asked: list[dict[str, Any]] = []
    if table.hidden and not answers.get("hidden"):
        asked.append(_places_of("hidden", table.hidden))
    days = [
        {"place": row.place(key), "shown": day[0], "room": day[1]}
        for row, key, day in _days(table.rows, columns)
    ]
    if days and not answers.get("days"):
        asked.append({"kind": "days", "cells": days[:MAX_SHOWN], "count": len(days)})
    for unclear in places.unclear(narrow(row.cells.get("building")) for row in table.rows):
        first = next(row for row in table.rows if places_match(row, unclear.written))
        asked.append({"kind": "building", **vars(unclear), "place": first.place("building")})
    return asked


def places_match(row: Row, written: str) -> bool:
    return narrow(row.cells.get("building")).replace(" ", "") == written


def read_days(table: Table, columns: Sequence[Column]) -> None:
    """Replaces rooms that became dates with the likely input, after the office has confirmed it."""
    for row, key, day in _days(table.rows, columns):
        row.cells[key] = day[1]


def _days(rows: Sequence[Row], columns: Sequence[Column]) -> list[tuple[Row, str, tuple[str, str]]]:
    keys = [one.key for one in columns if one.is_place]
    return [(row, key, day) for row in rows for key in keys if (day := day_in(row.cells.get(key)))]


def _places_of(kind: str, rows: Sequence[Row]) -> dict[str, Any]:
    return {"kind": kind, "count": len(rows), "places": [row.place() for row in rows[:MAX_SHOWN]]}
