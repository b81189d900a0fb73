"""Results of checking a sheet, as JSON for storage and for the page."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from community.core.sheets.shape import letters
from community.core.spreadsheets import SheetRefused
from community.estates.imports import SKIP, Plan, RowWrong, SheetImport
from community.estates.sheets.columns import Column
from community.estates.sheets.table import Row, Table

MAX_SHOWN = 100


def refusal(refused: SheetRefused) -> dict[str, Any]:
    """Returns the result for a file that could not be read."""
    return {"said": [str(refused.message)]}


def wrong_rows(wrong: Sequence[tuple[Row, RowWrong]], columns: Sequence[Column]) -> dict[str, Any]:
    """Returns the result for refused rows, each with its place, cell and error."""
    headings = {column.key: column.heading for column in columns}
    shown = [
        {
            "sheet": row.sheet,
            "number": row.number,
            "messages": [_complaint(row, error, headings)],
            "cells": row.all_text,
        }
        for row, error in wrong[:MAX_SHOWN]
    ]
    return {"wrong": shown, "wrong_count": len(wrong)}


def _complaint(row: Row, error: RowWrong, headings: dict[str, str]) -> str:
    said = " ".join(str(message) for message in error.messages)
    if error.key not in row.at:
        return said
    named = {"row": row.number, "column": letters(row.at[error.key] + 1), "error": said}
    return _("Row {row}, column {column}: {error}").format(**named) + f" ({headings[error.key]})"


def preview(importer: SheetImport, table: Table, plans: Sequence[Plan]) -> dict[str, Any]:
    """Returns the changes to be imported; rows that need attention come first."""
    known = importer.places.buildings
    named = dict.fromkeys(plan.address.building for plan in plans if plan.address is not None)
    return {
        "totals": Counter(plan.change for plan in plans),
        "headings": importer.headings,
        "rows": [
            {"change": plan.change, "words": plan.words, "cells": plan.cells}
            for plan in sorted(plans, key=_weight)[:MAX_SHOWN]
        ],
        "count": len(plans),
        "asks": importer.asks,
        "asks_about_owners": "owners" in importer.asks,
        "new_buildings": [name for name in named if name not in known],
        "ignored": table.ignored[:MAX_SHOWN],
        "unused": table.unused,
        **importer.summary(plans),
    }


def _weight(plan: Plan) -> tuple[bool, bool]:
    """Sort key: rows with a special meaning first, then rows that change values."""
    return not plan.words, plan.change == SKIP
