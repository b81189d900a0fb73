"""What the readers of the kinds of workbook share: how large a sheet is, and what stands beside its values.

Part of the process with hard limits: the standard library only.
"""

from dataclasses import dataclass, field

MOST_ERRORS = 2000
MOST_MERGED = 20_000
# What stands in place of an error for a formula that was never worked out.
NO_RESULT = "="


class Refused(Exception):
    """The workbook is not read; ``code`` says why, ``named`` what the sentence about it names."""

    def __init__(self, code: str, **named: int) -> None:
        super().__init__(code)
        self.code, self.named = code, named


@dataclass
class Shape:
    """One sheet, looked at cell by cell. Rows and columns are counted from 1."""

    most_rows: int
    most_columns: int
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    # First row, first column, last row, last column.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def value_at(self, row: int, column: int) -> None:
        """A cell that holds something. Raises ``Refused`` where the sheet becomes too large."""
        if row > self.most_rows:
            raise Refused("too_many_rows", row=row)
        if column > self.most_columns:
            raise Refused("too_many_columns", column=column)

    def error_at(self, row: int, column: int, text: str) -> None:
        """Raises ``Refused`` where there are too many to keep: none of them may pass for an empty cell."""
        self.value_at(row, column)
        if len(self.errors) >= MOST_ERRORS:
            raise Refused("too_many_errors")
        self.errors.append((row, column, text[:20]))

    def merged_at(self, row: int, column: int, last_row: int, last_column: int) -> None:
        if len(self.merged) < MOST_MERGED:
            self.merged.append((row, column, last_row, last_column))

    def hidden_at(self, first: int, last: int) -> None:
        self.hidden += range(first, min(last, self.most_rows) + 1)


def letters(column: int) -> str:
    """1 is A, 27 is AA, as a spreadsheet writes it."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position(reference: str) -> tuple[int, int]:
    """(row, column) of B3; a part that is missing is 0."""
    row = column = 0
    for character in reference[:20]:
        if "0" <= character <= "9":
            row = row * 10 + ord(character) - ord("0")
        elif "A" <= (letter := character.upper()) <= "Z":
            column = column * 26 + ord(letter) - ord("A") + 1
    return row, column
