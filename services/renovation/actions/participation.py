"""The household's answer to a project."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.recordings import Spoken, storing_if_spoken
from community.core.transitions import AlreadyMoved
from community.estates.models import Home
from community.notifications import live
from services.renovation import policies
from services.renovation.actions.appointments import leave_waiting_lists
from services.renovation.actions.home_state import lock_home
from services.renovation.actions.spoken import keep_wishes
from services.renovation.models import Appointment, AppointmentWaiting, Participation, RenovationProject

MAX_WISHES = 500
Answer = Participation.Answer


@dataclass(frozen=True)
class HouseholdAnswer:
    """Answer of a household: yes, no or undecided, its wishes, and whether neighbours may see its pictures.

    A field that is None stays as it was. What is ``spoken`` takes the place of spoken wishes;
    ``drops_spoken`` deletes them.
    """

    answer: str
    wishes: str | None = None
    shares_pictures: bool | None = None
    spoken: Spoken | None = None
    drops_spoken: bool = False


def take_part(
    *, project: RenovationProject, home: Home, answer: HouseholdAnswer, by: User, now: datetime
) -> Participation:
    """Stores a household's answer to a project; a home with an appointment ahead must cancel it before
    declining.

    Declining leaves the home's waiting lists. Raises ``Forbidden``, ``AlreadyMoved`` for a project that is a
    draft or finished, ``not_in_project``, ``no_answer``, ``too_long`` above ``MAX_WISHES`` characters,
    ``has_appointment`` or ``RecordingRefused``.
    """
    policies.must_act_for_home(by, home, project)
    if project.status in (project.Status.DRAFT, project.Status.FINISHED):
        raise AlreadyMoved
    if not project.parts.filter(building=home.entrance.building_id).exists():
        raise ActionError("not_in_project", _("This building does not take part."), field="answer")
    if answer.answer not in Answer.values:
        raise ActionError("no_answer", _("Please choose one."), field="answer")
    if answer.wishes is not None and len(answer.wishes) > MAX_WISHES:
        raise ActionError("too_long", _("Please keep it under 500 characters."), field="wishes")
    with storing_if_spoken(answer.spoken) as sound, transaction.atomic():
        if answer.answer == Answer.NO:
            waiting = AppointmentWaiting.objects.filter(home=home, item__project=project)
            leave_waiting_lists(waiting, by=by, now=now)
        row = lock_home(project, home)
        if (
            answer.answer == Answer.NO
            and Appointment.objects.ahead().filter(project=project, home=home).exists()
        ):
            raise ActionError(
                "has_appointment", _("A time is booked. Please cancel it first."), field="answer"
            )
        row.answer, row.answered_by, row.answered_at = answer.answer, by, now
        if answer.wishes is not None:
            row.wishes = answer.wishes.strip()
        if answer.shares_pictures is not None:
            row.shares_pictures = answer.shares_pictures
        row.save(update_fields=["answer", "answered_by", "answered_at", "wishes", "shares_pictures"])
        keep_wishes(row, sound, drops=answer.drops_spoken, by=by, now=now)
        live.notify_open_pages(project.live_topic)
    return row
