"""Forms of the coordinator, a form for each verb; each checks its input and calls its action."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PhoneField
from community.core import clock, dates
from community.core.dates import near
from community.estates.models import Home
from services.common.forms import PicturesField
from services.common.verb_forms import VerbForm, words_field
from services.renovation import actions, queries, times
from services.renovation.actions.projects import MAX_SHARED_PICTURES
from services.renovation.models import (
    Appointment,
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    WorkItem,
)
from services.renovation.policies import resident_of
from services.scheduling.models import Slot

MAX_TIMES = 200


class CampaignForm(VerbForm):
    """Opens booking for the homes of a building from a set minute."""

    slug, verb, icon = "campaign", "open_campaign", "calendar"
    title = _("Open booking for a building")
    button = _("Open booking")
    item = forms.ModelChoiceField(WorkItem.objects.none(), label=_("Work"), empty_label=_("Please choose"))
    building = forms.ModelChoiceField(
        RenovationProject.objects.none(), label=_("Building"), empty_label=_("Please choose")
    )
    crew = forms.ModelChoiceField(
        RenovationProject.objects.none(), label=_("Crew"), empty_label=_("Please choose")
    )
    opens_at = forms.DateTimeField(
        label=_("Booking opens"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Please say from when."),
            "invalid": _("Please write the day and the minute, such as 2026-11-25 09:00."),
        },
    )

    def __init__(self, *args: Any, project: RenovationProject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        chosen: dict[str, Any] = {
            "item": project.items.filter(where=WorkItem.Where.HOMES),
            "building": project.estate.buildings.filter(pk__in=project.parts.values("building")),
            "crew": queries.crews_of(project.estate_id),
        }
        for name, rows in chosen.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].error_messages["required"] = _("Please choose one.")
            self.fields[name].error_messages["invalid_choice"] = _("Please choose one.")

    def clean_opens_at(self) -> datetime:
        opens_at: datetime = self.cleaned_data["opens_at"]
        if near(opens_at.date()) is None:
            raise forms.ValidationError(_("Please write a day of our time."), "far_off")
        return opens_at

    def act(self, *, now: datetime) -> None:
        campaign = actions.NewCampaign(**self.cleaned_data)
        actions.open_campaign(project=self.project, campaign=campaign, by=self.by, now=now)


class SharedPicturesForm(VerbForm):
    """Adds drawings, or pictures before and after shared work."""

    slug, verb, icon, kind = "pictures", "add_shared_pictures", "camera", "line"
    title = _("Add pictures")
    button = _("Send the pictures")
    shows = forms.ChoiceField(
        label=_("They show"), choices=RenovationPicture.Shows, widget=forms.RadioSelect,
        error_messages={"required": _("Please say what the pictures show.")},
    )  # fmt: skip
    item = forms.ModelChoiceField(
        WorkItem.objects.none(), label=_("Of which work"), required=False, empty_label=_("Of none: a drawing")
    )
    caption = forms.CharField(label=_("In a few words"), required=False, max_length=100)
    pictures = PicturesField(most=MAX_SHARED_PICTURES)

    def __init__(self, *args: Any, project: RenovationProject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["item"].queryset = project.items.exclude(  # type: ignore[attr-defined]
            where=WorkItem.Where.HOMES
        )

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        actions.add_shared_pictures(
            shared=actions.SharedPictures(
                item=given["item"], shows=given["shows"], caption=given["caption"], uploads=given["pictures"]
            ),
            project=self.project,
            by=self.by,
            now=now,
        )


class AnswerForm(VerbForm):
    slug, verb, icon = "answer", "answer_question", "message"
    title = _("Answer")
    button = _("Answer in the open")
    answer = words_field(_("Answer"), _("Please write an answer."), hint=_("Everybody reads it."))

    def __init__(self, *args: Any, question: ProjectQuestion, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"answer-{question.pk}_%s")
        super().__init__(*args, **kwargs)
        self.question = question
        self.initial.setdefault("answer", question.answer)

    def act(self, *, now: datetime) -> None:
        answer = self.cleaned_data["answer"]
        actions.answer_question(question=self.question, answer=answer, by=self.by, now=now)


class TimeChoice(forms.ModelChoiceField):
    def label_from_instance(self, slot: Any) -> str:
        left = slot.capacity - slot.taken
        words = f"{dates.slot_words(slot.starts_at, slot.ends_at, clock.now())} · {slot.resource}"
        return f"{words} · {left}"


def times_field(label: Any) -> TimeChoice:
    return TimeChoice(
        Slot.objects.none(),
        label=label,
        empty_label=_("Please choose"),
        error_messages={
            "required": _("Please choose a time."),
            "invalid_choice": _("This time is not offered any more. Please choose another."),
        },
    )


def _free_slots(item: WorkItem, *, now: datetime) -> Any:
    """Returns the free times of the estate's crews that are long enough for the work, as a queryset."""
    crews = list(queries.crews_of(item.project.estate_id))
    fitting = [slot.pk for slot in times.slots_of_crews(crews, item, now=now) if slot.free][:MAX_TIMES]
    return Slot.objects.filter(pk__in=fitting).select_related("resource").order_by("starts_at", "pk")


