"""Reads uploaded spreadsheets in the sandbox, or returns why they are refused."""

import signal
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from community.core import sandbox
from community.core.errors import ActionError
from community.core.sheets.shape import letters

READER = "community.core.sheets.reading"
MAX_COLUMNS = 100
# Lines for titles and headings above the rows.
LINES_ABOVE = 30
# Seconds that a file waits while others are read.
PATIENCE = 60
ABORTED = f"exit {-signal.SIGABRT}"

BROKEN = _("This file cannot be read: it may be damaged. Please open it, save it again as .xlsx and retry.")
REFUSALS = {
    "not_a_workbook": _("This is not a workbook that can be read. Please open it and save it as .xlsx."),
    "password": _("This file is locked with a password. Please save it without one."),
    "empty": _("There is nothing in this sheet."),
    "too_large": _(
        "This file holds more than can be read at once. Please split it, or save it as a new .xlsx."
    ),
    "busy": _("Too many files are being read right now. Please try again in a few minutes."),
    "too_many_rows": _(
        "Something stands in row %(row)d, and at most %(most)d rows can be read: "
        "please split the file, or delete what does not belong to the list."
    ),
    "too_many_columns": _(
        "Something stands in column %(column)s; at most %(most)d columns can be read. "
        "Please delete what does not belong to the list."
    ),
    "too_many_errors": _("Thousands of cells hold an error instead of a value. Please correct them first."),
}


class SheetRefused(ActionError):
    """Raised when a file cannot be read; the message says what to do."""

    status = 400

    def __init__(self, code: str, **named: Any) -> None:
        message = REFUSALS.get(code, BROKEN)
        super().__init__(code, message % named if named else message, field="import_file")


@dataclass(frozen=True)
class CellError:
    """An error in a cell, such as #N/A; ``=`` for a formula that was never calculated."""

    text: str


def read_sheets(file: IO[bytes], *, most_rows: int) -> list[dict[str, Any]]:
    """Returns the visible, non-empty sheets as ``community.core.sheets.reading`` describes them.

    Rows include blank ones. Empty cells are None, whole numbers int; times and errors are JSON values for
    ``native``. The format is detected by content. Raises ``SheetRefused``; a single sheet that is too large
    has the reason in ``refused`` (see ``refusal_of``).
    """
    lines = most_rows + LINES_ABOVE
    try:
        with sandbox.workplace(seconds=PATIENCE) as place:
            place.keep(file, "sheet")
            answer = place.run(READER, {"path": "sheet", "most_rows": lines, "most_columns": MAX_COLUMNS})
    except sandbox.Busy:
        raise SheetRefused("busy") from None
    except (sandbox.TooMuch, sandbox.TooSlow):
        raise SheetRefused("too_large") from None
    except sandbox.Broken as error:
        # The parser aborts when it gets no more memory.
        raise SheetRefused("too_large" if str(error) == ABORTED else "broken") from None
    if answer["refused"]:
        raise refusal_of(answer, most_rows=most_rows)
    if not answer["sheets"]:
        raise SheetRefused("empty")
    return list(answer["sheets"])


def refusal_of(said: dict[str, Any], *, most_rows: int) -> SheetRefused:
    """Returns the error for a refused workbook or sheet."""
    code = said["refused"]
    if code == "too_many_rows":
        return SheetRefused(code, row=said["row"], most=most_rows)
    if code == "too_many_columns":
        return SheetRefused(code, column=letters(said["column"]), most=MAX_COLUMNS)
    return SheetRefused(code)


def native(cell: Any) -> Any:
    """Converts a cell of ``read_sheets`` to Python: dates, times, and ``CellError`` for errors."""
    if not isinstance(cell, dict):
        return cell
    [(kind, value)] = cell.items()
    if kind == "error":
        return CellError(value)
    if kind == "duration":
        return timedelta(seconds=value)
    return (datetime if kind == "datetime" else time).fromisoformat(value)
