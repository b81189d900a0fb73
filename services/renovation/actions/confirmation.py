"""Answers of the household after the work: confirmed, or with defects."""

import calendar
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.core.recordings import Spoken, storing_if_spoken
from community.core.transitions import StatusChange
from services.common.satisfaction import Rating, give_satisfaction
from services.common.steps import Step
from services.renovation import policies
from services.renovation.actions.spoken import take_spoken_step
from services.renovation.actions.steps import STEPS, message_key, tell_crew
from services.renovation.models import Appointment

Status = Appointment.Status
MAX_WORDS = 2000


def confirm_work(
    *,
    appointment: Appointment,
    by: User,
    face: int,
    words: str = "",
    spoken: Spoken | None = None,
    now: datetime,
) -> None:
    """Confirms the work and stores how satisfied the household is; starts the warranty today.

    ``face`` is a ``Satisfaction.Face``; ``words`` has at most 2,000 characters. Repeating it changes nothing.
    Raises ``Forbidden``, ``AlreadyMoved``, ``no_face``, ``too_long`` or ``RecordingRefused``.
    """
    until = months_after(clock.today(now), appointment.item.warranty_months)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        change = STEPS.take(
            appointment,
            Step(
                "confirm_work",
                to=Status.CONFIRMED,
                tells="appointment_confirmed",
                changes={"warranty_until": until},
            ),
            by=by,
            now=now,
        )
        if change:
            appointment.satisfaction = give_satisfaction(
                appointment.ref,
                Rating(face, words, sound),
                resident=appointment.resident,
                by=by,
                now=now,
            )
            appointment.save(update_fields=["satisfaction"])
        elif sound:
            sound.discard()


def name_defects(
    *, appointment: Appointment, by: User, words: str, spoken: Spoken | None = None, now: datetime
) -> None:
    """Reports defects to the crew, which comes back: at most ``MAX_WORDS`` characters, a spoken message, or
    both.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``words_missing``, ``too_long`` or
    ``RecordingRefused``.
    """
    policies.require("name_defects", by, appointment)
    if not words.strip() and spoken is None:
        raise ActionError("words_missing", _("Please write what is not right."), field="words")
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")

    def tell(change: StatusChange) -> None:
        tell_crew(appointment, "crew_defects", key=message_key(appointment, change), now=now, by=by)

    step = Step("name_defects", to=Status.DEFECTS, reason=words, tells="appointment_defects", then=tell)
    take_spoken_step(appointment, step, spoken, by=by, now=now)


def months_after(day: date, months: int) -> date:
    """Returns the same day of a later month, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
