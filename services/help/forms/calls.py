"""Forms of people who answer calls, one for each verb; the action checks the rules."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from community.core import limits
from community.core.limit_table import DRILL
from community.estates.models import Entrance, Estate, Home
from services.common.verb_forms import VerbForm, words_field
from services.help import actions
from services.help.models import HelpCall

Outcome = HelpCall.Outcome


def staff_of(estate: Estate) -> QuerySet[User]:
    """Returns all staff of this estate."""
    working = StaffRole.objects.filter(estate=estate)
    return User.objects.filter(pk__in=working.values("user"), is_active=True).order_by("pk")


class CallForm(VerbForm):
    """Form of a verb on a call; ``verbs`` are the actions that it takes, by the call's status."""

    verbs: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, call: HelpCall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call


class TakeForm(CallForm):
    slug, verbs, icon = "take", ("take_call",), "check"
    title = button = _("I am going")

    def act(self, *, now: datetime) -> None:
        actions.take_call(call=self.call, by=self.by, now=now)


class SendForm(CallForm):
    slug, verbs, icon, kind = "send", ("take_call", "send_other"), "send", "soft"
    title, button = _("Send somebody else"), _("Send")
    goes = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who goes?"),
        error_messages={
            "required": _("Please choose who goes."),
            "invalid_choice": _("Please choose somebody who works here."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["goes"]
        people.queryset = staff_of(self.call.estate)

    def act(self, *, now: datetime) -> None:
        actions.send(call=self.call, by=self.by, responder=self.cleaned_data["goes"], now=now)


class EndForm(CallForm):
    slug, verbs, icon, stands_open = "end", ("end_call",), "circle-check", True
    title, button = _("What had happened?"), _("Close the call")
    outcome = forms.ChoiceField(
        choices=[],
        label=_("Outcome"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what had happened.")},
    )
    words = words_field(_("In words"), hint=_("The resident can read it; the family reads the outcome only."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = [choice for choice in Outcome.choices if (choice[0] == Outcome.DRILL) == self.call.is_drill]
        outcomes: Any = self.fields["outcome"]
        outcomes.choices = fitting
        if self.call.is_drill:
            outcomes.initial = Outcome.DRILL

    def act(self, *, now: datetime) -> None:
        actions.end_call(call=self.call, by=self.by, now=now, **self.cleaned_data)


CALL_FORMS: tuple[type[CallForm], ...] = (TakeForm, SendForm, EndForm)


class DrillForm(VerbForm):
    """Place of a drill: an entrance, or one home at it."""

    slug = "drill"

    entrance = forms.ModelChoiceField(
        Entrance.objects.none(),
        label=_("Entrance"),
        error_messages={"required": _("Please choose an entrance.")},
    )
    number = forms.CharField(
        label=_("Home number"), help_text=_("Empty for the whole entrance."), required=False, max_length=20
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, estate: Estate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estate = estate
        self.call: HelpCall | None = None
        entrances: Any = self.fields["entrance"]
        entrances.queryset = Entrance.objects.filter(building__estate=estate).select_related("building")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        number, entrance = given.get("number", "").strip(), given.get("entrance")
        if number and entrance:
            given["home"] = Home.objects.with_address().filter(entrance=entrance, number=number).first()
            if given["home"] is None:
                self.add_error("number", _("There is no such home at this entrance."))
        return given

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        where = given.get("home") or given["entrance"]
        limits.hit(DRILL, self.by.pk)
        self.call = actions.start_drill(
            by=self.by, estate=self.estate, where=where, key=given["key"], now=now
        )
