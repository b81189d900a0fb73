"""Forms of residents. They check the shape of input; actions check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.common.forms import PicturesField, RecordingField, SecondsField, SpokenForm, take_spoken
from services.repairs.models import Repair


class WordsForm(forms.Form):
    """Description of the defect in words, pictures or a spoken message."""

    description = forms.CharField(
        label=_("What is wrong?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    pictures = PicturesField(required=False)
    voice = RecordingField()
    voice_seconds = SecondsField()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["spoken"] = take_spoken(self, "voice")
        return given


class SuitsForm(forms.Form):
    suits = forms.ChoiceField(choices=Repair.Suits, label=_("When does it suit you?"))


class AddWordsForm(SpokenForm):
    words = forms.CharField(
        label=_("What do you want to add?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    pictures = PicturesField(required=False)


class CancelForm(SpokenForm):
    reason = forms.CharField(
        label=_("Why? You can leave it empty."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReopenForm(SpokenForm):
    """Words or a spoken message; the action requires at least one of them."""

    words = forms.CharField(
        label=_("What is still wrong?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class QuoteForm(forms.Form):
    """Answer to the price that the page showed."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    fen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
