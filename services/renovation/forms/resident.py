"""Forms of residents; actions check the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from services.common.forms import KeptSpokenForm, SpokenForm
from services.common.verb_forms import words_field
from services.renovation.models import Participation

Answer = Participation.Answer


class TakePartForm(KeptSpokenForm):
    """The household's answer, yes, no or undecided, and its wishes, written or spoken."""

    answer = forms.ChoiceField(
        label=_("Does your home take part?"),
        choices=[
            (Answer.YES, pgettext_lazy("answer", "Takes part")),
            (Answer.NO, pgettext_lazy("answer", "Does not")),
            (Answer.UNDECIDED, pgettext_lazy("answer", "Not decided")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one."), "invalid_choice": _("Please choose one.")},
    )
    wishes = words_field(
        pgettext_lazy("renovation", "Wishes"),
        hint=_(
            "For example a handrail, or that somebody sleeps at noon. The crew and the property office read it."
        ),
        longest=500,
    )
    shares_pictures = forms.BooleanField(
        label=_("Neighbours may see pictures of the work in my home"), required=False
    )


class ReasonForm(SpokenForm):
    reason = words_field(_("Why? You can leave it empty."), longest=500)


class DefectsForm(SpokenForm):
    """Words or a spoken message; the action requires at least one of them."""

    words = words_field(_("What is not right?"))


class QuestionForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    words = words_field(_("Your question or comment"), _("Please write something."), longest=500)


class SlotForm(forms.Form):
    """A chosen time; a repeated key counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    slot = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
