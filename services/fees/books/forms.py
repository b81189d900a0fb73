"""Forms of the books."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.dates import near
from community.core.services.figures import Span

MAX_DAYS = 400


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class ReportForm(forms.Form):
    """The days of a report, and by what its rows are."""

    BY = (
        ("day", _("Day")),
        ("item", _("Fee item")),
        ("building", _("Building")),
        ("cashier", _("Cashier")),
        ("channel", _("Way of paying")),
    )

    first = _day_field(_("From"))
    last = _day_field(_("To"))
    by = forms.ChoiceField(label=_("By what"), choices=BY, required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        first, last = near(typed.get("first")), near(typed.get("last"))
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        elif first and last and (last - first).days > MAX_DAYS:
            self.add_error("last", _("Please choose a year at most."))
        return typed

    def span(self, today: date) -> Span:
        """Returns the days; without valid ones, this month up to ``today``."""
        is_valid = self.is_valid()
        typed = self.cleaned_data if is_valid else {}
        last = near(typed.get("last")) or today
        first = near(typed.get("first")) or last.replace(day=1)
        if first > last or (last - first).days > MAX_DAYS:
            first = last.replace(day=1)
        return Span(first, last)

    @property
    def chosen(self) -> str:
        """By what the rows are: by day unless another is chosen."""
        self.is_valid()
        return self.cleaned_data.get("by") or "day"
