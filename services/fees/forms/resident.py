"""Form field for months; fields for amounts are in ``community.core.amounts``."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MONTH = re.compile(r"(20\d\d)[-/年.](0?[1-9]|1[0-2])月?")


class MonthInput(forms.DateInput):
    input_type = "month"

    def format_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class MonthField(forms.CharField):
    """Field for a month; cleans to its first day."""

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
