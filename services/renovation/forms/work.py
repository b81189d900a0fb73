"""Forms of the crew's phone. Each has a key, so that a form that is sent twice counts once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from services.common.forms import PicturesField
from services.common.verb_forms import words_field
from services.common.work_forms import PicturesSentOnceForm
from services.renovation import actions
from services.renovation.models import Appointment, RenovationPicture

Shows = RenovationPicture.Shows


class CrewForm(PicturesSentOnceForm):
    """Base of the forms for a crew's verb on an appointment."""

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment = appointment

    def store_pictures(self, *, shows: str, uploads: list[Any], key: UUID, now: datetime) -> None:
        actions.add_work_pictures(
            appointment=self.appointment, by=self.by, shows=shows, uploads=uploads, key=key, now=now
        )


class StartForm(CrewForm):
    """Starts the work; pictures of the state before are required."""

    slug, verb, icon = "start", "start_work", "play"
    title = button = pgettext_lazy("renovation", "Start work")
    short = pgettext_lazy("work", "Start")
    before_pictures = PicturesField(
        label=_("Pictures before"), help_text=_("Needed before you begin."), required=False
    )

    def act(self, *, now: datetime) -> None:
        self.add_pictures("before_pictures", Shows.BEFORE, now=now)
        actions.start_work(appointment=self.appointment, by=self.by, now=now)


class FinishForm(CrewForm):
    slug, verb, icon = "finish", "finish_work", "circle-check"
    title = button = _("It is done")
    short = pgettext_lazy("renovation", "Done")
    after_pictures = PicturesField(label=_("Pictures after the work"), required=False)
    words = words_field(_("In words"))

    def act(self, *, now: datetime) -> None:
        self.add_pictures("after_pictures", Shows.AFTER, now=now)
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