class AppointmentForm(VerbForm):
    """Base of the forms for a coordinator's verb on an appointment."""

    def __init__(self, *args: Any, appointment: Appointment, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment, self.now = appointment, now


class MoveForm(AppointmentForm):
    slug, verb, icon, stands_open = "move", "move_appointment", "calendar", True
    title = _("Another time")
    button = _("Move")
    slot = times_field(_("To"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = _free_slots(self.appointment.item, now=self.now)
        self.fields["slot"].queryset = offered.exclude(  # type: ignore[attr-defined]
            pk=self.appointment.place.slot_id
        )

    def act(self, *, now: datetime) -> None:
        to = self.cleaned_data["slot"]
        actions.move_appointment(appointment=self.appointment, to=to, by=self.by, now=now)


class CancelForm(AppointmentForm):
    slug, verb, icon, kind = "cancel", "cancel_appointment", "x", "danger"
    title = _("Cancel for the household")
    button = _("Cancel the appointment")
    reason = words_field(_("Why"), _("Please write why."), hint=_("The household reads it."), longest=500)

    def act(self, *, now: datetime) -> None:
        reason = self.cleaned_data["reason"]
        actions.cancel_appointment(appointment=self.appointment, reason=reason, by=self.by, now=now)


class MissedForm(AppointmentForm):
    slug, verb, icon, kind = "missed", "miss_appointment", "door", "line"
    title = button = _("Nobody was in")

    def act(self, *, now: datetime) -> None:
        actions.miss_appointment(appointment=self.appointment, by=self.by, now=now)


class ConfirmForm(AppointmentForm):
    slug, verb, icon, kind = "confirm", "confirm_work", "circle-check", "line"
    title = _("The household says that it is good")
    button = _("Confirm")
    face = forms.TypedChoiceField(
        label=_("How was it?"),
        coerce=int,
        choices=[(3, _("satisfied")), (2, _("so-so")), (1, _("not satisfied"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the three faces.")},
    )

    def act(self, *, now: datetime) -> None:
        face = self.cleaned_data["face"]
        actions.confirm_work(appointment=self.appointment, face=face, by=self.by, now=now)


class DefectsForm(AppointmentForm):
    slug, verb, icon, kind = "defects", "name_defects", "refresh", "line"
    title = _("The household says that it is not right")
    button = _("Tell the crew")
    words = words_field(_("What is not right?"), _("Please write what is not right."))

    def act(self, *, now: datetime) -> None:
        words = self.cleaned_data["words"]
        actions.name_defects(appointment=self.appointment, words=words, by=self.by, now=now)


STAFF_FORMS: tuple[type[AppointmentForm], ...] = (
    MoveForm,
    ConfirmForm,
    DefectsForm,
    MissedForm,
    CancelForm,
)


class DoorForm(VerbForm):
    """Books at the door; asks for the person who opened if the home has no registered residents."""

    slug, verb, icon = "book", "book_at_door", "calendar"
    title = _("Book a time")
    button = _("Book")
    key = forms.UUIDField(widget=forms.HiddenInput)
    slot = times_field(_("Time"))
    name = forms.CharField(label=_("Name of who opened"), max_length=40, required=False)
    phone = PhoneField(label=_("Mobile number, if there is one"), required=False)

    def __init__(self, *args: Any, home: Home, item: WorkItem, now: datetime, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"book-{item.pk}_%s")
        super().__init__(*args, **kwargs)
        self.home, self.item = home, item
        self.initial.setdefault("key", uuid4())
        slots: list[int] = [slot.pk for slot in times.slots_for(home, item, now=now) if slot.free]
        choice: Any = self.fields["slot"]
        choice.queryset = Slot.objects.filter(pk__in=slots).select_related("resource")
        if resident_of(home, self.by) is not None:
            del self.fields["name"], self.fields["phone"]

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        actions.book_at_door(
            actions.DoorBooking(
                home=self.home,
                item=self.item,
                slot=given["slot"],
                name=given.get("name", ""),
                phone=given.get("phone") or "",
                key=given["key"],
            ),
            by=self.by,
            now=now,
        )
