"""Forms of the till: float, counted cash, series of receipts, paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.amounts import YuanField
from services.fees.models import ReceiptPaper

MAX_WORDS = 200


class OpenShiftForm(forms.Form):
    """The float of a shift; 0 if the till is empty."""

    float = YuanField(
        label=_("Float in the till (yuan)"),
        help_text=_("Type 0 if there is none."),
        error_messages={"required": _("Please type the float, or 0.")},
    )


class CloseShiftForm(forms.Form):
    """The counted cash of a shift, and why it differs from the expected cash, if it does."""

    counted = YuanField(
        label=_("Cash counted (yuan)"),
        help_text=_("All cash in the till, the float too."),
        error_messages={"required": _("Please type the cash that you counted.")},
    )
    words = forms.CharField(
        label=_("Why does it differ?"),
        required=False,
        max_length=MAX_WORDS,
        help_text=_("Only if it does."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # Expected fen that the confirmation page showed.
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)


class SeriesForm(forms.Form):
    """A block of receipt numbers."""

    letters = forms.RegexField(
        r"^[A-Za-z0-9-]*$",
        label=_("Letters before the number"),
        required=False,
        max_length=8,
        error_messages={"invalid": _("Only letters A to Z, digits and dashes.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first = forms.IntegerField(
        label=_("First number"),
        min_value=1,
        error_messages={"required": _("Please type the first number.")},
    )
    last = forms.IntegerField(
        label=_("Last number"), required=False, min_value=1, help_text=_("Empty if the block has no end.")
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["letters"] = typed.get("letters", "").upper()
        return typed


class PaperForm(forms.Form):
    """The paper for a print."""

    paper = forms.ChoiceField(
        label=_("Paper"), choices=ReceiptPaper.Paper.choices, required=False, widget=forms.RadioSelect
    )
