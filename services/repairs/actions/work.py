"""Verbs of the repair worker."""

from collections.abc import Iterable
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role, estates_of
from community.core import pictures
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.notifications import live
from services.common.actions import board_topic
from services.common.steps import Step
from services.common.submissions import record_submission, was_submitted
from services.repairs import policies
from services.repairs.actions.charges import charge_agreed
from services.repairs.actions.steps import STEPS, notify_open_pages
from services.repairs.models import PhoneQueue, Repair, RepairPicture

Status = Repair.Status
MAX_WORK_PICTURES = 12


class AlreadyTaken(AlreadyMoved):
    """Raised when another worker has taken the job meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "already_taken"
        self.message = _("A colleague has just taken this job.")


def take_repair(*, repair: Repair, by: User, now: datetime) -> None:
    """Gives a free job to the worker ``by``. Repeating it changes nothing.

    Of two workers at the same moment one gets it. Raises ``Forbidden`` and ``AlreadyTaken``.
    """
    try:
        STEPS.take(
            repair,
            Step(
                "take_repair", to=Status.ASSIGNED, tells="repair_assigned", sms=True, changes={"worker": by}
            ),
            by=by,
            now=now,
        )
    except AlreadyMoved as error:
        raise AlreadyTaken from error


def return_job(*, repair: Repair, by: User, reason: str, now: datetime) -> None:
    """Returns a job to the board, with the reason for the dispatcher. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``reason_missing``) and ``AlreadyMoved``.
    """
    _check_reason(reason)
    with transaction.atomic():
        if STEPS.take(
            repair,
            Step("return_job", to=Status.ACCEPTED, reason=reason, changes={"worker": None}),
            by=by,
            now=now,
        ):
            notify_open_pages(repair, also_worker=by.pk)


def start_work(*, repair: Repair, by: User, now: datetime) -> None:
    """Starts work. Repeating it changes nothing. Raises ``Forbidden`` and ``AlreadyMoved``."""
    STEPS.take(repair, Step("start_work", to=Status.IN_WORK, tells="repair_started"), by=by, now=now)


def wait_for_parts(*, repair: Repair, by: User, reason: str, now: datetime) -> None:
    """Pauses work until parts arrive; ``reason`` says which. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``reason_missing``) and ``AlreadyMoved``.
    """
    _check_reason(reason)
    STEPS.take(
        repair,
        Step("wait_for_parts", to=Status.WAITING_FOR_PARTS, reason=reason, tells="repair_waiting_parts"),
        by=by,
        now=now,
    )


def wait_for_resident(*, repair: Repair, by: User, reason: str, now: datetime) -> None:
    """Pauses work until the resident acts; they read ``reason``. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``reason_missing``) and ``AlreadyMoved``.
    """
    _check_reason(reason)
    STEPS.take(
        repair,
        Step(
            "wait_for_resident",
            to=Status.WAITING_FOR_RESIDENT,
            reason=reason,
            tells="repair_waiting_resident",
            sms=True,
        ),
        by=by,
        now=now,
    )


def resume_work(*, repair: Repair, by: User, now: datetime) -> None:
    """Resumes paused work. Repeating it changes nothing. Raises ``Forbidden`` and ``AlreadyMoved``."""
    STEPS.take(repair, Step("resume_work", to=Status.IN_WORK, tells="repair_started"), by=by, now=now)


def quote_price(*, repair: Repair, by: User, fen: int, words: str, now: datetime) -> None:
    """Asks the resident to accept a price in fen for all of the work; it stops until they answer.

    A later price takes the place of the one agreed before. Raises ``Forbidden``, ``ActionError``
    (``bad_price``, ``words_missing``, ``shared_area``) and ``AlreadyMoved``.
    """
    policies.require("quote_price", by, repair)
    if not 0 < fen <= 10_000_000:
        raise ActionError(
            "bad_price", _("Please enter a price between 0.01 and 100,000 yuan."), field="price"
        )
    if not words.strip():
        raise ActionError("words_missing", _("Please write what the price is for."), field="words")
    if repair.home is None:
        raise ActionError(
            "shared_area", _("No resident pays for a shared area. Please ask your dispatcher."), field="price"
        )
    STEPS.take(
        repair,
        Step(
            "quote_price",
            to=Status.QUOTED,
            tells="repair_quoted",
            sms=True,
            changes={"quote_fen": fen, "quote_words": words},
            recorded={"price_fen": fen},
        ),
        by=by,
        now=now,
    )


def add_work_pictures(
    *,
    repair: Repair,
    by: User,
    shows: str,
    uploads: Iterable[IO[bytes]],
    key: UUID | None = None,
    now: datetime,
) -> list[RepairPicture]:
    """Adds pictures from before or after the work, all or none; returns the new ones.

    With ``key``, a phone may send the same pictures again after a lost answer: they are stored once. Raises
    ``Forbidden``, ``ActionError`` (``too_many_pictures``), ``PictureRefused`` and ``AlreadyMoved``.
    """
    policies.require("add_work_pictures", by, repair)
    policies.VERBS.require_status("add_work_pictures", repair.status)
    uploads = list(uploads)
    if key and was_submitted(key=key, worker=by, job=repair.ref):
        return []
    kept = repair.pictures.exclude(shows=RepairPicture.Shows.REPORT).count()
    if kept + len(uploads) > MAX_WORK_PICTURES:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures of the work are enough.") % {"most": MAX_WORK_PICTURES},
            field="pictures",
        )
    with pictures.storing(uploads) as stored, transaction.atomic():
        if key and not record_submission(key=key, worker=by, job=repair.ref, now=now):
            pictures.discard_all(stored)
            return []
        added = RepairPicture.objects.bulk_create(
            RepairPicture(
                repair=repair,
                key=picture.key,
                width=picture.width,
                height=picture.height,
                shows=shows,
                added_by=by,
                at=now,
            )
            for picture in stored
        )
        notify_open_pages(repair)
    return added


def finish_work(*, repair: Repair, by: User, words: str, now: datetime) -> None:
    """Finishes the work; the resident is asked to confirm, and an agreed price becomes a bill.

    Both happen in one transaction. Repeating it changes nothing. Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    done = Step("finish_work", to=Status.DONE, reason=words, tells="repair_done", sms=True)
    with transaction.atomic():
        if STEPS.take(repair, done, by=by, now=now):
            charge_agreed(repair, by=by, now=now)


def record_unsent_entries(
    *, worker: User, waiting: int, refused: int, since: datetime, now: datetime
) -> None:
    """Stores for the board how many entries have not arrived from a worker's phone; deletes the row if none
    wait.

    ``refused`` of them need the worker; ``since`` is the time of the oldest, at most ``now``.
    """
    with transaction.atomic():
        if waiting or refused:
            given = {"waiting": waiting, "refused": refused, "since": min(since, now), "seen_at": now}
            PhoneQueue.objects.update_or_create(worker=worker, defaults=given)
        else:
            PhoneQueue.objects.filter(worker=worker).delete()
        for estate in estates_of(worker, Role.REPAIR_WORKER):
            live.notify_open_pages(board_topic(estate.pk))


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ActionError("reason_missing", _("Please write why in a few words."), field="reason")
