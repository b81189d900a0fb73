"""Forms of reductions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.estates.models import Estate
from services.fees.forms.fields import ItemChoice
from services.fees.forms.staff import ReasonForm
from services.fees.models import FeeItem, Reduction


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Please choose a day."), "invalid": _("Please choose a day.")},
    )


class ReductionForm(ReasonForm):
    """A reduction of one fee of a home, in per cent, for some days."""

    item = ItemChoice()
    why = forms.ChoiceField(label=pgettext_lazy("reduction", "Kind"), choices=Reduction.Why.choices)
    percent = forms.DecimalField(
        label=_("Off (per cent)"),
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        help_text=_("30 takes 30% off; 100 leaves nothing to pay."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": _("Please type the per cent to take off."),
            "invalid": _("Please type a number like 30."),
            "min_value": _("Between 0.01 and 100 per cent, please."),
            "max_value": _("Between 0.01 and 100 per cent, please."),
        },
    )
    from_on = day_field(pgettext_lazy("day", "From"))
    to_on = day_field(_("Last day"))
    field_order = ("item", "why", "percent", "from_on", "to_on", "reason")

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: Any = self.fields["item"]
        by_run = FeeItem.objects.filter(estate=estate, is_active=True).exclude(basis=FeeItem.Basis.SINGLE)
        item.queryset = by_run

    @property
    def off(self) -> int:
        """The part in 1/10000."""
        return int(self.cleaned_data["percent"] * 100)


class EndForm(forms.Form):
    """The last day of a reduction; ``of`` is its key, as a page has several such forms."""

    last_on = day_field(_("Last day"))

    def __init__(self, *args: Any, of: int, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"end_{of}_%s"
        super().__init__(*args, **kwargs)
