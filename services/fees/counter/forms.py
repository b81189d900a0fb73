"""Forms of the till: float, counted cash, series of receipts, paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.amounts import YuanField
from community.core.money import as_yuan
from services.fees.counter.actions import PIECES, sum_of_pieces
from services.fees.models import ReceiptPaper

MAX_WORDS = 200
YUAN, JIAO = 100, 10
MOST_PIECES = 99_999


class OpenShiftForm(forms.Form):
    """The float of a shift; 0 if the till is empty."""

    float = YuanField(
        label=_("Float in the till (yuan)"),
        help_text=_("Type 0 if there is none."),
        error_messages={"required": _("Please type the float, or 0.")},
    )


class CloseShiftForm(forms.Form):
    """The counted cash of a shift, and why it differs from the expected cash, if it does.

    The notes and coins make up the sum; without any, the sum itself is typed.
    """

    counted = YuanField(
        label=_("Cash counted (yuan)"),
        required=False,
        help_text=_("All cash in the till, the float too."),
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for value in PIECES:
            self.fields[f"piece_{value}"] = forms.IntegerField(
                label=piece_words(value),
                required=False,
                min_value=0,
                max_value=MOST_PIECES,
                widget=forms.NumberInput(
                    attrs={"inputmode": "numeric", "data-piece": value, "autocomplete": "off"}
                ),
                error_messages={"invalid": _("Please type how many there are of each.")},
            )

    def piece_fields(self) -> list[Any]:
        """Returns the bound fields of the notes and coins, the largest first."""
        return [self[f"piece_{value}"] for value in PIECES]

    @property
    def pieces(self) -> dict[int, int]:
        """The typed numbers by value in fen; empty if none was typed."""
        typed = {value: self.cleaned_data.get(f"piece_{value}") for value in PIECES}
        return {value: number for value, number in typed.items() if number is not None}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "counted" in self.errors:
            return typed
        if self.pieces:
            fen = sum_of_pieces(self.pieces)
            if typed.get("counted") not in (None, fen):
                words = _("The notes and coins make up %(sum)s.") % {"sum": as_yuan(fen)}
                self.add_error("counted", words)
            typed["counted"] = fen
        elif typed.get("counted") is None:
            self.add_error("counted", _("Please type the cash that you counted."))
        return typed


def piece_words(value: int) -> str:
    """Returns the name of a note or coin by its value in fen: 100 yuan, 5 jiao."""
    if value >= YUAN:
        return _("%(number)s yuan") % {"number": value // YUAN}
    return _("%(number)s jiao") % {"number": value // JIAO}


class BankForm(forms.Form):
    """Cash that goes to the bank: its sum, and the number of the bank's slip."""

    amount = YuanField(
        label=_("Sum brought (yuan)"), error_messages={"required": _("Please type the amount.")}
    )
    slip_number = forms.CharField(
        label=_("Slip number"),
        max_length=40,
        error_messages={"required": _("Please type the number of the bank's slip.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


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
