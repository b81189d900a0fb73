"""Forms of funds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.amounts import YuanField
from services.common.forms import SpokenForm
from services.fees.billing.reductions.forms import day_field
from services.fees.models import Fund, FundLine

FILE_TYPES = {"accept": "image/*,.pdf"}


class LineForm(forms.Form):
    """A line of a fund; the fields of the ground are for spendings of the maintenance fund."""

    category = forms.ChoiceField(
        label=pgettext_lazy("fund", "What is it?"),
        error_messages={"required": _("Please choose what it is.")},
    )
    amount = YuanField(label=_("Amount (yuan)"), error_messages={"required": _("Please type the amount.")})
    on = day_field(pgettext_lazy("fund", "Day"))
    counterparty = forms.CharField(
        label=_("From or to"),
        max_length=80,
        help_text=_("The company or office, no resident's name."),
        error_messages={"required": _("Please write a few words.")},
    )
    purpose = forms.CharField(
        label=_("For what"),
        max_length=200,
        help_text=_("Residents read it as you write it."),
        error_messages={"required": _("Please write a few words.")},
    )
    voucher = forms.FileField(
        label=_("Voucher"),
        help_text=_("A picture or PDF. Residents can open it."),
        error_messages={"required": _("Please add the voucher.")},
        widget=forms.FileInput(attrs=FILE_TYPES),
    )
    ground = forms.ChoiceField(
        label=_("Allowed by"),
        choices=FundLine.Ground.choices,
        required=False,
        help_text=_("For spendings of the maintenance fund."),
    )
    ground_words = forms.CharField(
        label=_("Number of the decision, or the emergency"), required=False, max_length=200
    )
    decision = forms.FileField(
        label=_("Decision of the owners"),
        required=False,
        help_text=_("A picture or PDF."),
        widget=forms.FileInput(attrs=FILE_TYPES),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of = Fund.Kind(kind)
        category: Any = self.fields["category"]
        category.choices = [
            (str(_("Fund receipts")), [(one.value, one.label) for one in FundLine.RECEIPTS[of]]),
            (str(_("Fund spendings")), [(one.value, one.label) for one in FundLine.SPENDINGS[of]]),
        ]
        if of != Fund.Kind.MAINTENANCE:
            for name in ("ground", "ground_words", "decision"):
                del self.fields[name]


class QuestionForm(SpokenForm):
    """A question of a resident about a line."""

    words = forms.CharField(
        label=_("Your question"),
        required=False,
        max_length=500,
        error_messages={"max_length": _("Please keep it under 500 characters.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class FundAnswerForm(forms.Form):
    """The answer to a question, for all residents."""

    answer = forms.CharField(
        label=_("Our answer"),
        max_length=500,
        help_text=_("All residents read it."),
        error_messages={"required": _("Please write the answer.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
