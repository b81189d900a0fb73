"""Forms of closings."""

from django import forms

from services.fees.models import ClosingSheet


class SheetForm(forms.Form):
    """The sheet to prepare: a day, or the month that begins with it."""

    kind = forms.ChoiceField(choices=ClosingSheet.Kind.choices)
    first = forms.DateField()


class DaysForm(forms.Form):
    """The month whose days are prepared or signed, all at once."""

    month = forms.DateField()
    act = forms.ChoiceField(choices=(("prepare", ""), ("sign", "")))


class SignForm(forms.Form):
    """The checksum of the figures that the page showed."""

    digest = forms.CharField(max_length=64)
