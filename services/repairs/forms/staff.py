"""Forms of the desk: the filters of the board, and one form for each verb.

A form checks the shape of input and calls its action; the action checks the rules.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from community.core.money import as_yuan
from community.core.search.hints import WITH_REFERENCE
from community.core.statements import Statement
from community.estates.models import Building, Estate
from services.common import verb_forms
from services.common.models import Satisfaction
from services.common.verb_forms import words_field
from services.repairs import actions
from services.repairs.models import Repair, RepairCategory
from services.repairs.queries import workers_of

_BUILDINGS: Statement[Building] = Statement(lambda estate: Building.objects.filter(estate=estate))
_CATEGORIES: Statement[RepairCategory] = Statement(
    lambda estate: RepairCategory.objects.top_level().filter(estate=estate)
)


class BoardFilters(forms.Form):
    """Filters of the board, in the address, so that it can be bookmarked and shared."""

    words = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": WITH_REFERENCE}),
    )
    building = forms.ModelChoiceField(Building.objects.none(), label=_("Building"), required=False)
    category = forms.ModelChoiceField(RepairCategory.objects.none(), label=_("What"), required=False)
    worker = forms.ModelChoiceField(User.objects.none(), label=_("Worker"), required=False)
    emergency = forms.BooleanField(label=_("Emergencies only"), required=False)

    def __init__(self, *args: Any, estate: Estate, workers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, tuple[Callable[[], Any], Iterable[Any]]] = {
            "building": (estate.buildings.all, _BUILDINGS(estate.pk)),
            "category": (estate.repair_categories.top_level, _CATEGORIES(estate.pk)),  # type: ignore[attr-defined]
            "worker": (lambda: workers_of(estate), workers),
        }
        for name, (allowed, shown) in rows.items():
            field: Any = self.fields[name]
            if self.data.get(name):
                field.queryset = allowed()
            # The page has read them already; a field would read them again.
            field.choices = [("", str(_("All"))), *((one.pk, str(one)) for one in shown)]

    def valid_filters(self) -> dict[str, Any]:
        """Returns the valid filters; an invalid one filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class VerbForm(verb_forms.VerbForm):
    """Form of a verb on a repair."""

    def __init__(self, *args: Any, repair: Repair, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.repair = repair


class AcceptForm(VerbForm):
    slug, verb, icon = "accept", "accept_repair", "check"
    title = button = _("Accept")

    def act(self, *, now: datetime) -> None:
        actions.accept_repair(repair=self.repair, by=self.by, now=now)


class WorkerChoice(forms.ModelChoiceField):
    def label_from_instance(self, worker: Any) -> str:
        return load_words(worker)


def load_words(worker: Any) -> str:
    """Returns a worker's name with the number of open jobs."""
    return ngettext("%(name)s: %(number)d open job", "%(name)s: %(number)d open jobs", worker.open_jobs) % {
        "name": worker.name,
        "number": worker.open_jobs,
    }


class AssignForm(VerbForm):
    slug, verb, icon, stands_open = "assign", "assign_repair", "user", True
    title = _("Assign to a worker")
    button = _("Assign")
    worker = WorkerChoice(
        User.objects.none(),
        label=_("Worker"),
        empty_label=_("Choose a worker"),
        error_messages={
            "required": _("Please choose a worker."),
            "invalid_choice": _("Please choose a repair worker of this estate."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers_of(self.repair.estate)  # type: ignore[attr-defined]

    def act(self, *, now: datetime) -> None:
        actions.assign_repair(repair=self.repair, worker=self.cleaned_data["worker"], by=self.by, now=now)


class WriteForm(VerbForm):
    slug, verb, icon, kind = "write", "add_words", "send", "line"
    title = _("Write to the resident")
    button = _("Send")
    words = words_field(
        _("Message"), _("Please write something."), hint=_("The resident and the worker read it.")
    )

    def act(self, *, now: datetime) -> None:
        actions.add_words(repair=self.repair, by=self.by, words=self.cleaned_data["words"], now=now)


class NoteForm(VerbForm):
    slug, verb, icon, kind = "note", "add_internal_note", "pencil", "line"
    title = _("Internal note")
    button = _("Keep the note")
    words = words_field(_("Note"), _("Please write something."), hint=_("Only staff read it."))

    def act(self, *, now: datetime) -> None:
        words = self.cleaned_data["words"]
        actions.add_words(repair=self.repair, by=self.by, words=words, is_internal=True, now=now)


class DeclineForm(VerbForm):
    slug, verb, icon, kind = "decline", "decline_repair", "x", "danger"
    title = button = _("Decline")
    reason = words_field(_("Why"), _("Please write why."), hint=_("The resident reads it."))

    def act(self, *, now: datetime) -> None:
        actions.decline_repair(repair=self.repair, by=self.by, reason=self.cleaned_data["reason"], now=now)


class CancelForm(VerbForm):
    slug, verb, icon, kind = "cancel", "cancel_repair", "x", "danger"
    title = _("Cancel for the resident")
    button = _("Cancel the repair")
    reason = words_field(_("Why"), _("Please write why."))

    def act(self, *, now: datetime) -> None:
        actions.cancel_repair(repair=self.repair, by=self.by, reason=self.cleaned_data["reason"], now=now)


class AnswerQuoteForm(VerbForm):
    """Form of the answer to a price. It sends the price along that was read out, so that no other is
    accepted.
    """

    slug, verb, icon = "answer-quote", "answer_quote", "message"
    title = _("The resident's answer to the price")
    button = _("Keep the answer")
    answer = forms.ChoiceField(
        label=_("Does the resident agree?"),
        choices=[("yes", _("Agrees")), ("no", _("Does not agree"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an answer.")},
    )
    fen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["fen"] = self.repair.quote_fen
        self.fields["answer"].help_text = as_yuan(self.repair.quote_fen or 0)

    def act(self, *, now: datetime) -> None:
        agrees = self.cleaned_data["answer"] == "yes"
        fen = self.cleaned_data["fen"]
        actions.answer_quote(repair=self.repair, by=self.by, agrees=agrees, fen=fen, now=now)


class FaceForm(VerbForm):
    """Base of forms with the resident's rating, given by phone or at the desk."""

    face = forms.TypedChoiceField(
        label=_("How was it?"),
        coerce=int,
        choices=[(face.value, face.label) for face in reversed(Satisfaction.Face)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the three faces.")},
    )
    words = words_field(_("In words"))


class ConfirmForm(FaceForm):
    slug, verb, icon, kind = "confirm", "confirm_repair", "circle-check", "line"
    title = _("The resident says that it is mended")
    button = _("Confirm")

    def act(self, *, now: datetime) -> None:
        face, words = self.cleaned_data["face"], self.cleaned_data["words"]
        actions.confirm_repair(repair=self.repair, by=self.by, face=face, words=words, now=now)


class RateForm(FaceForm):
    slug, verb, icon, kind = "rate", "rate_repair", "star", "line"
    title = _("How content the resident is")
    button = _("Keep the answer")

    def act(self, *, now: datetime) -> None:
        face, words = self.cleaned_data["face"], self.cleaned_data["words"]
        actions.rate_repair(repair=self.repair, by=self.by, face=face, words=words, now=now)


class ReopenForm(VerbForm):
    slug, verb, icon, kind = "reopen", "reopen_repair", "refresh", "line"
    title = _("The resident says that it is not mended")
    button = _("Reopen")
    words = words_field(_("What is still wrong"), _("Please write what is still wrong."))

    def act(self, *, now: datetime) -> None:
        actions.reopen_repair(repair=self.repair, by=self.by, words=self.cleaned_data["words"], now=now)


DESK_FORMS: tuple[type[VerbForm], ...] = (
    AcceptForm,
    AssignForm,
    WriteForm,
    NoteForm,
    AnswerQuoteForm,
    ConfirmForm,
    ReopenForm,
    RateForm,
    DeclineForm,
    CancelForm,
)
