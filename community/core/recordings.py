"""Spoken messages: checked by their first bytes, stripped to the sound, played only to permitted people."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.cleaning import NotOnlySound, Unreadable, clean_mp3, clean_mp4, clean_ogg, clean_webm
from community.core.errors import ActionError
from community.core.virus_scan import RefusedUpload

MAX_SECONDS = 120
MAX_BYTES = 4 * 1024 * 1024


class RecordingRefused(ActionError):
    """Raised for a file that is not an accepted spoken message; the message says why."""

    status = 400

    def __init__(self, message: str | Promise) -> None:
        super().__init__("recording_refused", message, field="recording")


@dataclass(frozen=True)
class StoredRecording:
    name: str
    content_type: str
    seconds: int

    def take(self) -> dict[str, Any]:
        """Returns the fields of the row that keeps the recording; call it in the transaction of the row."""
        return {"name": self.name, "content_type": self.content_type, "seconds": self.seconds}

    def discard(self) -> None:
        """Deletes the recording, which no row keeps."""
        discard(self.name)


@dataclass(frozen=True)
class Spoken:
    """A spoken message, uploaded or stored before its form was sent, and its length in seconds."""

    upload: IO[bytes] | StoredRecording
    seconds: int


@dataclass(frozen=True)
class Kind:
    suffix: str
    content_type: str
    clean: Callable[[bytes], bytes]


WEBM = Kind("webm", "audio/webm", clean_webm)
OGG = Kind("ogg", "audio/ogg", clean_ogg)
MP4 = Kind("m4a", "audio/mp4", clean_mp4)
MP3 = Kind("mp3", "audio/mpeg", clean_mp3)


def store(upload: IO[bytes], *, seconds: int) -> StoredRecording:
    """Stores the sound of a browser recording (WebM, Ogg, MP4, MP3) without names, places, dates and devices.

    Raises ``RecordingRefused``.
    """
    if isinstance(upload, RefusedUpload):
        raise RecordingRefused(upload.words)
    upload.seek(0, io.SEEK_END)
    if not 0 < seconds <= MAX_SECONDS:
        raise RecordingRefused(_("A spoken message can be up to 2 minutes long."))
    if upload.tell() > MAX_BYTES:
        raise RecordingRefused(_("This spoken message is too large. Please speak for up to 2 minutes."))
    upload.seek(0)
    content = upload.read()
    kind = _kind(content)
    if kind is None:
        raise RecordingRefused(_("This file is not a spoken message that we can play."))
    try:
        cleaned = kind.clean(content)
    except NotOnlySound:
        raise RecordingRefused(_("There is more than sound in this file. Please send sound alone.")) from None
    except Unreadable:
        raise RecordingRefused(_("This file is not a spoken message that we can play.")) from None
    name = default_storage.save(f"recordings/{uuid4().hex}.{kind.suffix}", ContentFile(cleaned))
    return StoredRecording(name, kind.content_type, seconds)


@contextmanager
def storing(upload: IO[bytes] | StoredRecording, *, seconds: int) -> Iterator[StoredRecording]:
    """Stores a recording for a row made in the block; deletes the file if the block raises.

    One that was stored before its form was sent stays for the next try.
    """
    if isinstance(upload, StoredRecording):
        yield upload
        return
    stored = store(upload, seconds=seconds)
    try:
        yield stored
    except BaseException:
        discard(stored.name)
        raise


@contextmanager
def storing_if_spoken(spoken: Spoken | None) -> Iterator[StoredRecording | None]:
    """Stores a recording as ``storing()`` does, if there is one."""
    if spoken is None:
        yield None
        return
    with storing(spoken.upload, seconds=spoken.seconds) as stored:
        yield stored


def discard(name: str) -> None:
    """Deletes a recording that no row uses."""
    default_storage.delete(name)


def delete_rows(rows: "QuerySet[Any]") -> None:
    """Deletes rows with a ``name``, and their recordings after the commit."""
    for row in rows:
        transaction.on_commit(partial(discard, row.name))
    rows.delete()


def _kind(content: bytes) -> Kind | None:
    """Returns the format by the first bytes, not by the browser's claim."""
    if content[:4] == b"\x1aE\xdf\xa3":
        return WEBM
    if content[:4] == b"OggS":
        return OGG
    if content[4:8] == b"ftyp":
        return MP4
    if content[:3] == b"ID3" or content[:2] in (
        b"\xff\xfb",
        b"\xff\xf3",
        b"\xff\xf2",
        b"\xff\xfa",
        b"\xff\xe3",
    ):
        return MP3
    return None
