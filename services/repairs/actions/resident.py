"""Verbs of the resident on a repair that was reported, and its closing after a week."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import changes, limits, pictures
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import REPAIR_WORDS
from community.core.recordings import Spoken, StoredRecording, storing_if_spoken
from community.core.transitions import AlreadyMoved, move
from services.common.satisfaction import Rating, give_satisfaction
from services.common.steps import Step
from services.repairs import policies
from services.repairs.actions.steps import (
    STEPS,
    message_key,
    notify_open_pages,
    stop_clock,
    tell_resident,
    tell_worker,
)
from services.repairs.models import Repair, RepairMessage, RepairPicture, RepairRecording
from services.repairs.models.attachments import MAX_PICTURES_OF_REPORT

Status = Repair.Status
MAX_WORDS = 2000
# Spoken messages of a report and of what is added to it.
MAX_RECORDINGS = 3


def add_words(
    *,
    repair: Repair,
    by: User,
    words: str,
    uploads: Iterable[pictures.Upload | Spoken] = (),
    is_internal: bool = False,
    now: datetime,
) -> RepairMessage:
    """Adds a message to the thread, with pictures, which count towards the six of the report, and with at
    most one spoken message, of three in all.

    ``is_internal`` makes it a note for staff. A message from staff stops the response clock. Raises
    ``Forbidden`` if the person may not or the repair is finished, ``ActionError`` for too much or nothing,
    ``PictureRefused``, ``RecordingRefused``, and ``TooMany`` for the resident's side.
    """
    verb = "add_internal_note" if is_internal else "add_words"
    if verb not in policies.allowed_verbs(by, repair):
        raise Forbidden(_("This repair is finished; nothing can be added."))
    photos, spoken = _parts(uploads)
    if words.strip() or spoken is None or photos:
        _check_words(repair, words, photos)
    _check_spoken(repair, spoken)
    held = policies.capacities(by, repair)
    if _is_from_resident(repair, by, held):
        limits.hit(REPAIR_WORDS, by.pk)
    is_for_resident = (
        by.pk != repair.resident_id and policies.RESIDENT_SIDE in held and not held & {policies.DISPATCHER}
    )
    with (
        storing_if_spoken(spoken) as sound,
        pictures.storing(photos) as stored,
        transaction.atomic(),
    ):
        message = RepairMessage.objects.create(
            repair=repair,
            author=by,
            on_behalf_of=repair.resident if is_for_resident else None,
            words=words.strip(),
            is_internal=is_internal,
            at=now,
        )
        _attach_pictures(repair, stored, by=by, now=now)
        _keep_spoken(repair, sound, by=by, now=now)
        if not is_internal:
            if not _is_from_resident(repair, by, held):
                stop_clock(repair, now=now)
            _tell_of_message(repair, message, by=by, now=now)
        notify_open_pages(repair)
    return message


def _parts(uploads: Iterable[pictures.Upload | Spoken]) -> tuple[list[pictures.Upload], Spoken | None]:
    given = list(uploads)
    spoken = next((one for one in given if isinstance(one, Spoken)), None)
    return [one for one in given if not isinstance(one, Spoken)], spoken


def _attach_pictures(
    repair: Repair, stored: Iterable[pictures.StoredPicture], *, by: User, now: datetime
) -> None:
    RepairPicture.objects.bulk_create(
        RepairPicture(repair=repair, key=new.key, width=new.width, height=new.height, added_by=by, at=now)
        for new in stored
    )


def _is_from_resident(repair: Repair, by: User, held: set[str]) -> bool:
    """Whether the message comes from the resident's side, not from the dispatcher or the worker."""
    return by.pk == repair.resident_id or not held & {policies.DISPATCHER, policies.WORKER}


def _check_words(repair: Repair, words: str, uploads: list[pictures.Upload]) -> None:
    if not words.strip() and not uploads:
        raise ActionError("nothing_said", _("Please write something or add a picture."), field="words")
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")
    if (
        uploads
        and repair.pictures.filter(shows=RepairPicture.Shows.REPORT).count() + len(uploads)
        > MAX_PICTURES_OF_REPORT
    ):
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_REPORT},
            field="pictures",
        )


def _check_spoken(repair: Repair, spoken: Spoken | None) -> None:
    if spoken and repair.recordings.count() >= MAX_RECORDINGS:
        raise ActionError(
            "too_many_recordings",
            _("%(most)s spoken messages are enough.") % {"most": MAX_RECORDINGS},
            field="recording",
        )


def _keep_spoken(repair: Repair, stored: StoredRecording | None, *, by: User, now: datetime) -> None:
    if stored:
        RepairRecording.objects.create(repair=repair, added_by=by, at=now, **stored.take())


def _tell_of_message(repair: Repair, message: RepairMessage, *, by: User, now: datetime) -> None:
    key = f"repair:{repair.pk}:message:{message.pk}"
    tell_resident(repair, "repair_message", key=key, now=now, by=by)
    if repair.worker and repair.worker_id != by.pk:
        tell_worker(repair, repair.worker, "repair_message", key=key, now=now)


def cancel_repair(
    *, repair: Repair, by: User, reason: str, spoken: Spoken | None = None, now: datetime
) -> None:
    """Cancels the repair for the resident, before work has begun or while it waits. Repeating it changes
    nothing.

    Raises ``Forbidden``, ``AlreadyMoved``, ``too_many_recordings`` and ``RecordingRefused``.
    """
    worker = repair.worker
    _check_spoken(repair, spoken)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        change = STEPS.take(
            repair,
            Step("cancel_repair", to=Status.CANCELLED, reason=reason, tells="repair_cancelled"),
            by=by,
            now=now,
        )
        if change:
            _keep_spoken(repair, sound, by=by, now=now)
        elif sound:
            sound.discard()
        if change and worker:
            tell_worker(repair, worker, "job_cancelled", key=message_key(repair, change), now=now)


