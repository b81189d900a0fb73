"""Spreadsheets that come from outside: what stands in them, or why they cannot be read."""

import signal
from datetime import datetime, time, timedelta
from typing import IO, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from community.core import limited
from community.core.errors import ActionError
from community.core.sheets.shape import letters

READER = "community.core.sheets.reading"
MOST_COLUMNS = 100
# Title lines above the headings, and the headings.
LINES_ABOVE = 10
# How long a file waits for others that are being read.
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
        "Something stands in row %(row)d; at most %(most)d rows can be read. "
        "Please delete what does not belong to the list, or split the file."
    ),
    "too_many_columns": _(
        "Something stands in column %(column)s; at most %(most)d columns can be read. "
        "Please delete what does not belong to the list."
    ),
    "errors": _("Some cells hold an error instead of a value. Please correct them:"),
}


class SheetRefused(ActionError):
    """The file cannot be read, or holds error cells, which ``cells`` names; the message says what to do."""

    status = 400

    def __init__(self, code: str, *, cells: tuple[str, ...] = (), **named: Any) -> None:
        message = REFUSALS.get(code, BROKEN)
        super().__init__(code, message % named if named else message, field="import_file")
        self.cells = cells


def read_sheet(file: IO[bytes], *, most_rows: int) -> list[list[Any]]:
    """The cells of the sheet that lies open, row by row from the first one on, blank rows included.

    An empty cell is None, a whole number an int; times are as JSON can hold them, see ``native``. The file
    is read in a process with hard limits, and its kind is told by its content. Raises ``SheetRefused``; a
    cell with an error (#N/A) refuses the sheet.
    """
    lines = most_rows + LINES_ABOVE
    try:
        with limited.workplace(seconds=PATIENCE) as place:
            place.keep(file, "sheet")
            answer = place.run(READER, {"path": "sheet", "most_rows": lines, "most_columns": MOST_COLUMNS})
    except limited.Busy:
        raise SheetRefused("busy") from None
    except (limited.TooMuch, limited.TooSlow):
        raise SheetRefused("too_large") from None
    except limited.Broken as error:
        # The parser ends its process where it gets no more memory.
        raise SheetRefused("too_large" if str(error) == ABORTED else "broken") from None
    if answer["refused"]:
        raise _refused(answer, most_rows)
    if not answer["rows"]:
        raise SheetRefused("empty")
    return list(answer["rows"])


def native(row: list[Any]) -> list[Any]:
    """The cells of a row of ``read_sheet`` as Python has them: days and times of day are no text."""
    return [_native(cell) for cell in row]


def _refused(answer: dict[str, Any], most_rows: int) -> SheetRefused:
    code = answer["refused"]
    if code == "too_many_rows":
        return SheetRefused(code, row=answer["row"], most=most_rows)
    if code == "too_many_columns":
        return SheetRefused(code, column=letters(answer["column"]), most=MOST_COLUMNS)
    if code == "errors":
        return SheetRefused(code, cells=tuple(_place(*error) for error in answer["errors"]))
    return SheetRefused(code)


def _place(row: int, column: int, text: str) -> Any:
    words = _("Row {row}, column {column}: {error}")
    return format_lazy(words, row=row, column=letters(column), error=text)


def _native(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    [(kind, value)] = cell.items()
    if kind == "duration":
        return timedelta(seconds=value)
    return (datetime if kind == "datetime" else time).fromisoformat(value)
