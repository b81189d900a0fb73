"""What the readers of the kinds of workbook share: how large a sheet is, and which of its cells are wrong.

Part of the process with hard limits: the standard library only.
"""

from dataclasses import dataclass, field

MOST_ERRORS = 50


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

    def value_at(self, row: int, column: int) -> None:
        """A cell that holds something. Raises ``Refused`` where the sheet becomes too large."""
        if row > self.most_rows:
            raise Refused("too_many_rows", row=row)
        if column > self.most_columns:
            raise Refused("too_many_columns", column=column)

    def error_at(self, row: int, column: int, text: str) -> None:
        self.value_at(row, column)
        if len(self.errors) < MOST_ERRORS:
            self.errors.append((row, column, text[:20]))


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
