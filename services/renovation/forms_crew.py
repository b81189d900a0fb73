"""The forms of the crew's phone page. Each carries a key, so that what is sent twice counts once."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core import limits
from community.core.limit_table import WORK_PICTURES
from services.common.forms import ManyFilesField
from services.common.verb_forms import VerbForm, words_field
from services.renovation import actions
from services.renovation.models import Appointment, RenovationPicture

PICTURES = 6
Shows = RenovationPicture.Shows


class PicturesField(ManyFilesField):
    """Several pictures; whether they are pictures, the action finds out."""

    is_pictures = True

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = super().clean(data, initial)
        if len(files) > PICTURES:
            raise forms.ValidationError(_("At most 6 pictures at a time."), "too_many")
        return files


class CrewForm(VerbForm):
    """A verb of the crew on one appointment."""

    # The short words of the large mode, where the title is too long for its button.
    short: ClassVar[Promise | str] = ""
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment = appointment
        self.initial.setdefault("key", uuid4())
        self.fields["key"].widget.attrs["id"] = False

    def keep_pictures(self, name: str, shows: str, *, now: datetime) -> None:
        """Store what was photographed, once by a key of its own."""
        uploads = self.cleaned_data.get(name) or []
        if not uploads:
            return
        limits.hit(WORK_PICTURES, self.by.pk)
        actions.add_work_pictures(
            appointment=self.appointment,
            by=self.by,
            shows=shows,
            uploads=uploads,
            key=own_key(self.cleaned_data["key"], name),
            now=now,
        )


def own_key(key: UUID, name: str) -> UUID:
    """Always the same for the same key and name, and another for each name."""
    return uuid5(key, name)


class StartForm(CrewForm):
    """No work begins without a picture of how it was."""

    slug, verb, icon = "start", "start_work", "play"
    title = button = pgettext_lazy("renovation", "Start work")
    short = pgettext_lazy("work", "Start")
    before_pictures = PicturesField(label=_("Pictures before"), required=False)

    def act(self, *, now: datetime) -> None:
        self.keep_pictures("before_pictures", Shows.BEFORE, now=now)
        actions.start_work(appointment=self.appointment, by=self.by, now=now)


class FinishForm(CrewForm):
    slug, verb, icon = "finish", "finish_work", "circle-check"
    title = button = _("It is done")
    short = pgettext_lazy("renovation", "Done")
    after_pictures = PicturesField(label=_("Pictures after the work"), required=False)
    words = words_field(_("In words"))

    def act(self, *, now: datetime) -> None:
        self.keep_pictures("after_pictures", Shows.AFTER, now=now)
        words = self.cleaned_data["words"].strip()
        actions.finish_work(appointment=self.appointment, by=self.by, words=words, now=now)


class MissForm(CrewForm):
    slug, verb, icon, kind = "missed", "miss_appointment", "door", "line"
    title = _("Nobody is in")
    short = _("Nobody in")
    button = _("Nobody is in")
    reason = words_field(_("In words"), hint=_("The household reads it."), longest=500)

    def act(self, *, now: datetime) -> None:
        reason = self.cleaned_data["reason"]
        actions.miss_appointment(appointment=self.appointment, by=self.by, reason=reason, now=now)


CREW_FORMS: tuple[type[CrewForm], ...] = (StartForm, FinishForm, MissForm)
