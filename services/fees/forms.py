"""The shape of amounts and months as people type them; the rules are in the actions."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.money import to_fen
from services.fees.wording import bare_yuan

AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?")
RATE = re.compile(r"\d{1,5}(\.\d{1,4})?")
MONTH = re.compile(r"(20\d\d)[-/年.](0?[1-9]|1[0-2])月?")
# 0.0001 yuan.
HAO_OF_YUAN = 10_000


class AmountInput(forms.TextInput):
    """A number pad on phones; letters are refused with words instead of being swallowed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "amount", **(attrs or {})})


class YuanField(forms.CharField):
    """Yuan with at most two decimals; cleans to fen, None where nothing was typed."""

    is_plain = True
    widget = AmountInput

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = str(super().clean(value)).replace("¥", "").replace("￥", "").replace(",", "").strip()
        if not text:
            return None
        if not AMOUNT.fullmatch(text):
            raise forms.ValidationError(_("Please type an amount like 231.48."))
        return to_fen(Decimal(text))

    def prepare_value(self, value: Any) -> Any:
        return bare_yuan(value) if isinstance(value, int) else value


class RateField(forms.CharField):
    """Yuan a month with at most four decimals; cleans to 0.0001 yuan."""

    is_plain = True
    widget = AmountInput

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = str(super().clean(value)).strip()
        if not text:
            return None
        if not RATE.fullmatch(text):
            raise forms.ValidationError(_("Please type a rate like 2.35."))
        return int(Decimal(text) * HAO_OF_YUAN)


class MonthInput(forms.DateInput):
    input_type = "month"

    def format_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class MonthField(forms.CharField):
    """A month; cleans to its first day."""

    is_plain = True
    widget = MonthInput

    def clean(self, value: Any) -> date | None:  # type: ignore[override]
        text = str(super().clean(value)).strip()
        if not text:
            return None
        found = MONTH.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("Please type a month like 2026-11."))
        return date(int(found[1]), int(found[2]), 1)
