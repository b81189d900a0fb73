"""Forms of billing runs, single charges, tariffs and voiding."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core.amounts import RateField, YuanField
from community.estates.models import Estate
from services.fees.forms.fields import ItemChoice
from services.fees.forms.resident import MonthField
from services.fees.forms.staff import ReasonForm
from services.fees.labels import rate_label
from services.fees.models import Bill, FeeItem

MAX_CHARGE_WORDS = 60


class VoidForm(ReasonForm):
    """The reason why a bill is void and, for one that a run made, whether the next run makes it again."""

    AGAIN, EXEMPT = "again", "exempt"
    then = forms.ChoiceField(
        label=_("And then?"),
        choices=[
            (AGAIN, _("It was wrong: the next run makes it again")),
            (EXEMPT, _("Nothing is owed: no run makes it again")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose whether it is billed again.")},
    )

    def __init__(self, *args: Any, bill: Bill, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bill.run_id is None:
            del self.fields["then"]

    @property
    def is_exempt(self) -> bool:
        return self.cleaned_data.get("then") == self.EXEMPT


class ChargeForm(forms.Form):
    """A single charge to a home: what for, how much, and whom it is charged to."""

    HOUSEHOLD = "household"
    item = ItemChoice()
    words = forms.CharField(
        label=pgettext_lazy("charge", "What it is for"),
        max_length=MAX_CHARGE_WORDS,
        help_text=_("It stands on the bill and the receipt."),
        error_messages={"required": _("Please write what it is for.")},
    )
    amount = YuanField(label=_("Amount (yuan)"), error_messages={"required": _("Please type the amount.")})
    charged_to = forms.ChoiceField(label=_("Who pays?"), widget=forms.RadioSelect)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, estate: Estate, residents: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.residents = residents
        item: Any = self.fields["item"]
        item.queryset = FeeItem.objects.filter(
            estate=estate, is_active=True, basis=FeeItem.Basis.SINGLE
        ).exclude(kind__in=[FeeItem.Kind.CARE, FeeItem.Kind.REPAIR, FeeItem.Kind.LATE])
        charged_to: Any = self.fields["charged_to"]
        names = [(str(resident.pk), resident.name) for resident in residents]
        charged_to.choices = [(self.HOUSEHOLD, _("The household")), *names]
        charged_to.initial = self.HOUSEHOLD

    @property
    def resident(self) -> User | None:
        chosen = self.cleaned_data["charged_to"]
        return next((resident for resident in self.residents if str(resident.pk) == chosen), None)


class RunForm(forms.Form):
    """The fee item and the month of a billing run."""

    item = ItemChoice()
    period = MonthField(label=_("Month"), error_messages={"required": _("Please choose a month.")})

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = FeeItem.objects.filter(estate=estate, is_active=True, basis__in=FeeItem.BY_RUN)
        item: Any = self.fields["item"]
        item.queryset = counted


class FromField(MonthField):
    """Field for a day, or for a month of which the first day is meant."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")  # type: ignore[assignment]

    def clean(self, value: Any) -> date | None:
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            return super().clean(value)


# Kinds of fees that have their items from their own pages.
OWN_KINDS = (FeeItem.Kind.CARE, FeeItem.Kind.REPAIR, FeeItem.Kind.LATE)


class NewItemForm(forms.Form):
    """A new fee item; care visits, repairs and late fees have theirs from their own pages."""

    name = forms.CharField(
        label=_("Name of the fee"),
        max_length=40,
        error_messages={"required": _("Please type the name of the fee.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[one for one in FeeItem.Kind.choices if one[0] not in OWN_KINDS]
    )
    basis = forms.ChoiceField(label=_("Counted"), choices=FeeItem.Basis.choices, widget=forms.RadioSelect)
    every = forms.TypedChoiceField(label=_("Billed every"), choices=FeeItem.Every.choices, coerce=int)
    is_in_advance = forms.BooleanField(label=_("Billed in advance"), required=False)
    due_days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=365, initial=30)


class TariffForm(forms.Form):
    """A new rate, valid from a day on."""

    rate = RateField(label=_("Rate"), error_messages={"required": _("Please type a rate like 2.35.")})
    from_on = FromField(label=_("Holds from"), error_messages={"required": _("Please choose a day.")})

    def __init__(self, *args: Any, item: FeeItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate"].label = rate_label(item)
