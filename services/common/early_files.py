"""Pictures and spoken messages that go up while the form is still being filled in.

A page asks with a signed ticket, so that only pages of Linli store files, and gets a signed token for each
file. Its form sends the tokens instead of the files; ``PicturesField`` and ``RecordingField`` read them, and
the action takes the files by ``pictures.storing()`` and ``recordings.storing()`` as it takes uploads. Files
of forms that were never sent are deleted by
``delete_old()``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from community.core import pictures, recordings
from community.core.errors import ActionError
from community.core.recordings import Spoken, StoredRecording
from services.common.models import EarlyFile
from services.common.response_clock import full_hour

TICKET_SALT, TOKEN_SALT = "services.common.early.ticket", "services.common.early.token"
SPOKEN_SALT = "services.common.early.spoken"
# Validity of a page, and the time after which its files are deleted.
VALID_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=2)
# Files of one page, with those that were taken out again.
MAX_OF_PAGE = 18


def gone_error() -> ActionError:
    """Returns the error for pictures that were deleted before their form came."""
    words = _("Some of your pictures are gone, because they lay here too long. Please add them again.")
    return ActionError("pictures_gone", words, field="pictures")


@dataclass(frozen=True)
class EarlyPicture(pictures.Prepared):
    """A stored picture that a form names; ``pictures.storing()`` takes it."""

    id: UUID
    key: str
    width: int
    height: int

    @property
    def token(self) -> str:
        fields = [str(self.id), self.key, self.width, self.height]
        return signing.dumps(fields, salt=TOKEN_SALT, compress=True)

    def take(self) -> pictures.StoredPicture:
        """Deletes the row, so that one action gets the picture. Raises ``ActionError`` if it is gone."""
        deleted, _rows = EarlyFile.objects.filter(pk=self.id).delete()
        if not deleted:
            raise gone_error()
        return pictures.StoredPicture(self.key, self.width, self.height)

    def give_back(self, now: datetime) -> None:
        """Stores the row again after an action that failed."""
        fields = {"page": uuid4(), "name": self.key, "width": self.width, "height": self.height}
        EarlyFile.objects.get_or_create(pk=self.id, defaults=fields | {"at": full_hour(now)})


def spoken_gone_error() -> ActionError:
    """Returns the error for a spoken message that was deleted before its form came, or was sent already."""
    words = _("Your spoken message is gone. Please speak again, or write.")
    return ActionError("spoken_gone", words, field="recording")


@dataclass(frozen=True)
class EarlyRecording(StoredRecording):
    """A stored spoken message that a form names; ``recordings.storing()`` hands it on."""

    id: UUID

    @property
    def token(self) -> str:
        fields = [str(self.id), self.name, self.content_type, self.seconds]
        return signing.dumps(fields, salt=SPOKEN_SALT, compress=True)

    def take(self) -> dict[str, Any]:
        """Deletes the row, so that one action gets the recording. Raises ``ActionError`` if it is gone."""
        if not EarlyFile.objects.filter(pk=self.id).delete()[0]:
            raise spoken_gone_error()
        return super().take()

    def discard(self) -> None:
        """Deletes the row, and the file after the commit, unless an action took it. Repeating it changes
        nothing.
        """
        if EarlyFile.objects.filter(pk=self.id).delete()[0]:
            transaction.on_commit(lambda: recordings.discard(self.name))


def ticket(page: UUID | None = None) -> str:
    """Returns the ticket with which a page sends files ahead; each page has one of its own."""
    return signing.dumps(str(page or uuid4()), salt=TICKET_SALT)


def page_of(signed: str) -> UUID | None:
    """Returns the page's key; None for a ticket that Linli did not make, or of an earlier day."""
    try:
        return UUID(signing.loads(signed, salt=TICKET_SALT, max_age=VALID_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def read_token(token: str) -> EarlyPicture | None:
    """Returns the picture of a token; None for one that is invalid or of an earlier day."""
    try:
        pk, key, width, height = signing.loads(token, salt=TOKEN_SALT, max_age=VALID_FOR)
        return EarlyPicture(UUID(pk), key, width, height)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def read_spoken(token: str) -> EarlyRecording | None:
    """Returns the spoken message of a token; None for one that is invalid or of an earlier day."""
    try:
        pk, name, content_type, seconds = signing.loads(token, salt=SPOKEN_SALT, max_age=VALID_FOR)
        return EarlyRecording(name, content_type, seconds, UUID(pk))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def find_spoken(key: UUID) -> EarlyRecording | None:
    """Returns the spoken message with this key; None if it is gone."""
    row = EarlyFile.objects.filter(pk=key, kind=EarlyFile.Kind.RECORDING).first()
    return EarlyRecording(row.name, row.content_type, row.seconds, row.pk) if row else None


def keep_pictures(*, page: UUID, uploads: Iterable[pictures.Upload], now: datetime) -> list[EarlyPicture]:
    """Stores pictures of a page whose form comes later, all or none; those that it has sent stay.

    Raises ``PictureRefused``, and ``ActionError`` (``too_many_pictures``) from the 19th file of a page on.
    """
    uploads = list(uploads)
    fresh = [upload for upload in uploads if not isinstance(upload, EarlyPicture)]
    if fresh and EarlyFile.objects.filter(page=page).count() + len(fresh) > MAX_OF_PAGE:
        words = _("%(most)s pictures are enough.") % {"most": MAX_OF_PAGE}
        raise ActionError("too_many_pictures", words, field="pictures")
    with pictures.storing(fresh) as stored, transaction.atomic():
        rows = EarlyFile.objects.bulk_create(
            EarlyFile(page=page, name=one.key, width=one.width, height=one.height, at=full_hour(now))
            for one in stored
        )
    kept = [upload for upload in uploads if isinstance(upload, EarlyPicture)]
    return [*kept, *(EarlyPicture(row.pk, row.name, row.width, row.height) for row in rows)]


def keep_spoken(*, page: UUID, spoken: Spoken, now: datetime) -> EarlyRecording:
    """Stores the spoken message of a page whose form comes later.

    A page has one: an earlier one is deleted. One that the page has sent stays as it is. Raises
    ``RecordingRefused``, and ``ActionError`` if it is gone.
    """
    if isinstance(spoken.upload, EarlyRecording):
        if not EarlyFile.objects.filter(pk=spoken.upload.id, page=page).exists():
            raise spoken_gone_error()
        return spoken.upload
    with recordings.storing(spoken.upload, seconds=spoken.seconds) as stored, transaction.atomic():
        for earlier in EarlyFile.objects.filter(page=page, kind=EarlyFile.Kind.RECORDING):
            discard_spoken(earlier.pk)
        kind, at = EarlyFile.Kind.RECORDING, full_hour(now)
        row = EarlyFile.objects.create(page=page, kind=kind, at=at, **stored.take())
    return EarlyRecording(stored.name, stored.content_type, stored.seconds, row.pk)


def discard_spoken(key: UUID) -> None:
    """Deletes a spoken message that nothing took, and its file after the commit. Repeating it changes
    nothing.
    """
    if found := find_spoken(key):
        found.discard()


def delete_old(*, now: datetime) -> int:
    """Deletes files of forms that were never sent; returns how many, at most 500."""
    old = list(EarlyFile.objects.filter(at__lt=now - KEPT_FOR)[:500])
    for row in old:
        removed, _rows = EarlyFile.objects.filter(pk=row.pk).delete()
        if removed:
            _discard(row)
    return len(old)


def _discard(row: EarlyFile) -> None:
    if row.kind == EarlyFile.Kind.RECORDING:
        recordings.discard(row.name)
    else:
        pictures.discard(row.name)
