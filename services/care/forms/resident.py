"""Forms of residents; actions check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.care.actions import changes
from services.care.actions.bookings import MAX_ANSWER
from services.care.models import CareService
from services.common.forms import KeptSpokenForm, SpokenForm
from services.common.verb_forms import words_field

TOO_LONG = _("Please keep it under 200 characters.")


class AnswerForm(KeptSpokenForm):
    """Answer to the question of a service, written or spoken."""

    answer = forms.CharField(
        max_length=MAX_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )

    agrees = forms.BooleanField(label=_("You may note it for this care"), required=False)

    def __init__(self, *args: Any, service: CareService, has_agreed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = service.asks
        if has_agreed:
            del self.fields["agrees"]


class CancelForm(SpokenForm):
    reason = forms.CharField(
        label=_("Why? You can leave it empty."),
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )


class ThumbForm(SpokenForm):
    """Up or down, with optional words or a spoken message."""

    thumb = forms.ChoiceField(
        choices=[("up", "up"), ("down", "down")],
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("Please choose an answer."),
        },
    )
    words = words_field(_("Anything to add? You can leave it empty."), longest=changes.MAX_WORDS)
