"""Forms of late fees: a rule, and a waiver."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.amounts import YuanField
from community.estates.models import Estate
from services.fees.forms.fields import ItemChoice
from services.fees.forms.staff import ReasonForm
from services.fees.models import FeeItem
from services.fees.models.late_fees import MAX_GRACE_DAYS, MAX_RATE_BP


class RuleForm(forms.Form):
    """A late fee from a day on."""

    item = ItemChoice(
        label=_("For which fee?"),
        required=False,
        empty_label=_("All fees but care and repairs"),
    )
    rate_bp = forms.IntegerField(
        label=_("Of 10,000 a day"),
        min_value=0,
        max_value=MAX_RATE_BP,
        help_text=_("5 means 5 yuan a day for 10,000 unpaid. 0 ends the late fee."),
        error_messages={
            "required": _("Please type a whole number."),
            "invalid": _("Please type a whole number."),
        },
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=MAX_GRACE_DAYS,
        initial=0,
        help_text=_("Days after the last day to pay that cost nothing."),
    )
    from_on = forms.DateField(
        label=_("Holds from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: Any = self.fields["item"]
        item.queryset = FeeItem.objects.filter(estate=estate, is_active=True).exclude(kind=FeeItem.Kind.LATE)
        self.fields["from_on"].initial = clock.today(clock.now())


class WaiverForm(ReasonForm):
    """How much of a late fee is waived, and why."""

    amount = YuanField(
        label=_("How much? (yuan)"),
        required=False,
        help_text=_("Empty: all that is unpaid until the answer."),
    )
    field_order = ("amount", "reason")
