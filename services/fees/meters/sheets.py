"""Reads a sheet of meter readings: finds its columns, checks every row, writes nothing."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from community.core.errors import ActionError
from community.core.sheets.shape import letters
from community.core.spreadsheets import CellError, SheetRefused, native, read_sheets, refusal_of
from community.core.typed_text import clean, plain
from community.estates.models import Estate
from services.fees.meters import queries
from services.fees.meters.actions.readings import check_day, check_size
from services.fees.meters.computing import Usual, oddity
from services.fees.meters.words import odd_words
from services.fees.models import Meter
from services.fees.models.meters import MILLI

MOST_ROWS = 20_000
# Lines that the page names.
SHOWN = 200
HEADINGS = {
    "serial": (
        "表号",
        "表具编号",
        "表具号",
        "水表号",
        "电表号",
        "气表号",
        "表编号",
        "meter",
        "serial",
        "no.",
    ),
    "value": ("读数", "本次读数", "本期读数", "表底", "抄表读数", "示数", "reading", "value"),
    "day": ("抄表日期", "日期", "抄表日", "day", "date"),
}
NEEDED = ("serial", "value")
DAY = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
VALUE = re.compile(r"\d{1,9}(\.\d{1,3})?0*")


@dataclass
class Checked:
    """The rows of a sheet as ``[key of the meter, day, value in 0.001]``, and the lines that are wrong or odd."""

    rows: list[tuple[int, str, int]] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    odd: list[tuple[int, str]] = field(default_factory=list)


class WrongCell(Exception):
    """Raised for a cell that cannot be read; the message names the column and what is wrong."""


def check_sheet(file: IO[bytes], *, estate: Estate, day: date, now: datetime) -> Checked:
    """Reads the first sheet of a workbook and checks all its rows; ``day`` is for rows without a day.

    The number of queries does not depend on the number of rows. Raises ``ActionError`` with the field
    ``import_file`` for a file that cannot be read, has no such columns, or has more than 20,000 rows.
    """
    sheet = read_sheets(file, most_rows=MOST_ROWS)[0]
    if sheet["refused"]:
        raise refusal_of(sheet, most_rows=MOST_ROWS)
    first, columns = _columns(sheet["rows"])
    meters: dict[str, list[Meter]] = {}
    for meter in Meter.objects.in_use().filter(estate=estate).with_places():
        meters.setdefault(meter.serial.upper(), []).append(meter)
    lines = list(_lines(sheet["rows"], first))
    if len(lines) > MOST_ROWS:
        raise SheetRefused("too_many_rows", row=MOST_ROWS + first + 1, most=MOST_ROWS)
    if not lines:
        raise SheetRefused("empty")
    found = [one for same in meters.values() for one in same]
    return _Check(meters, columns, queries.usual_by_meter(found), day, now).check(lines)


def _columns(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """Returns the number of lines down to the headings, and the column of each field."""
    for number, row in enumerate(rows[:30], 1):
        at = {}
        for column, cell in enumerate(row):
            text = plain(clean(str(cell or ""))).strip().lower().replace(" ", "")
            for key, names in HEADINGS.items():
                if text in names and key not in at:
                    at[key] = column
        if all(key in at for key in NEEDED):
            return number, at
    raise ActionError(
        "no_columns",
        _("The sheet needs the columns Serial and Reading."),
        field="import_file",
    )


def _lines(rows: Sequence[Sequence[Any]], first: int) -> Iterator[tuple[int, Sequence[Any]]]:
    for number, row in enumerate(rows[first:], first + 1):
        if any(cell is not None and str(cell).strip() for cell in row):
            yield number, row


@dataclass
class _Check:
    """The check of the rows of one sheet."""

    meters: dict[str, list[Meter]]
    columns: dict[str, int]
    usual: dict[int, Usual]
    day: date
    now: datetime

    def check(self, lines: Sequence[tuple[int, Sequence[Any]]]) -> Checked:
        checked = Checked()
        counts = Counter(self._text(row, "serial").upper() for _number, row in lines)
        for number, row in lines:
            try:
                serial = self._text(row, "serial")
                if serial and counts[serial.upper()] > 1:
                    raise WrongCell(
                        self._at("serial", _("%(serial)s stands in several lines.") % {"serial": serial})
                    )
                meter, on, milli, words = self._row(row, serial)
            except WrongCell as wrong:
                checked.wrong.append((number, str(wrong)))
                continue
            checked.rows.append((meter.pk, on.isoformat(), milli))
            if words:
                checked.odd.append((number, f"{meter.place} {meter.serial}: {words}"))
        return checked

    def _row(self, row: Sequence[Any], serial: str) -> tuple[Meter, date, int, str]:
        """Returns meter, day and value of a row, and the question about an odd one."""
        same = self.meters.get(serial.upper(), [])
        if len(same) != 1:
            words = (
                _("There is no meter %(serial)s.") if not same else _("There are several meters %(serial)s.")
            )
            raise WrongCell(self._at("serial", words % {"serial": serial or "—"}))
        meter = same[0]
        on, milli = self._on(row), self._milli(row)
        usual = self.usual.get(meter.pk)
        last = usual.last.on if usual else None
        try:
            check_day(meter, on, last, now=self.now)
            check_size(meter, milli)
        except ActionError as error:
            raise WrongCell(self._at("day" if error.field == "on" else "value", error.message)) from error
        if last == on:
            raise WrongCell(self._at("day", _("This meter has a reading of this day already.")))
        flag = oddity(usual, on, milli, meter.range_milli)
        return meter, on, milli, odd_words(flag, meter, usual.last.milli) if flag and usual else ""

    def _text(self, row: Sequence[Any], key: str) -> str:
        cell = self._cell(row, key)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return plain(clean(str("" if cell is None else cell))).strip()

    def _cell(self, row: Sequence[Any], key: str) -> Any:
        at = self.columns.get(key)
        cell = native(row[at]) if at is not None and at < len(row) else None
        if isinstance(cell, CellError):
            raise WrongCell(self._at(key, cell.text))
        return cell

    def _milli(self, row: Sequence[Any]) -> int:
        text = self._text(row, "value").replace(",", "")
        try:
            # Noise of binary fractions is rounded away: 12.299999999999999.
            number = round(Decimal(text), 6).normalize()
        except (InvalidOperation, ValueError):
            number = Decimal(-1)
        if not VALUE.fullmatch(f"{number:f}"):
            raise WrongCell(
                self._at("value", _("“%(text)s” is not a value with at most 3 places.") % {"text": text[:20]})
            )
        return int(number * MILLI)

    def _on(self, row: Sequence[Any]) -> date:
        cell = self._cell(row, "day")
        if cell is None or cell == "":
            return self.day
        if isinstance(cell, datetime):
            return cell.date()
        found = DAY.fullmatch(self._text(row, "day"))
        try:
            return date(*(int(part) for part in found.groups())) if found else _nothing()
        except ValueError:
            text = self._text(row, "day")[:20]
            raise WrongCell(self._at("day", _("“%(text)s” is not a day.") % {"text": text})) from None

    def _at(self, key: str, words: Any) -> str:
        at = self.columns.get(key)
        column = letters(at + 1) if at is not None else ""
        names = {"serial": _("No. of the meter"), "value": pgettext("meter", "Value"), "day": _("Day")}
        return f"{names[key]} ({column}): {words}" if column else f"{names[key]}: {words}"


def _nothing() -> date:
    raise ValueError
