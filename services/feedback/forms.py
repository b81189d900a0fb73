"""Forms of feedback. They check the shape; actions check the rules."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import StaffRole
from community.core.recordings import Spoken
from services.common.forms import PicturesField, SpokenForm
from services.common.models import Satisfaction
from services.common.verb_forms import VerbForm, words_field
from services.feedback import actions, timeline
from services.feedback.actions.feedback import MAX_ABOUT
from services.feedback.models import Feedback
from services.feedback.roles import DEPARTMENTS

NO_WORDS = _("Please write what it is about.")


class TokenField(forms.UUIDField):
    """The single-use token of a page; cleans to None for any other value."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid4, widget=forms.HiddenInput)

    def clean(self, value: Any) -> UUID | None:
        try:
            return super().clean(value) or None
        except forms.ValidationError:
            return None


class WriteForm(SpokenForm):
    """The first words; only who may put their name to them may speak instead, since a voice says who one is.

    ``has_spoken`` says that a spoken message went up with an earlier page.
    """

    words = words_field(_("In your words"))
    about = forms.CharField(
        label=_("About what? You can leave it empty."),
        required=False,
        max_length=MAX_ABOUT,
        error_messages={"max_length": _("Please keep it under 60 characters.")},
    )
    pictures = PicturesField(required=False)

    def __init__(self, *args: Any, may_speak: bool = False, has_spoken: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_speak, self.has_spoken = may_speak, has_spoken
        self.fields["words"].required = not may_speak
        self.fields["words"].error_messages["required"] = NO_WORDS

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given["spoken"] and not self.may_speak:
            self.add_error("recording", str(actions.voice_without_name_error().message))
        elif self.may_speak and not (given.get("words", "-") or given["spoken"] or self.has_spoken):
            self.add_error("words", NO_WORDS)
        return given

    def sound(self) -> Spoken | None:
        """Returns the spoken message, also of a form that is refused for something else."""
        if self.errors.keys() & {"recording", "recording_seconds"}:
            return None
        return self.cleaned_data["spoken"]


class ReplyForm(SpokenForm):
    """Words, pictures or a spoken message; the action requires at least one of them."""

    words = words_field(_("What do you want to add?"))
    pictures = PicturesField(required=False)
    key = TokenField()


class NotSolvedForm(SpokenForm):
    """Words or a spoken message; the action requires at least one of them."""

    words = words_field(_("What is still wrong?"))


class CodeForm(forms.Form):
    code = forms.CharField(
        label=pgettext_lazy("feedback", "Code"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Please enter the code.")},
    )


class QueueFilters(forms.Form):
    """Filters of the staff list, in the address."""

    class Shown:
        OPEN, ALL = "open", "all"

    words = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Reference, name, wf, last four digits")}
        ),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    late = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every: list[tuple[str, Any]] = [("", _("All"))]
        still_open: list[tuple[str, Any]] = [("", pgettext_lazy("feedback desk", "Open")), ("all", _("All"))]
        choices = {
            "kind": every + [(kind, about["label"]) for kind, about in timeline.KINDS.items()],
            "state": still_open + list(timeline.STAFF_WORDS.items()),
            "department": every + [(role.value, role.label) for role in DEPARTMENTS],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def valid_filters(self) -> dict[str, Any]:
        """Returns the valid filters; an invalid one filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class FeedbackForm(VerbForm):
    """A verb of staff on one feedback."""

    kind = "line"

    def __init__(self, *args: Any, feedback: Feedback, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feedback = feedback


class AnswerForm(FeedbackForm):
    """An answer, and the step that follows."""

    slug, verb, icon, kind = "answer", "answer_feedback", "send", "main"
    above, stands_open = "feedback/staff/standard_answers.html", True
    title = pgettext_lazy("feedback desk", "Answer")
    button = _("Send the answer")
    words = words_field(
        pgettext_lazy("feedback desk", "Answer"),
        _("Please write the answer."),
        hint=_("The writer reads it."),
    )
    then = forms.ChoiceField(
        label=_("Then"),
        initial="solved",
        choices=[
            ("solved", _("Ask whether it is solved")),
            ("answer", _("We go on with it")),
            ("ask", _("Wait for the writer's words")),
        ],
        widget=forms.RadioSelect,
    )
    key = TokenField()

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        about = {"feedback": self.feedback, "by": self.by, "words": given["words"], "now": now}
        if given["then"] == "answer":
            actions.answer_feedback(**about, key=given["key"])
        elif given["then"] == "ask":
            actions.ask_writer(**about)
        else:
            actions.ask_solved(**about)


class NoteForm(FeedbackForm):
    slug, verb, icon = "note", "add_internal_note", "pencil"
    title = _("Internal note")
    button = _("Keep the note")
    words = words_field(_("Note"), _("Please write something."), hint=_("Only staff read it."))
    key = TokenField()

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        actions.add_internal_note(
            feedback=self.feedback, by=self.by, words=given["words"], key=given["key"], now=now
        )


class HandOverForm(FeedbackForm):
    slug, verb, icon = "hand-over", "hand_over", "arrow-right"
    title = _("Hand over")
    button = pgettext_lazy("button", "Hand over")
    department = forms.ChoiceField(
        label=_("To"), error_messages={"required": _("Please choose a department.")}
    )
    words = words_field(_("For whoever takes it on"), hint=_("Only staff read it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [
            (role.value, StaffRole.Role(role).label)
            for role in DEPARTMENTS
            if role != self.feedback.department
        ]
        field: Any = self.fields["department"]
        field.choices = [("", _("Choose a department")), *others]

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        actions.hand_over(
            feedback=self.feedback, by=self.by, department=given["department"], words=given["words"], now=now
        )


class SolvedForm(FeedbackForm):
    """The confirmation and rating that a resident gives on the phone or at the counter."""

    slug, verb, icon = "solved", "confirm_solved", "circle-check"
    title = _("The resident says that it is solved")
    button = _("Close it")
    face = forms.TypedChoiceField(
        label=_("How was it?"),
        coerce=int,
        choices=[(face.value, face.label) for face in reversed(Satisfaction.Face)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the three faces.")},
    )
    words = words_field(_("In words"))

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        actions.confirm_solved(
            feedback=self.feedback, by=self.by, face=given["face"], words=given["words"], now=now
        )


class ReopenForm(FeedbackForm):
    slug, verb, icon = "not-solved", "say_not_solved", "refresh"
    title = _("The resident says that it is not solved")
    button = _("Open it again")
    words = words_field(_("What is still wrong"), _("Please write what is still wrong."))

    def act(self, *, now: datetime) -> None:
        actions.say_not_solved(feedback=self.feedback, by=self.by, words=self.cleaned_data["words"], now=now)


STAFF_FORMS: tuple[type[FeedbackForm], ...] = (AnswerForm, SolvedForm, ReopenForm, HandOverForm, NoteForm)
