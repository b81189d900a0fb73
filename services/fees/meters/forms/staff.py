"""Forms of the office's pages of meters."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.amounts import RateField, YuanField
from community.estates.models import Building, Estate, Home
from services.fees.forms.resident import MonthField
from services.fees.labels import item_name
from services.fees.meters.forms.fields import MeterValueField
from services.fees.models import FeeItem, Meter, SharedCost
from services.fees.models.meters import MOST_DIGITS

Basis = FeeItem.Basis
TIERS = 4


class DayInput(forms.DateInput):
    input_type = "date"

    def format_value(self, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else value


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=DayInput,
        error_messages={
            "required": _("Please choose a day."),
            "invalid": _("Please type a day like 2026-11-30."),
        },
    )


def digits_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Digits before the point"),
        initial=5,
        min_value=3,
        max_value=MOST_DIGITS,
        error_messages={
            "required": _("Please type how many digits it has."),
            "invalid": _("Please type how many digits it has."),
        },
    )


def serial_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=30,
        error_messages={"required": _("Please type the number of the meter.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NamedItem(forms.ModelChoiceField):
    def label_from_instance(self, item: Any) -> str:
        return item_name(item)


def item_field(estate: Estate, *bases: str) -> NamedItem:
    items = FeeItem.objects.filter(estate=estate, basis__in=bases, is_active=True)
    return NamedItem(
        label=_("Fee"),
        queryset=items,
        empty_label=None,
        error_messages={
            "required": _("Please choose a fee."),
            "invalid_choice": _("Please choose a fee."),
        },
    )


def building_field(estate: Estate, *, whole: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("Building"),
        queryset=Building.objects.filter(estate=estate),
        required=False,
        empty_label=whole,
        error_messages={"invalid_choice": _("Please choose a building.")},
    )


class NewMeterForm(forms.Form):
    """A meter of a home, or without a room number of the building."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Meter.Kind)
    room = forms.CharField(
        label=_("Home"),
        required=False,
        max_length=60,
        help_text=_("As 3-1-501; left empty for a meter of the whole building."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    serial = serial_field(_("Number of the meter"))
    digits = digits_field()
    installed_on = day_field(_("There since"))
    first = MeterValueField(label=_("What it showed then"), initial=0)

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estate = estate
        self.fields["item"] = item_field(estate, Basis.METER, Basis.SHARE)
        self.fields["building"] = building_field(estate, whole=_("The whole estate"))
        self.order_fields(["item", "kind", "building", "room", "serial", "digits", "installed_on", "first"])

    def clean_room(self) -> Home | None:
        """Finds the home by its address."""
        typed = str(self.cleaned_data["room"]).strip()
        if not typed:
            return None
        from_words = Home.objects.of_estate(self.estate).with_address()
        parts = [part for part in typed.replace("－", "-").split("-") if part]
        found = [home for home in from_words.filter(number=parts[-1]) if _is_at(home, parts[:-1])]
        if len(found) != 1:
            raise forms.ValidationError(_("There is no such home. Please write it as 3-1-501."))
        return found[0]


def _is_at(home: Home, parts: list[str]) -> bool:
    """Whether building and entrance are the ones of an address such as 3-1."""
    names = [home.entrance.building.name, home.entrance.name]
    if len(parts) == 1:
        names = names[:1]
    return len(parts) in (1, 2) and all(
        _digits(name) == _digits(part) for name, part in zip(names, parts, strict=True)
    )


def _digits(name: str) -> str:
    return "".join(one for one in name if one.isascii() and one.isdigit()) or name


class ReadingForm(forms.Form):
    value = MeterValueField()
    on = day_field(_("Day"))
    is_sure = forms.BooleanField(label=_("I have checked it: the value is right"), required=False)


class ReplaceForm(forms.Form):
    """The last value of the old meter, and the new one."""

    on = day_field(_("Replaced on"))
    final = MeterValueField(label=_("Last value of the old one"))
    serial = serial_field(_("Number of the new one"))
    digits = digits_field()
    first = MeterValueField(label=_("First value of the new one"), initial=0)


class MeteredRunForm(forms.Form):
    period = MonthField(label=_("Month"), error_messages={"required": _("Please choose a month.")})

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"] = item_field(estate, Basis.METER, Basis.SHARE)
        self.order_fields(["item", "period"])


class ShareForm(forms.Form):
    """A cost to be shared; without a sum it comes from the common meter."""

    period = MonthField(label=_("Month"), error_messages={"required": _("Please choose a month.")})
    split = forms.ChoiceField(label=_("Divided"), choices=SharedCost.Split)
    amount_fen = YuanField(
        label=_("Sum (yuan)"),
        required=False,
        help_text=_("Left empty: the common meter less the homes' meters."),
    )
    words = forms.CharField(label=_("For what"), required=False, max_length=60)

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"] = item_field(estate, Basis.SHARE)
        self.fields["building"] = building_field(estate, whole=_("All homes of the estate"))
        self.order_fields(["item", "period", "building", "split", "amount_fen", "words"])


class TiersForm(forms.Form):
    """The limits of the year and the rates above them, of one tariff."""

    tier_month = forms.TypedChoiceField(
        label=_("The year begins with month"),
        choices=[(number, number) for number in range(1, 13)],
        coerce=int,
        error_messages={"invalid_choice": _("Please choose a month.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, TIERS):
            self.fields[f"above_{number}"] = MeterValueField(
                label=_("Above, a year"), required=False, least=Decimal("0.001")
            )
            self.fields[f"rate_{number}"] = RateField(
                label=_("Rate (yuan)"), required=False, least=Decimal(0)
            )

    def tiers(self) -> list[tuple[int, int]]:
        """Returns the limits in 0.001 of the unit with their rates in 0.0001 yuan."""
        given = self.cleaned_data
        rows = [(given[f"above_{one}"], given[f"rate_{one}"]) for one in range(1, TIERS)]
        return [(above, rate) for above, rate in rows if above is not None]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for one in range(1, TIERS):
            above, rate = given.get(f"above_{one}"), given.get(f"rate_{one}")
            if (above is None) != (not rate) and not self.errors:
                name = f"rate_{one}" if not rate else f"above_{one}"
                self.add_error(name, _("A tier has a limit and a rate."))
        return given
