"""Forms of the roster: shifts by hour of the week, and leaves."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.estates.models import Estate
from services.common.verb_forms import VerbForm
from services.help import actions
from services.help.forms.calls import staff_of
from services.help.models import DutyShift

NOT_HERE = {
    "required": _("Please choose who."),
    "invalid_choice": _("Please choose somebody who works here."),
}
MOMENT = {"type": "datetime-local"}
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class RosterForm(VerbForm):
    """Base of forms about the roster of one estate."""

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estate = estate
        for name in ("user", "substitute"):
            if name in self.fields:
                people: Any = self.fields[name]
                people.queryset = staff_of(estate)


class ShiftForm(RosterForm):
    slug = "shift"
    weekdays = forms.TypedMultipleChoiceField(
        choices=DutyShift.Weekday,
        coerce=int,
        label=_("Days"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one day.")},
    )
    starts = forms.IntegerField(label=_("From hour"), min_value=0, max_value=23)
    ends = forms.IntegerField(
        label=_("To hour"),
        help_text=_("At or before the first hour: of the next day."),
        min_value=0,
        max_value=24,
    )
    user = forms.ModelChoiceField(User.objects.none(), label=_("Who"), error_messages=NOT_HERE)
    rank = forms.TypedChoiceField(choices=DutyShift.Rank, coerce=int, label=_("Order"), initial=1)

    def act(self, *, now: datetime) -> None:
        actions.add_shifts(estate=self.estate, shifts=actions.NewShifts(**self.cleaned_data), by=self.by)


class LeaveForm(RosterForm):
    slug = "leave"
    user = forms.ModelChoiceField(User.objects.none(), label=_("Who is away"), error_messages=NOT_HERE)
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs=MOMENT, format=MOMENT_FORMAT)
    )
    ends_at = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs=MOMENT, format=MOMENT_FORMAT)
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Substitute"),
        required=False,
        empty_label=_("Nobody"),
        error_messages=NOT_HERE,
    )

    def act(self, *, now: datetime) -> None:
        leave = actions.NewLeave(**self.cleaned_data)
        actions.add_leave(estate=self.estate, leave=leave, by=self.by, now=now)
