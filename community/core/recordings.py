"""Spoken messages: checked by their first bytes, kept as they came, played only to who may hear."""

import io
from dataclasses import dataclass
from typing import IO
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError

MAX_SECONDS = 120
MAX_BYTES = 4 * 1024 * 1024


class RecordingRefused(ActionError):
    """The file is not a spoken message that we take; the message says why."""

    status = 400

    def __init__(self, message: str | Promise) -> None:
        super().__init__("recording_refused", message, field="recording")


@dataclass(frozen=True)
class StoredRecording:
    name: str
    content_type: str


def store(upload: IO[bytes], *, seconds: int) -> StoredRecording:
    """Keep what a phone's browser records (WebM, Ogg, MP4, MP3). Raises ``RecordingRefused``."""
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
    suffix, content_type = kind
    name = default_storage.save(f"recordings/{uuid4().hex}.{suffix}", ContentFile(content))
    return StoredRecording(name, content_type)


def discard(name: str) -> None:
    """Delete a recording that never became part of anything."""
    default_storage.delete(name)


def _kind(content: bytes) -> tuple[str, str] | None:
    """File suffix and content type by the first bytes; the browser's claim does not count."""
    if content[:4] == b"\x1aE\xdf\xa3":
        return "webm", "audio/webm"
    if content[:4] == b"OggS":
        return "ogg", "audio/ogg"
    if content[4:8] == b"ftyp":
        return "m4a", "audio/mp4"
    if content[:3] == b"ID3" or content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3", "audio/mpeg"
    return None
