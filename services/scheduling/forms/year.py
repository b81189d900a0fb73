"""Forms for the holidays of a year: pasted, shown by day, confirmed."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from community.core import dates
from community.core.dates import FIRST, LAST, day_of
from community.estates import holiday_announcement
from community.estates.holiday_announcement import SATURDAY, ProposedDay
from community.estates.models import Estate, WorkingHours

NAME_LENGTH = 60


class YearForm(forms.Form):
    """Estate, year and announcement; without a text the statutory days are proposed."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(),
        label=_("estate"),
        widget=UnfoldAdminSelectWidget(),
        empty_label=_("All estates"),
    )
    year = forms.IntegerField(
        label=_("Year"), min_value=FIRST.year, max_value=LAST.year, widget=UnfoldAdminIntegerFieldWidget()
    )
    text = forms.CharField(
        label=_("What the State Council announced"),
        help_text=_("Paste the notice, or lines such as 2027-02-06 and the name. Empty: the statutory days."),
        max_length=20_000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, estates: QuerySet[Estate], may_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        estate: Any = self.fields["estate"]
        estate.queryset, estate.required = estates, not may_all
        if not may_all:
            estate.empty_label = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        text = given["text"].strip()
        given["days"] = (
            holiday_announcement.read(text, given["year"])
            if text
            else holiday_announcement.statutory(given["year"])
        )
        if not given["days"]:
            self.add_error("text", _("No days were found in it. Please paste the whole notice."))
        return given


class DaysForm(forms.Form):
    """A tick for each proposed day; a worked Saturday or Sunday asks for the weekday whose hours apply."""

    def __init__(self, *args: Any, days: list[ProposedDay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        for one in days:
            key = one.day.isoformat()
            self.fields[f"take_{key}"] = forms.BooleanField(required=False, initial=True)
            if one.is_working and one.day.weekday() >= SATURDAY:
                self.fields[f"hours_{key}"] = forms.TypedChoiceField(
                    choices=[("", "—"), *WorkingHours.Weekday.choices],
                    coerce=int,
                    empty_value=None,
                    required=False,
                    initial=one.hours_of,
                    widget=UnfoldAdminSelectWidget(),
                )

    def rows(self) -> list[tuple[ProposedDay, str, Any, Any]]:
        return [
            (
                one,
                f"{dates.month_day(one.day, one.day)} {dates.weekday(one.day)}",
                self[f"take_{one.day}"],
                self._hours(one.day),
            )
            for one in self.days
        ]

    def _hours(self, day: date) -> Any:
        return self[f"hours_{day}"] if f"hours_{day}" in self.fields else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for one in self.days:
            name = f"hours_{one.day}"
            if given.get(f"take_{one.day}") and name in self.fields and given.get(name) is None:
                self.add_error(name, _("Which weekday's hours does this Saturday or Sunday have?"))
        return given

    def chosen(self) -> list[ProposedDay]:
        return [
            ProposedDay(
                one.day,
                (one.name or str(_("make-up day") if one.is_working else _("day off")))[:NAME_LENGTH],
                one.is_working,
                self.cleaned_data.get(f"hours_{one.day}"),
            )
            for one in self.days
            if self.cleaned_data.get(f"take_{one.day}") and day_of(one.day.isoformat())
        ]
