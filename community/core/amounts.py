"""Form fields for amounts, areas and rates: 68, ¥68.50, 1,200 元, ９８．５０㎡. They clean to integers.

The database stores fen, 0.01 m² and 0.0001 yuan, which people neither type nor read. An ambiguous comma is
refused with a question instead of guessed.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

# Largest value that fits the columns in fen and 0.01 m².
MOST = Decimal("20000000")
# Units around the number only: 3块5 is 3.50, and 12·5 or 12/5 is ambiguous.
BEFORE = re.compile(r"^(?:[¥$]|人民币|RMB|每?月)+", re.IGNORECASE)
AFTER = re.compile(r"(?:[¥$]|人民币|RMB|元|块|m2|平方米|平米|平方|/|·|每?月)+$", re.IGNORECASE)
# 「12 34」 is ambiguous like 「12,34」.
BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")
NUMBER = re.compile(r"-?\d{1,8}(\.\d*)?")
# Commas between thousands: 1,200 and 1,234,567.50.
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
ONE_COMMA = re.compile(r"(\d+),(\d+)")


class AmountInput(forms.TextInput):
    """Text input with a number pad on phones; letters are refused with a message instead of dropped."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "amount", **(attrs or {})})


def plain_number(text: str) -> str:
    """Converts full-width digits and points, and removes units and spaces."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", ",")
    bare = re.sub(r"\s", "", BETWEEN_DIGITS.sub(",", plain))
    return AFTER.sub("", BEFORE.sub("", bare))


class DecimalTextField(forms.CharField):
    """A number with at most ``decimals`` places; cleans to an integer of the database's unit."""

    # Full-width digits are converted before cleaning (community.core.typed_text).
    is_plain = True
    widget = AmountInput
    decimals: ClassVar[int] = 2
    example: ClassVar[str] = "231.48"
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Please type a number like %(example)s."),
        "comma": _("Is that %(point)s or %(whole)s? Please write it with a point, or without the comma."),
        "places": _("At most %(decimals)s places after the point."),
        "too_small": _("It must be at least %(least)s."),
        "too_large": _("It can be at most %(most)s."),
    }

    def __init__(self, *, least: Decimal | None = None, most: Decimal = MOST, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = plain_number(str(super().clean(value)))
        if not text:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        number = self._number(text)
        if self.least is not None and number < self.least:
            self._refuse("too_small", least=self.least)
        if number > self.most:
            self._refuse("too_large", most=self.most)
        return int(number.scaleb(self.decimals))

    def _number(self, text: str) -> Decimal:
        if "," in text:
            if not GROUPED.fullmatch(text):
                if found := ONE_COMMA.fullmatch(text):
                    self._refuse("comma", point=f"{found[1]}.{found[2]}", whole=f"{found[1]}{found[2]}")
                self._refuse("invalid", example=self.example)
            text = text.replace(",", "")
        if not NUMBER.fullmatch(text):
            self._refuse("invalid", example=self.example)
        whole, _point, places = text.partition(".")
        if len(places.rstrip("0")) > self.decimals:
            self._refuse("places", decimals=self.decimals)
        number = Decimal(f"{whole}.{places or 0}")
        if number < 0 and self.least is None:
            self._refuse("invalid", example=self.example)
        return number

    def _refuse(self, code: str, **params: Any) -> NoReturn:
        raise forms.ValidationError(self.error_messages[code], code=code, params=params)

    def prepare_value(self, value: Any) -> Any:
        return in_words(value, self.decimals) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True


class YuanField(DecimalTextField):
    """Yuan with at most two places; cleans to fen, None for an empty input."""


class AreaField(DecimalTextField):
    """Square metres with at most two places; cleans to 0.01 m²."""

    example = "98.50"


class RateField(DecimalTextField):
    """Yuan a month with at most four places; cleans to 0.0001 yuan."""

    decimals = 4
    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Please type a rate like 2.35.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"most": Decimal("99999"), **kwargs})


# Form fields by the ending of a model field's name.
BY_ENDING: dict[str, type[DecimalTextField]] = {"_fen": YuanField, "_dm2": AreaField, "_hao": RateField}


def typed_as(field: Any) -> type[DecimalTextField] | None:
    """Returns the form field for a model field in one of these units; None for other fields."""
    if not isinstance(field, models.IntegerField):
        return None
    return next((kind for ending, kind in BY_ENDING.items() if field.name.endswith(ending)), None)


def in_words(value: int | None, decimals: int = 2) -> str:
    """Formats a stored integer with two to four places: 9850 → ``98.50``; "" for None."""
    if value is None:
        return ""
    whole, rest = divmod(abs(value), 10**decimals)
    places = f"{rest:0{decimals}d}".rstrip("0").ljust(2, "0")
    return f"{'-' if value < 0 else ''}{whole}.{places}"
