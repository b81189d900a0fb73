"""Forms of the carer's phone and of the coordinator, a form for each verb."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core import clock, dates
from community.core.dates import near
from community.core.search.hints import EXAMPLES, WITH_REFERENCE
from services.care import actions
from services.care.actions.visits import MAX_WORDS
from services.care.models import CareBooking, Carer, CareService, Provider
from services.common import verb_forms
from services.common.verb_forms import words_field
from services.scheduling.models import Slot


class VerbForm(verb_forms.VerbForm):
    """Base of the forms for a verb on a booking."""

    def __init__(self, *args: Any, booking: CareBooking, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.booking = booking


class StartForm(VerbForm):
    slug, verb, icon = "start", "start_visit", "play"
    title = button = pgettext_lazy("care", "Begin")
    code = forms.CharField(
        label=_("Four digits, or the code on the sheet"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "inputmode": "text",
            }
        ),
        error_messages={"required": _("Please ask for the four digits.")},
    )

    def act(self, *, now: datetime) -> None:
        actions.start_visit(booking=self.booking, by=self.by, code=self.cleaned_data["code"], now=now)


class FinishForm(VerbForm):
    slug, verb, icon = "finish", "finish_visit", "circle-check"
    title = button = pgettext_lazy("care", "Finish")
    words = words_field(_("How was it? You can leave it empty."), longest=MAX_WORDS)

    def act(self, *, now: datetime) -> None:
        actions.finish_visit(booking=self.booking, by=self.by, words=self.cleaned_data["words"], now=now)


class MissedForm(VerbForm):
    slug, verb, icon, kind = "missed", "report_missed", "door", "line"
    title = button = pgettext_lazy("care", "Nobody here")
    reason = words_field(
        _("What happened?"),
        _("Please write what happened."),
        hint=_("The family is told."),
        longest=MAX_WORDS,
    )

    def act(self, *, now: datetime) -> None:
        actions.report_missed(booking=self.booking, by=self.by, reason=self.cleaned_data["reason"], now=now)


WORK_FORMS: tuple[type[VerbForm], ...] = (StartForm, FinishForm, MissedForm)


class ArrangeForm(VerbForm):
    """Carer and day of a visit; sent when a card is dragged to another cell of the week."""

    slug, verb, icon, stands_open = "arrange", "arrange_visit", "user", True
    title = _("Carer and day")
    button = pgettext_lazy("care", "Assign")
    carer = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Carer"),
        required=False,
        empty_label=_("nobody yet"),
        error_messages={"invalid_choice": _("Please choose a carer who does this.")},
    )
    on = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posts = Carer.objects.working_in(self.booking.estate)
        people: Any = self.fields["carer"]
        people.queryset = User.objects.filter(pk__in=posts.values("user")).order_by("pk")
        self.initial.setdefault("carer", self.booking.carer_id)

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        if day and near(day) is None:
            raise forms.ValidationError(_("There is no such time on that day."))
        return day

    def act(self, *, now: datetime) -> None:
        day: date | None = self.cleaned_data["on"]
        to: Slot | None = actions.slot_on(self.booking, day) if day else None
        actions.arrange_visit(
            booking=self.booking, carer=self.cleaned_data["carer"], to=to, by=self.by, now=now
        )


class SlotChoice(forms.ModelChoiceField):
    def label_from_instance(self, slot: Any) -> str:
        return dates.slot_words(slot.starts_at, slot.ends_at, clock.now())


class MoveForm(VerbForm):
    slug, verb, icon, kind = "move", "move_booking", "clock", "line"
    title = button = _("Another time")
    slot = SlotChoice(
        Slot.objects.none(),
        label=_("Time"),
        empty_label=_("Choose a time"),
        error_messages={
            "required": _("Please choose a time."),
            "invalid_choice": _("Please choose one of the times shown."),
        },
    )

    def open_from(self, now: datetime) -> "MoveForm":
        """Offers the times of the next two weeks that have a free place; returns the form."""
        slots = Slot.objects.with_room(now).filter(
            resource=self.booking.service.resource_id, starts_at__lt=now + timedelta(days=14)
        )
        field: Any = self.fields["slot"]
        field.queryset = slots.exclude(pk=self.booking.place.slot_id).order_by("starts_at")
        return self

    def carry_out(self, *, now: datetime) -> bool:
        return super(MoveForm, self.open_from(now)).carry_out(now=now)

    def act(self, *, now: datetime) -> None:
        actions.move_booking(booking=self.booking, to=self.cleaned_data["slot"], by=self.by, now=now)


class MarkMissedForm(VerbForm):
    slug, verb, icon, kind = "missed", "mark_missed", "door", "line"
    title = button = _("Nobody was at home")
    reason = words_field(_("What happened?"), _("Please write what happened."), longest=MAX_WORDS)

    def act(self, *, now: datetime) -> None:
        actions.mark_missed(booking=self.booking, by=self.by, reason=self.cleaned_data["reason"], now=now)


class CloseForm(VerbForm):
    slug, verb, icon, kind = "close", "close_visit", "circle-check", "line"
    title = _("Finish for the carer")
    button = pgettext_lazy("care", "Finish")
    reason = words_field(
        _("What happened?"),
        _("Please write what happened."),
        hint=_("The resident reads it, and the price becomes a bill."),
        longest=MAX_WORDS,
    )

    def act(self, *, now: datetime) -> None:
        actions.close_visit(booking=self.booking, by=self.by, reason=self.cleaned_data["reason"], now=now)


class CancelForm(VerbForm):
    slug, verb, icon, kind = "cancel", "cancel_booking", "x", "danger"
    title = _("Cancel for the resident")
    button = _("Cancel the booking")
    reason = words_field(
        _("Why"), _("Please write why."), hint=_("The resident reads it."), longest=MAX_WORDS
    )

    def act(self, *, now: datetime) -> None:
        actions.cancel_booking(booking=self.booking, by=self.by, reason=self.cleaned_data["reason"], now=now)


class ThumbForm(VerbForm):
    slug, verb, icon, kind = "thumb", "give_thumb", "thumb-up", "line"
    title = _("What the resident says of it")
    button = _("Keep the answer")
    thumb = forms.ChoiceField(
        label=_("Was it good?"),
        choices=[("up", pgettext_lazy("thumb", "Good")), ("down", pgettext_lazy("thumb", "Not good"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an answer.")},
    )
    words = words_field(_("In words"), longest=MAX_WORDS)

    def act(self, *, now: datetime) -> None:
        is_up, words = self.cleaned_data["thumb"] == "up", self.cleaned_data["words"]
        actions.give_thumb(booking=self.booking, by=self.by, is_up=is_up, words=words, now=now)


DESK_FORMS: tuple[type[VerbForm], ...] = (
    ArrangeForm,
    MoveForm,
    ThumbForm,
    MarkMissedForm,
    CloseForm,
    CancelForm,
)


class ListFilters(forms.Form):
    """Filters of the list. They are in the address, so that it can be stored and sent on, except the words."""

    words = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": WITH_REFERENCE}),
    )
    status = forms.ChoiceField(label=_("State"), required=False)
    service = forms.ModelChoiceField(CareService.objects.none(), label=_("What"), required=False)
    carer = forms.ModelChoiceField(User.objects.none(), label=_("Carer"), required=False)
    on = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, estate: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states: Any = self.fields["status"]
        states.choices = [("", _("All")), *CareBooking.Status.choices]
        carers = Carer.objects.filter(provider__in=Provider.objects.filter(estate=estate))
        rows: dict[str, Any] = {
            "service": CareService.objects.filter(estate=estate),
            "carer": User.objects.filter(pk__in=carers.values("user")).order_by("pk"),
        }
        for name, choices in rows.items():
            field: Any = self.fields[name]
            field.queryset, field.empty_label = choices, str(_("All"))

    def clean_on(self) -> date | None:
        return near(self.cleaned_data["on"])

    def valid_filters(self) -> dict[str, Any]:
        """Returns the valid filters; an invalid one filters nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class FindForm(forms.Form):
    """Search for the resident to book for."""

    words = forms.CharField(
        label=_("Name, phone or home"),
        max_length=60,
        help_text=EXAMPLES,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"required": _("Please write a name, a phone number or a home.")},
    )
