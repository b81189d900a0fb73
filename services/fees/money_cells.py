"""Amounts in yuan in the cells of sheets."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.estates.sheets.cells import NOISE, is_blank, must_be_words, narrow

MONEY_UNIT = re.compile(r"^[¥￥]|元$")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def fen_in(value: Any, *, most: int, least: int = 0) -> int:
    """Parses an amount in yuan to fen, ``least`` to ``most``; 0 for an empty cell.

    Raises ``ValidationError``.
    """
    if is_blank(value):
        return 0
    must_be_words(value)
    text = MONEY_UNIT.sub("", narrow(value)).strip()
    if THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        fen = Decimal(text) * 100
    except InvalidOperation as error:
        raise ValidationError(_("%(text)s is not an amount in yuan.") % {"text": text}) from error
    if not fen.is_finite() or abs(fen - round(fen)) > NOISE * 100:
        raise ValidationError(_("An amount has at most two places: %(text)s.") % {"text": text})
    if fen < 0 <= least:
        raise ValidationError(_("An amount cannot be below 0: %(text)s.") % {"text": text})
    if not least <= fen <= most:
        raise ValidationError(_("The amount %(text)s is too large.") % {"text": text})
    return round(fen)
