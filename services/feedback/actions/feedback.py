"""Sending feedback, with a name or anonymously, and the pictures uploaded before."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, pictures
from community.core.errors import ActionError, Forbidden
from community.core.transitions import record_first_status
from community.estates.models import Estate
from services.common import early_files, response_clock
from services.common.early_files import EarlyPicture
from services.common.models import EarlyFile
from services.common.references import next_reference, unordered_reference
from services.feedback import policies, thread_codes
from services.feedback.actions.steps import (
    check_words,
    key_used_error,
    notify_open_pages,
    start_clock,
    tell_writer,
)
from services.feedback.models import Feedback, FeedbackPicture, FeedbackRecording
from services.feedback.models.feedback import MAX_PICTURES_OF_FEEDBACK, without_references

MAX_ABOUT = 60


@dataclass(frozen=True)
class FeedbackContent:
    """Content of new feedback, before the choice of a name; ``pictures`` and ``spoken`` are keys of
    ``EarlyFile``.
    """

    estate: Estate
    kind: str
    words: str
    about: str = ""
    pictures: Sequence[UUID] = ()
    spoken: UUID | None = None


def store_loose_pictures(
    *, uploads: Iterable[pictures.Upload], page: UUID | None = None, now: datetime
) -> list[EarlyPicture]:
    """Stores pictures of a text that is not sent yet, all or none; no person is stored with them.

    Those that the page has sent before stay as they are. Raises ``ActionError`` with the field ``pictures``
    for more than ``MAX_PICTURES_OF_FEEDBACK`` or one that cannot be read.
    """
    uploads = list(uploads)
    if len(uploads) > MAX_PICTURES_OF_FEEDBACK:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_FEEDBACK},
            field="pictures",
        )
    return early_files.keep_pictures(page=page or uuid4(), uploads=uploads, now=now)


def voice_without_name_error() -> ActionError:
    """Returns the error for a spoken message without a name."""
    words = _("Your voice would say who you are. Please write instead.")
    return ActionError("voice_without_name", words, field="recording")


def _checked_words(content: FeedbackContent, *, may_be_spoken: bool = False) -> str:
    """Returns the checked words; raises ``ActionError`` with the field for wrong content."""
    if content.kind not in Feedback.Kind.values:
        raise ActionError("no_kind", _("Please choose what it is."), field="kind")
    if len(content.about) > MAX_ABOUT:
        raise ActionError("about_too_long", _("Please keep it under 60 characters."), field="about")
    if len(content.pictures) > MAX_PICTURES_OF_FEEDBACK:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_FEEDBACK},
            field="pictures",
        )
    if may_be_spoken and content.spoken and not content.words.strip():
        return ""
    return check_words(content.words, _("Please write what it is about."))


def send_named(*, content: FeedbackContent, resident: User, by: User, key: UUID, now: datetime) -> Feedback:
    """Sends feedback with a name, once for its ``key``, and returns it; repeated requests return the first
    one's.

    ``by`` is the resident, a person who acts for them, or the desk that writes for them. Raises
    ``Forbidden``, ``ActionError`` with the field for wrong content or lost files, ``ActionError``
    (``sent_before``) if other content was sent with this key, so that nobody believes that later changes were
    sent, and ``key_used`` for a key of another person.
    """
    if not policies.may_write(by, resident, content.estate):
        raise Forbidden
    words = _checked_words(content, may_be_spoken=True)
    if sent := Feedback.objects.filter(key=key, resident=resident).first():
        return _require_same(sent, content, words)
    try:
        with transaction.atomic():
            feedback = _create(content, words, by=by, now=now, resident=resident, reported_by=by, key=key)
            tell_writer(
                feedback, "feedback_received", key=f"feedback:{feedback.pk}:received", by=None, now=now
            )
            notify_open_pages(feedback, by=by, now=now)
    except IntegrityError:
        sent = Feedback.objects.filter(key=key, resident=resident).first()
        if sent is None and Feedback.objects.filter(key=key).exists():
            raise key_used_error() from None
        if sent is None:
            raise
        return _require_same(sent, content, words)
    return feedback


def send_anonymous(*, content: FeedbackContent, code: str, now: datetime) -> Feedback:
    """Sends feedback anonymously, once for its ``code``, and returns it.

    The code was generated by Linli and is shown on the page that sends; the same code again returns the same
    feedback. Takes no person, session or address, so that none can be stored. References in ``about`` are
    removed: they would identify the writer; so would a spoken message, which is deleted. Raises
    ``ActionError`` as ``send_named`` does.
    """
    words = _checked_words(content)
    if content.spoken:
        early_files.discard_spoken(content.spoken)
    content = replace(content, about=without_references(content.about)[:MAX_ABOUT])
    code_hash = thread_codes.digest(code)
    if sent := Feedback.objects.filter(code_hash__in=thread_codes.digests(code)).first():
        return _require_same(sent, content, words)
    try:
        with transaction.atomic():
            feedback = _create(content, words, by=None, now=now, is_anonymous=True, code_hash=code_hash)
            notify_open_pages(feedback, by=None, now=now)
    except IntegrityError:
        sent = Feedback.objects.filter(code_hash=code_hash).first()
        if sent is None:
            raise
        return _require_same(sent, content, words)
    return feedback


def _require_same(sent: Feedback, content: FeedbackContent, words: str) -> Feedback:
    """Returns the sent feedback; raises ``ActionError`` if its content differs."""
    now = (content.estate.pk, content.kind, content.about.strip(), words)
    if now != (sent.estate_id, sent.kind, sent.about, sent.description):
        raise sent_before_error()
    return sent


def sent_before_error() -> ActionError:
    """Returns the error for a page whose content has changed since it was sent."""
    return ActionError(
        "sent_before",
        _(
            "This was sent before, without your changes. To add something, open it and write there; or send it anew."
        ),
        field="words",
    )


def reference_for(estate: Estate, on: date, *, is_nameless: bool) -> str:
    """Returns the next reference of the day; a random one for anonymous feedback.

    The neighbours of a consecutive reference would reveal when it was written.
    """
    if not is_nameless:
        return next_reference(letter="F", estate=estate, on=on)
    known = Feedback.objects.filter(estate=estate)
    return unordered_reference(
        letter="F", on=on, is_taken=lambda reference: known.filter(reference=reference).exists()
    )


def _create(
    content: FeedbackContent, words: str, *, by: User | None, now: datetime, **fields: Any
) -> Feedback:
    at = now if by is not None else response_clock.full_hour(now)
    feedback = Feedback(
        estate=content.estate,
        kind=content.kind,
        about=content.about.strip(),
        description=words,
        created_at=at,
        status_changed_at=at,
        reference=reference_for(content.estate, clock.today(at), is_nameless=by is None),
        **fields,
    )
    feedback.save()
    record_first_status(feedback, by=by, now=at, on_behalf_of=feedback.resident)
    _attach_pictures(feedback, content.pictures, by=by, at=at)
    if by is not None and content.spoken:
        _attach_spoken(feedback, content.spoken, by=by, at=at)
    start_clock(feedback, by=by, now=now)
    return feedback


def _attach_spoken(feedback: Feedback, key: UUID, *, by: User, at: datetime) -> None:
    """Attaches the spoken message; raises ``ActionError`` if it was deleted meanwhile."""
    found = early_files.find_spoken(key)
    if found is None:
        raise early_files.spoken_gone_error()
    FeedbackRecording.objects.create(feedback=feedback, added_by=by, at=at, **found.take())


def _attach_pictures(feedback: Feedback, keys: Sequence[UUID], *, by: User | None, at: datetime) -> None:
    """Attaches the uploaded pictures; raises ``ActionError`` if some were deleted meanwhile."""
    loose = EarlyFile.objects.filter(pk__in=keys, kind=EarlyFile.Kind.PICTURE)
    found = list(loose)
    if len(found) != len(set(keys)):
        raise early_files.gone_error()
    FeedbackPicture.objects.bulk_create(
        FeedbackPicture(
            feedback=feedback,
            key=picture.name,
            width=picture.width,
            height=picture.height,
            added_by=by,
            at=at,
        )
        for picture in found
    )
    taken, _rows = loose.delete()
    if taken != len(found):  # another form of the same moment got one
        raise early_files.gone_error()
    if by is None:
        blur_file_times([picture.name for picture in found], at)


def blur_file_times(keys: Iterable[str], at: datetime) -> None:
    """Sets the files' times to the full hour, as they reveal the time of writing."""
    for key in keys:
        for size in pictures.SIZES:
            name = pictures.file_name(key, size)
            try:
                os.utime(default_storage.path(name), (at.timestamp(), at.timestamp()))
            except (NotImplementedError, OSError):
                continue