def answer_quote(*, repair: Repair, by: User, agrees: bool, fen: int, now: datetime) -> None:
    """Accepts or refuses the price of ``fen``. Repeating it changes nothing.

    Refusing the first price cancels the repair at no cost; refusing a later one leaves the work at the price
    agreed before. ``fen`` is the price that the person saw, so that no other price is accepted. Raises
    ``Forbidden``, and ``AlreadyMoved`` if the price or the status has changed.
    """
    policies.require("answer_quote", by, repair)
    if repair.status == Status.QUOTED and repair.quote_fen != fen:
        raise AlreadyMoved
    with transaction.atomic():
        change = STEPS.take(repair, _answer(repair, agrees=agrees), by=by, now=now)
        if change and repair.worker:
            key = message_key(repair, change)
            template = "job_quote_agreed" if agrees else "job_quote_refused"
            tell_worker(repair, repair.worker, template, key=key, fen=fen, now=now)


def _answer(repair: Repair, *, agrees: bool) -> Step:
    price = {"price_fen": repair.quote_fen}
    if agrees:
        return Step(
            "answer_quote",
            to=Status.IN_WORK,
            tells="repair_price_agreed_for",
            sms=True,
            changes={"agreed_fen": repair.quote_fen, "agreed_words": repair.quote_words},
            recorded=price,
        )
    if repair.agreed_fen:
        return Step(
            "answer_quote",
            to=Status.IN_WORK,
            changes={"quote_fen": repair.agreed_fen, "quote_words": repair.agreed_words},
            recorded={**price, "is_refusal": True},
        )
    return Step("answer_quote", to=Status.CANCELLED, tells="repair_cancelled", recorded=price)


def confirm_repair(
    *, repair: Repair, by: User, face: int, words: str = "", spoken: Spoken | None = None, now: datetime
) -> None:
    """Confirms that the repair is mended and stores the rating, with what was said. Repeating it changes
    nothing.

    ``face`` is 1 (bad) to 3 (good). Raises ``Forbidden``, ``ActionError`` (``no_face``, ``too_long``) and
    ``AlreadyMoved``.
    """
    _check_spoken(repair, spoken)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        if STEPS.take(
            repair, Step("confirm_repair", to=Status.CONFIRMED, tells="repair_confirmed_for"), by=by, now=now
        ):
            _store_rating(repair, by=by, face=face, words=words, now=now)
            _keep_spoken(repair, sound, by=by, now=now)
        elif sound:
            sound.discard()


def rate_repair(
    *, repair: Repair, by: User, face: int, words: str = "", spoken: Spoken | None = None, now: datetime
) -> None:
    """Stores the rating of a finished repair; the first rating stays.

    ``face`` is 1 (bad) to 3 (good). Raises ``Forbidden``, ``ActionError`` (``no_face``, ``too_long``) and
    ``AlreadyMoved``.
    """
    policies.require("rate_repair", by, repair)
    policies.VERBS.require_status("rate_repair", repair.status)
    _check_spoken(repair, spoken)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        if _store_rating(repair, by=by, face=face, words=words, now=now):
            _keep_spoken(repair, sound, by=by, now=now)
        elif sound:
            sound.discard()
        notify_open_pages(repair)


def _store_rating(repair: Repair, *, by: User, face: int, words: str, now: datetime) -> bool:
    """Stores the rating; returns whether it is the first, which stays."""
    given = give_satisfaction(
        repair.ref,
        Rating(face, words),
        resident=repair.resident,
        by=by,
        now=now,
    )
    with changes.of(repair):
        is_first = bool(Repair.objects.filter(pk=repair.pk, satisfaction=None).update(satisfaction=given))
    repair.satisfaction = given
    return is_first


def reopen_repair(
    *, repair: Repair, by: User, words: str, spoken: Spoken | None = None, now: datetime
) -> None:
    """Returns a repair that is not mended to the board, without a worker. Repeating it changes nothing.

    ``words`` or a spoken message say what is still wrong. Raises ``Forbidden``, ``ActionError`` (``words_missing``) and
    ``AlreadyMoved``.
    """
    policies.require("reopen_repair", by, repair)
    if not words.strip() and spoken is None:
        raise ActionError("words_missing", _("Please write what is still wrong."), field="words")
    _check_spoken(repair, spoken)
    worker = repair.worker
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        change = STEPS.take(
            repair,
            Step(
                "reopen_repair",
                to=Status.REOPENED,
                reason=words,
                tells="repair_reopened",
                changes={"worker": None},
            ),
            by=by,
            now=now,
        )
        if change:
            _keep_spoken(repair, sound, by=by, now=now)
        elif sound:
            sound.discard()
        if change and worker:
            tell_worker(repair, worker, "repair_reopened", key=message_key(repair, change), now=now)
            notify_open_pages(repair, also_worker=worker.pk)


def close_unanswered(*, repair: Repair, now: datetime) -> bool:
    """Closes a finished repair that was not contradicted; returns False if another request changed it
    meanwhile.

    Checks neither permission nor time: the caller has.
    """
    try:
        with transaction.atomic():
            change = move(repair, Status.CLOSED, by=None, now=now)
            key = message_key(repair, change)
            tell_resident(repair, "repair_closed", key=key, now=now, by=None)
            notify_open_pages(repair)
    except AlreadyMoved:
        return False
    return True
