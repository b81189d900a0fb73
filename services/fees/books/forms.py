"""Forms of the books."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.dates import near
from community.core.money import as_yuan
from community.core.services.figures import Span
from services.fees import labels
from services.fees.models import Bill, InvoiceRequest

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


class InvoiceForm(forms.Form):
    """The paid bills of an invoice, and to whom it is made out."""

    bills = forms.MultipleChoiceField(
        label=_("For which bills?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Please pick at least one bill."),
            "invalid_choice": _("One of these bills has an invoice already. Please look again."),
        },
    )
    kind = forms.ChoiceField(
        label=_("Whose title?"), choices=InvoiceRequest.Kind, widget=forms.RadioSelect, initial="personal"
    )
    title = forms.CharField(
        label=pgettext_lazy("invoice", "Title"),
        max_length=100,
        help_text=_("Your name, or that of the company."),
        error_messages={
            "required": _("Please type the title."),
            "max_length": _("Please keep it under 100 characters."),
        },
    )
    tax_number = forms.CharField(
        label=_("Tax number"),
        max_length=30,
        required=False,
        help_text=_("For a company only: 18 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=100,
        required=False,
        help_text=_("If you want it by e-mail too."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, bills: Sequence[Bill], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_bills = {str(bill.pk): bill for bill in bills}
        chosen: Any = self.fields["bills"]
        # The page shows each bill with its amount by itself.
        chosen.choices = [(key, key) for key in self.of_bills]

    @property
    def chosen(self) -> list[Bill]:
        return [self.of_bills[key] for key in self.cleaned_data["bills"]]


def _name(bill: Bill) -> str:
    return f"{labels.bill_name(bill)} {as_yuan(bill.amount_fen)}"


class IssueForm(forms.Form):
    """The invoice that answers a request."""

    number = forms.CharField(
        label=_("Number of the invoice"),
        max_length=40,
        error_messages={"required": _("Please type the number of the invoice.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Invoice file"),
        help_text=_("A PDF or OFD."),
        error_messages={"required": _("Please choose the invoice as PDF or OFD.")},
        widget=forms.FileInput(attrs={"accept": ".pdf,.ofd"}),
    )
