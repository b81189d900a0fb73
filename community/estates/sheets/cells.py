"""Parsers of single cells: names, places, areas, floors, and room numbers that Excel turned into dates."""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.core import typed_text
from community.core.sheets.shape import NO_RESULT
from community.core.spreadsheets import CellError
from community.core.typed_text import clean

# Text without invisible or ambiguous characters, which needs no cleaning.
COMMON = re.compile(r"(?:[!-~\u3400-\u4dbf\u4e00-\u9fff]| (?! ))*")
WHOLE = re.compile(r"^([+-]?\d+)\.0+$")
BLANKS = re.compile(r"\s+")
# Blanks between Chinese characters are only visual.
PADDING = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
DAY_AS_TEXT = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?(?: ?0?0:00(?::00(?:\.0+)?)?)?"
)
# Characters that every date contains.
IN_DAYS = re.compile(r"[-/.月]|[\uff0d\uff0f\uff0e]")
MONTH_AND_DAY = re.compile(r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ENGLISH_DAY = re.compile(rf"(?P<day>\d{{1,2}})-(?P<month>{'|'.join(MONTHS)})", re.IGNORECASE)
ENGLISH_MONTH = re.compile(rf"(?P<month>{'|'.join(MONTHS)})-(?P<year>\d{{2}})", re.IGNORECASE)
# Day 0 of Excel: room 101 in a cell formatted as a date is 1900-04-10.
FIRST_DAY = date(1899, 12, 30)
LAST_OF_NUMBERS = 1930
AREA_UNIT = re.compile(r"(?:m2|m²|㎡|平方米|平米|平方|平)$", re.IGNORECASE)
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
MAX_DM2 = 10_000_000
# Error of binary fractions: 98.39999999999999.
NOISE = Decimal("0.000001")


def plain(value: Any) -> str:
    """Returns the text of a cell: 501.0 becomes 501, invisible characters are removed."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    text = str("" if value is None else value)
    if not COMMON.fullmatch(text):
        text = BLANKS.sub(" ", clean(text))
    text = text.strip()
    return WHOLE.sub(r"\1", text) if ".0" in text else text


def narrow(value: Any) -> str:
    """Returns the text with full-width digits and letters converted, for numbers and places."""
    text = plain(value)
    return text if COMMON.fullmatch(text) else plain(typed_text.plain(text))


def name_of(value: Any) -> str:
    """Returns a person's name without blanks: 王　芳 becomes 王芳."""
    return PADDING.sub("", plain(value))


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and plain(value) == "")


def must_be_words(value: Any) -> None:
    """Raises ``ValidationError`` for an error, date or time in place of a name or number."""
    if isinstance(value, CellError):
        if value.text == NO_RESULT:
            raise ValidationError(_("The formula has no result yet: open the file, save it and retry."))
        raise ValidationError(value.text)
    if isinstance(value, datetime | date | time | timedelta):
        raise ValidationError(_("This is a date or time: %(text)s.") % {"text": shown(value)})


def shown(value: Any) -> str:
    """Returns a cell as the page shows it."""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    return plain(value)


def day_in(value: Any) -> tuple[str, str] | None:
    """Returns (the date as shown, the likely room) if a room became a date; otherwise None."""
    if isinstance(value, datetime):
        return shown(value), _room_of(value.date())
    if not isinstance(value, str) or not IN_DAYS.search(value):
        return None
    text = narrow(value)
    if found := DAY_AS_TEXT.fullmatch(text):
        try:
            return text, _room_of(date(*(int(found[part]) for part in ("year", "month", "day"))))
        except ValueError:
            return None
    if found := MONTH_AND_DAY.fullmatch(text):
        return text, f"{int(found['month'])}-{int(found['day'])}"
    if found := ENGLISH_DAY.fullmatch(text):
        return text, f"{MONTHS.index(found['month'].lower()) + 1}-{int(found['day'])}"
    if found := ENGLISH_MONTH.fullmatch(text):
        return text, f"{MONTHS.index(found['month'].lower()) + 1}-{found['year']}"
    return None


def _room_of(day: date) -> str:
    """Returns the likely room: Excel turns 3-1 into 1 March of this year and 3-45 into March 1945."""
    if day.year < LAST_OF_NUMBERS:
        return str((day - FIRST_DAY).days)
    if day.day == 1 and not 2000 <= day.year < 2100:
        return f"{day.month}-{day.year % 100}"
    return f"{day.month}-{day.day}"


def area_dm2(value: Any) -> int:
    """Parses an area to hundredths of m²: 98.5 m² → 9850. Raises ``ValidationError``."""
    must_be_words(value)
    text = AREA_UNIT.sub("", narrow(value)).strip()
    if THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        area = Decimal(text) * 100
    except InvalidOperation as error:
        raise ValidationError(_("%(text)s is not an area in m².") % {"text": text}) from error
    if not area.is_finite() or not 1 <= area <= MAX_DM2 or abs(area - round(area)) > NOISE * 100:
        raise ValidationError(
            _("The area is a number of m² with at most 2 decimals: %(text)s.") % {"text": text}
        )
    return round(area)


def floor_of(value: Any, room: str) -> int:
    """Parses a floor such as 12, 12层 or -1; an empty one is read from the room: 1203 is on floor 12.

    Raises ``ValidationError``.
    """
    must_be_words(value)
    text = narrow(value).removesuffix("层").removesuffix("楼").removesuffix("F").removesuffix("f")
    if not text and room.isascii() and room.isdigit() and len(room) >= 3:
        text = room[:-2]
    try:
        floor = int(text)
    except ValueError as error:
        raise ValidationError(_("The floor is missing or not a whole number.")) from error
    if not -10 <= floor <= 200:
        raise ValidationError(_("There is no floor %(floor)d.") % {"floor": floor})
    return floor
