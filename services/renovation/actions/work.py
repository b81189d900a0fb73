"""The crew's verbs."""

from collections.abc import Iterable
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import pictures
from community.core.errors import ActionError
from community.core.transitions import StatusChange
from services.common.steps import Step
from services.common.submissions import record_submission, was_submitted
from services.renovation import noise, policies
from services.renovation.actions.appointments import free_place
from services.renovation.actions.steps import STEPS, notify_open_pages
from services.renovation.models import Appointment, RenovationPicture

Status, Shows = Appointment.Status, RenovationPicture.Shows
MAX_WORK_PICTURES = 12


def add_work_pictures(
    *,
    appointment: Appointment,
    by: User,
    shows: str,
    uploads: Iterable[IO[bytes]],
    key: UUID | None = None,
    now: datetime,
) -> list[RenovationPicture]:
    """Adds pictures before or after the work; stores all of them or none. A repeated key stores nothing.

    At most ``MAX_WORK_PICTURES`` for each appointment. Raises ``Forbidden``, ``AlreadyMoved``,
    ``too_many_pictures``, ``PictureRefused``, or ``key_used`` for a key of other work.
    """
    policies.require("add_work_pictures", by, appointment)
    policies.VERBS.require_status("add_work_pictures", appointment.status)
    uploads = list(uploads)
    if key and was_submitted(key=key, worker=by, job=appointment.ref):
        return []
    if appointment.pictures.count() + len(uploads) > MAX_WORK_PICTURES:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures of the work are enough.") % {"most": MAX_WORK_PICTURES},
            field=f"{shows}_pictures",
        )
    try:
        return _add(appointment, by, shows, uploads, key, now)
    except pictures.PictureRefused as refusal:
        refusal.field = f"{shows}_pictures"
        raise


def _add(
    appointment: Appointment, by: User, shows: str, uploads: list[IO[bytes]], key: UUID | None, now: datetime
) -> list[RenovationPicture]:
    with pictures.storing(uploads) as stored, transaction.atomic():
        if key and not record_submission(key=key, worker=by, job=appointment.ref, now=now):
            pictures.discard_all(stored)
            return []
        added = RenovationPicture.objects.bulk_create(
            RenovationPicture(
                project_id=appointment.project_id,
                appointment=appointment,
                key=picture.key,
                width=picture.width,
                height=picture.height,
                shows=shows,
                added_by=by,
                at=now,
            )
            for picture in stored
        )
        notify_open_pages(appointment)
    return added


def start_work(*, appointment: Appointment, by: User, now: datetime) -> None:
    """Starts the work; requires a picture of the state before.

    Repeating it changes nothing. Raises ``Forbidden``, ``AlreadyMoved``, ``before_picture_missing``, or
    ``quiet_hours`` if noisy work may not be done for as long as it takes.
    """
    policies.require("start_work", by, appointment)
    if not appointment.pictures.filter(shows=Shows.BEFORE).exists():
        raise ActionError(
            "before_picture_missing",
            _("Please take a picture of how it is before you begin."),
            field="before_pictures",
        )
    slot = appointment.place.slot
    if not noise.may_begin(appointment.item, slot, estate=appointment.estate_id, now=now):
        raise ActionError(
            "quiet_hours",
            _("Noisy work is not allowed now, or not for as long as it takes. Please wait until it is."),
        )
    STEPS.take(
        appointment, Step("start_work", to=Status.UNDER_WAY, tells="appointment_started"), by=by, now=now
    )


def finish_work(*, appointment: Appointment, by: User, words: str = "", now: datetime) -> None:
    """Finishes the work and asks the household to check it. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    STEPS.take(
        appointment,
        Step("finish_work", to=Status.DONE, reason=words, tells="appointment_done", sms=True),
        by=by,
        now=now,
    )


def miss_appointment(*, appointment: Appointment, by: User, reason: str = "", now: datetime) -> None:
    """Records that nobody was in; frees the place, and the home can book again.

    If the crew came back for defects, the status returns to defects. Repeating it changes nothing. Raises
    ``Forbidden``, ``AlreadyMoved``, or ``too_early`` before the booked time.
    """
    policies.require("miss_appointment", by, appointment)
    if appointment.status == Status.BOOKED and now < appointment.starts_at:
        raise ActionError("too_early", _("The time of this appointment has not come yet."))

    def free(_change: StatusChange) -> None:
        free_place(appointment, by=by, now=now)

    STEPS.take(
        appointment,
        Step(
            "miss_appointment",
            to=Status.DEFECTS if appointment.comes_back else Status.MISSED,
            reason=reason,
            tells="appointment_missed",
            sms=True,
            then=free,
        ),
        by=by,
        now=now,
    )
