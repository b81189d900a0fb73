"""What the check of a sheet found, as JSON can hold it and a page shows it."""

import html
import re
from typing import Any

from community.core.spreadsheets import SheetRefused

MOST_SHOWN = 100
# import_export marks what is new and what goes in the HTML of each cell.
PIECE = re.compile(r"<(ins|del|span)\b[^>]*>(.*?)</\1>", re.DOTALL)


def refusal(refused: SheetRefused) -> dict[str, Any]:
    """Of a file that could not be read, or has cells with errors."""
    return {"said": [str(refused.message), *(str(cell) for cell in refused.cells)]}


def outcome_of(result: Any, rows: list[list[Any]]) -> tuple[bool, dict[str, Any]]:
    """Whether it can be imported, and what the page shows: the first rows of many."""
    if result.has_errors():
        said = [message for error in result.base_errors for message in _words(error.error)]
        wrong = [
            {"number": number + 1, "messages": [word for error in errors for word in _words(error.error)]}
            for number, errors in result.row_errors()
        ]
        return False, {"said": said, "wrong": wrong[:MOST_SHOWN], "wrong_count": len(wrong)}
    if result.has_validation_errors():
        invalid = [
            {
                "number": row.number + 1,
                "messages": _named(row),
                "cells": ["" if cell is None else str(cell) for cell in row.values],
            }
            for row in result.invalid_rows[:MOST_SHOWN]
        ]
        return False, {"wrong": invalid, "wrong_count": len(result.invalid_rows)}
    shown = [
        {
            "change": row.import_type,
            "words": getattr(row, "meaning_words", ""),
            "cells": [_pieces(cell) for cell in row.diff or []],
        }
        for row in sorted(result.valid_rows(), key=_weight)[:MOST_SHOWN]
    ]
    return True, {
        "totals": {kind: count for kind, count in result.totals.items() if count},
        "headings": list(result.diff_headers),
        "rows": shown,
        "count": len(rows) - 1,
        "asks_about_owners": getattr(result, "asks_about_owners", False),
    }


def _weight(row: Any) -> tuple[bool, bool]:
    """First what needs a look: rows with a meaning of their own, then those that change something."""
    return not getattr(row, "meaning_words", ""), row.import_type == "skip"


def _words(error: Any) -> list[str]:
    return [str(message) for message in getattr(error, "messages", [error])]


def _named(row: Any) -> list[str]:
    """Each complaint, behind the column that it is about."""
    of_columns = [
        f"{name}: {message}" for name, messages in row.field_specific_errors.items() for message in messages
    ]
    return of_columns + [str(message) for message in row.non_field_specific_errors]


def _pieces(cell: str) -> list[list[str]]:
    """[("ins", what is new), ("del", what goes), ("span", what stays)…] as plain text."""
    return [[kind, html.unescape(text)] for kind, text in PIECE.findall(cell)] or [
        ["span", html.unescape(cell)]
    ]
