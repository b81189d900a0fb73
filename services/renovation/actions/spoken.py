"""Stores spoken messages of households: with a step of an appointment, and as wishes."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from community.core import recordings
from community.core.recordings import Spoken, StoredRecording, storing_if_spoken
from services.common.steps import Step
from services.renovation.actions.steps import STEPS
from services.renovation.models import Appointment, Participation, RenovationRecording


def take_spoken_step(
    appointment: Appointment, step: Step, spoken: Spoken | None, *, by: User, now: datetime
) -> None:
    """Takes a step and stores what was spoken with it; a repeated step stores nothing.

    Raises as ``StepRules.take``, and ``RecordingRefused``.
    """
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        if not STEPS.take(appointment, step, by=by, now=now):
            if sound:
                sound.discard()
        elif sound:
            RenovationRecording.objects.create(appointment=appointment, added_by=by, at=now, **sound.take())


def keep_wishes(
    participation: Participation, sound: StoredRecording | None, *, drops: bool, by: User, now: datetime
) -> None:
    """Stores spoken wishes in place of earlier ones; without new ones deletes them only if ``drops``."""
    if sound or drops:
        recordings.delete_rows(participation.recordings.all())
    if sound:
        RenovationRecording.objects.create(participation=participation, added_by=by, at=now, **sound.take())
