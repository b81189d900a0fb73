"""From the first words to what was sent, with a name or without."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, pictures
from community.core.errors import ActionError, Forbidden
from community.core.transitions import record_first_status
from community.estates.models import Estate
from services.common import response
from services.common.references import next_reference, unordered_reference
from services.feedback import policies, thread_codes
from services.feedback.actions.steps import (
    await_answer,
    check_words,
    key_used,
    notify_open_pages,
    tell_writer,
)
from services.feedback.models import Feedback, FeedbackPicture, LoosePicture
from services.feedback.models.feedback import LOOSE_PICTURES_KEPT, without_references

MAX_PICTURES = 6
MAX_ABOUT = 60


@dataclass(frozen=True)
class Written:
    """What somebody wrote, before it is said whether with a name. ``pictures``: of ``LoosePicture``."""

    estate: Estate
    kind: str
    words: str
    about: str = ""
    pictures: Sequence[UUID] = ()


def keep_loose_pictures(*, uploads: Iterable[IO[bytes]], now: datetime) -> list[LoosePicture]:
    """Store pictures for a text that is being written; nobody is stored with them. All or none."""
    uploads = list(uploads)
    if len(uploads) > MAX_PICTURES:
        raise ActionError("too_many_pictures", _("6 pictures are enough."), field="pictures")
    at = response.full_hour(now)
    with pictures.storing(uploads) as stored, transaction.atomic():
        return LoosePicture.objects.bulk_create(
            LoosePicture(key=one.key, width=one.width, height=one.height, at=at) for one in stored
        )


def _check(written: Written) -> str:
    if written.kind not in Feedback.Kind.values:
        raise ActionError("no_kind", _("Please choose what it is."), field="kind")
    if len(written.about) > MAX_ABOUT:
        raise ActionError("about_too_long", _("Please keep it under 60 characters."), field="about")
    if len(written.pictures) > MAX_PICTURES:
        raise ActionError("too_many_pictures", _("6 pictures are enough."), field="pictures")
    return check_words(written.words, _("Please write what it is about."))


def send_named(*, written: Written, resident: User, by: User, key: UUID, now: datetime) -> Feedback:
    """Send it with a name, once by ``key``: a second tap, or two at once, find the first one's.

    Raises ``ActionError`` (``sent_before``) if something else was sent by this key: nobody shall believe
    that what they changed since was sent; and ``key_used`` if another sent it.

    ``by`` is the resident, who acts for them, or the desk that writes down what somebody said.
    """
    if not policies.may_write(by, resident, written.estate):
        raise Forbidden
    words = _check(written)
    if sent := Feedback.objects.filter(key=key, resident=resident).first():
        return _the_same(sent, written, words)
    try:
        with transaction.atomic():
            feedback = _create(written, words, by=by, now=now, resident=resident, reported_by=by, key=key)
            tell_writer(
                feedback, "feedback_received", key=f"feedback:{feedback.pk}:received", by=None, now=now
            )
            notify_open_pages(feedback, by=by, now=now)
    except IntegrityError:
        sent = Feedback.objects.filter(key=key, resident=resident).first()
        if sent is None and Feedback.objects.filter(key=key).exists():
            raise key_used() from None
        if sent is None:
            raise
        return _the_same(sent, written, words)
    return feedback


def send_anonymous(*, written: Written, code: str, now: datetime) -> Feedback:
    """Send it without a name. The code was made by us and shown on the page that sends it; the same
    code again finds the same one, or raises as ``send_named`` does.

    Takes no person, session or address, so that none can be stored. A reference in ``about`` is left
    out: it says whose it is.
    """
    words = _check(written)
    written = replace(written, about=without_references(written.about)[:MAX_ABOUT])
    code_hash = thread_codes.digest(code)
    if sent := Feedback.objects.filter(code_hash=code_hash).first():
        return _the_same(sent, written, words)
    try:
        with transaction.atomic():
            feedback = _create(written, words, by=None, now=now, is_anonymous=True, code_hash=code_hash)
            notify_open_pages(feedback, by=None, now=now)
    except IntegrityError:
        sent = Feedback.objects.filter(code_hash=code_hash).first()
        if sent is None:
            raise
        return _the_same(sent, written, words)
    return feedback


def _the_same(sent: Feedback, written: Written, words: str) -> Feedback:
    now = (written.estate.pk, written.kind, written.about.strip(), words)
    if now != (sent.estate_id, sent.kind, sent.about, sent.description):
        raise sent_before()
    return sent


def sent_before() -> ActionError:
    return ActionError(
        "sent_before",
        _(
            "This was sent before, without your changes. To add something, open it and write there; or send it anew."
        ),
        field="words",
    )


def reference_for(estate: Estate, on: date, *, is_nameless: bool) -> str:
    """The next number of the day; without a name one by lot, lest its neighbours' times say when."""
    if not is_nameless:
        return next_reference(letter="F", estate=estate, on=on)
    known = Feedback.objects.filter(estate=estate)
    return unordered_reference(
        letter="F", on=on, is_taken=lambda reference: known.filter(reference=reference).exists()
    )


def _create(written: Written, words: str, *, by: User | None, now: datetime, **fields: Any) -> Feedback:
    at = now if by is not None else response.full_hour(now)
    feedback = Feedback(
        estate=written.estate,
        kind=written.kind,
        about=written.about.strip(),
        description=words,
        created_at=at,
        status_changed_at=at,
        reference=reference_for(written.estate, clock.today(at), is_nameless=by is None),
        **fields,
    )
    feedback.save()
    record_first_status(feedback, by=by, now=at, on_behalf_of=feedback.resident)
    _take_pictures(feedback, written.pictures, by=by, at=at)
    await_answer(feedback, by=by, now=now)
    return feedback


def _take_pictures(feedback: Feedback, keys: Sequence[UUID], *, by: User | None, at: datetime) -> None:
    loose = LoosePicture.objects.filter(pk__in=keys)
    found = list(loose)
    if len(found) != len(set(keys)):
        words = _("Some of your pictures are gone, because they lay here too long. Please add them again.")
        raise ActionError("pictures_gone", words, field="pictures")
    FeedbackPicture.objects.bulk_create(
        FeedbackPicture(
            feedback=feedback, key=one.key, width=one.width, height=one.height, added_by=by, at=at
        )
        for one in found
    )
    loose.delete()
    if by is None:
        blur_files([one.key for one in found], at)


def blur_files(keys: Iterable[str], at: datetime) -> None:
    """A file says when it was written, too."""
    for key in keys:
        for size in pictures.SIZES:
            name = pictures.file_name(key, size)
            try:
                os.utime(default_storage.path(name), (at.timestamp(), at.timestamp()))
            except (NotImplementedError, OSError):
                continue


def throw_away_loose_pictures(*, now: datetime) -> int:
    """Delete pictures of what was begun and never sent, with their files."""
    old = list(LoosePicture.objects.filter(at__lt=now - LOOSE_PICTURES_KEPT)[:500])
    for picture in old:
        removed, _rows = LoosePicture.objects.filter(pk=picture.pk).delete()
        if removed:
            pictures.discard(picture.key)
    return len(old)
