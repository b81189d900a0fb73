"""Fields that several forms of staff share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.fees.labels import WAYS, item_name
from services.fees.models import FeeItem, Payment


class ItemChoice(forms.ModelChoiceField):
    """A fee item; the form sets the queryset to those of its estate."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {
            "required": _("Please choose a fee item."),
            "invalid_choice": _("Please choose a fee item of this estate."),
        }
        usual: dict[str, Any] = {"label": _("Fee item"), "empty_label": None, "error_messages": errors}
        super().__init__(FeeItem.objects.none(), **(usual | kwargs))

    def label_from_instance(self, item: Any) -> str:
        return item_name(item)


class WayForm(forms.Form):
    """The way in which money changes hands at the counter, and the number of its slip."""

    channel = forms.ChoiceField(
        label=_("How is it paid?"),
        choices=[(way, WAYS[way]) for way in Payment.AT_COUNTER],
        initial=Payment.CASH,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how it is paid.")},
    )
    slip_number = forms.CharField(
        label=_("Number of the slip"),
        required=False,
        max_length=40,
        help_text=_("None for cash."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def check_slip(self, typed: dict[str, Any]) -> None:
        """Adds an error if the number of the slip is missing for a way that has one."""
        is_slip_due = typed.get("channel") not in (None, Payment.CASH)
        if is_slip_due and not typed.get("slip_number", "").strip() and "slip_number" not in self.errors:
            self.add_error("slip_number", _("Please type the number on the slip."))
