"""Extent, errors, merged cells and hidden rows of a sheet, shared by the readers.

Runs in the sandbox: standard library only.
"""

from dataclasses import dataclass, field

MAX_ERRORS = 2000
MAX_MERGED = 20_000
# Marks a formula that was never calculated.
NO_RESULT = "="


class Refused(Exception):
    """Raised when a workbook is not read; ``code`` is the reason, ``named`` the values of its message."""

    def __init__(self, code: str, **named: int) -> None:
        super().__init__(code)
        self.code, self.named = code, named


@dataclass
class Shape:
    """Shape of a sheet. Rows and columns count from 1."""

    most_rows: int
    most_columns: int
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    # (first row, first column, last row, last column)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def value_at(self, row: int, column: int) -> None:
        """Records a cell with a value. Raises ``Refused`` if the sheet is too large."""
        if row > self.most_rows:
            raise Refused("too_many_rows", row=row)
        if column > self.most_columns:
            raise Refused("too_many_columns", column=column)

    def error_at(self, row: int, column: int, text: str) -> None:
        """Records an error cell. Raises ``Refused`` if there are too many to store, since none may pass as
        empty.
        """
        self.value_at(row, column)
        if len(self.errors) >= MAX_ERRORS:
            raise Refused("too_many_errors")
        self.errors.append((row, column, text[:20]))

    def merged_at(self, row: int, column: int, last_row: int, last_column: int) -> None:
        if len(self.merged) < MAX_MERGED:
            self.merged.append((row, column, last_row, last_column))

    def hidden_at(self, first: int, last: int) -> None:
        self.hidden += range(first, min(last, self.most_rows) + 1)


def letters(column: int) -> str:
    """Returns the letters of a column: 1 → A, 27 → AA."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position(reference: str) -> tuple[int, int]:
    """Parses B3 to (row, column); a missing part is 0."""
    row = column = 0
    for character in reference[:20]:
        if "0" <= character <= "9":
            row = row * 10 + ord(character) - ord("0")
        elif "A" <= (letter := character.upper()) <= "Z":
            column = column * 26 + ord(letter) - ord("A") + 1
    return row, column
