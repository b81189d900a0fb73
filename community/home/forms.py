"""Filters of the list of all matters."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.dates import day_of
from community.home.matters import sources

MONTHS = 24
LONGEST_WORDS = 40


class MattersForm(forms.Form):
    """Which matters: of one kind, of one month, with these words, only those under way."""

    words = forms.CharField(
        label=_("Look for"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs={"type": "search", "enterkeyhint": "search"}),
    )
    kind = forms.ChoiceField(label=_("What"), required=False)
    month = forms.ChoiceField(label=_("Month"), required=False)
    is_open = forms.BooleanField(label=_("Only under way"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(source.key, source.label) for source in sources()]
        self.fields["kind"].choices = [("", pgettext_lazy("matters", "All")), *kinds]  # type: ignore[attr-defined]
        months = [(day.isoformat(), date_format(day, "YEAR_MONTH_FORMAT")) for day in _months(today)]
        self.fields["month"].choices = [("", _("All months")), *months]  # type: ignore[attr-defined]

    def clean_month(self) -> date | None:
        return day_of(self.cleaned_data["month"]) if self.cleaned_data["month"] else None

    @property
    def chosen(self) -> dict[str, Any]:
        """Returns the filters that were understood; others are left out, as if they were not chosen."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_bound else {}


def _months(today: date) -> list[date]:
    """Returns the first days of the latest months, this one first."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
