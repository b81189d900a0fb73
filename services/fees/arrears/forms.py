"""Forms of arrears: filters, disputes and their answers, reminders, hardship marks, notes of calls."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.amounts import YuanField
from community.core.hours import EndTimeField
from community.estates.models import Building, Estate
from services.common.forms import SpokenForm
from services.fees.arrears.actions.disputes import MAX_WORDS
from services.fees.models import Dispute

MAX_NOTE = 300


class DayInput(forms.DateInput):
    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class ArrearsFilters(forms.Form):
    """Filters of the list of arrears, in the address; an invalid one filters nothing."""

    AGES = (
        ("", _("All")),
        ("30", _("more than 30 days")),
        ("60", _("more than 60 days")),
        ("90", _("more than 90 days")),
        ("180", _("more than 180 days")),
        ("365", _("more than a year")),
    )

    building = forms.ModelChoiceField(
        Building.objects.none(), label=_("Building"), required=False, empty_label=_("All")
    )
    age = forms.TypedChoiceField(label=_("Overdue"), choices=AGES, coerce=int, empty_value="", required=False)

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        building: Any = self.fields["building"]
        building.queryset = estate.buildings.all()  # type: ignore[attr-defined]

    def valid_filters(self) -> dict[str, Any]:
        """Returns the valid filters by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class WordsForm(forms.Form):
    """Words about what is wrong with a bill."""

    words = forms.CharField(
        label=_("What is wrong with this bill?"),
        max_length=MAX_WORDS,
        error_messages={
            "required": _("Please write a few words."),
            "max_length": _("Please keep it under 500 characters."),
        },
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ObjectionForm(SpokenForm):
    """The objection of a resident to a bill: a reason to tap, and words or a spoken message if they like."""

    PAID, AMOUNT, NOT_OURS, OTHER = "paid", "amount", "not_ours", "other"
    reason = forms.ChoiceField(
        label=_("What is wrong with this bill?"),
        choices=[
            (AMOUNT, _("The amount is not right")),
            (PAID, _("I have paid it already")),
            (NOT_OURS, _("It is not for our home")),
            (OTHER, _("Something else")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what is wrong.")},
    )
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=MAX_WORDS - 40,
        error_messages={"max_length": _("Please keep it under 500 characters.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def told(self) -> str:
        """The reason and the words as they stand on the bill."""
        reason: Any = self.fields["reason"]
        labels = [str(dict(reason.choices)[self.cleaned_data["reason"]]), self.cleaned_data["words"].strip()]
        return "\n".join(filter(None, labels))


class AnswerForm(forms.Form):
    """The answer to a dispute: the bill stands, is lowered, or is voided."""

    status = forms.ChoiceField(
        label=_("What is the answer?"),
        choices=[
            (Dispute.Status.KEPT, _("The bill is right")),
            (Dispute.Status.LOWERED, _("It is lowered to what is right")),
            (Dispute.Status.VOIDED, _("Nothing of it is owed")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an answer.")},
    )
    amount = YuanField(
        label=_("The right amount (yuan)"), required=False, help_text=_("Only for a bill that is lowered.")
    )
    words = forms.CharField(
        label=_("What do we tell the resident?"),
        max_length=MAX_WORDS,
        help_text=_("It stands on the bill as you write it."),
        error_messages={
            "required": _("Please write a few words."),
            "max_length": _("Please keep it under 500 characters."),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        is_missing = not typed.get("amount") and "amount" not in self.errors
        if typed.get("status") == Dispute.Status.LOWERED and is_missing:
            self.add_error("amount", _("Please type the right amount."))
        return typed


class DunningRuleForm(forms.Form):
    """When and how an estate reminds."""

    after_days = forms.IntegerField(
        label=_("Days after the last day to pay"),
        min_value=1,
        max_value=730,
        help_text=_("A bill is named from then on."),
    )
    again_days = forms.IntegerField(
        label=_("Days until the next reminder"),
        min_value=1,
        max_value=365,
        help_text=_("A home that was reminded less long ago is left out."),
    )
    by_sms = forms.BooleanField(label=_("By SMS too"), required=False)
    quiet_from = forms.TimeField(
        label=_("Nothing goes out from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = EndTimeField(
        label=_("until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class HardshipForm(forms.Form):
    """A mark on a home whose household is in need."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=MAX_NOTE,
        help_text=_("Only cashiers and managers can read it, and each reading is recorded."),
        error_messages={"required": _("Please write why.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    until_on = forms.DateField(
        label=_("Until"), required=False, help_text=_("Empty: until somebody ends it."), widget=DayInput()
    )


class CallForm(forms.Form):
    """A note of a call: what was said, and the day that was promised."""

    words = forms.CharField(
        label=_("What was said?"),
        max_length=MAX_NOTE,
        error_messages={"required": _("Please write a few words.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    promised_on = forms.DateField(label=_("Promised to pay on"), required=False, widget=DayInput())
    key = forms.UUIDField(widget=forms.HiddenInput)
