"""Pictures that people send: checked, turned the right way, stripped, and kept in three sizes."""

import io
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core import sandbox
from community.core.errors import ActionError

MAX_MEGABYTES = 40
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
DECODING = "community.core.picture_decoding"
# Longest side in pixels.
SIZES = {"small": 320, "medium": 1080, "large": 2048}
# A long screenshot may be longer than that: its shorter side keeps so many pixels, to be readable.
SHORTER_SIDES = {"small": 160, "medium": 540, "large": 1080}
# For all pictures of a request together: nginx waits for an answer for 30 seconds.
SECONDS_FOR_ALL = 25

REFUSALS: dict[str, str | Promise] = {
    "too_large": _("This picture is larger than %(most)s MB. Please choose a smaller one."),
    "empty": _("This file is empty. Please choose the picture again."),
    "too_many_pixels": _("This picture has too many pixels. Please take it again with the phone."),
    "cut_off": _("A part of this picture is missing. Please choose it again."),
    "unreadable": _("This file is not a picture that we can open. JPEG, PNG, WebP, HEIC and GIF work."),
    "too_slow": _("This picture takes too long to open. Please choose another one."),
    "busy": _("Many pictures are coming in right now. Please try again in a minute."),
}


class PictureRefused(ActionError):
    """The file is not a picture that we take; the message says why."""

    status = 400

    def __init__(self, message: str | Promise) -> None:
        super().__init__("picture_refused", message, field="pictures")


class PicturesBusy(PictureRefused):
    """Nothing is wrong with the picture: too many others are being opened. The same one works later."""

    status = 503

    def __init__(self) -> None:
        super().__init__(REFUSALS["busy"])
        self.code = "busy"


@dataclass(frozen=True)
class StoredPicture:
    """A kept picture: the key of its three files, and the pixels of the largest one."""

    key: str
    width: int
    height: int


def store(upload: IO[bytes], *, seconds: float = sandbox.SECONDS) -> StoredPicture:
    """Re-encode an upload in three sizes without any metadata. Raises ``PictureRefused``.

    It is decoded in a process of its own. Not inside a transaction: that would wait for it, too.
    """
    _check_size(upload)
    deadline = time.monotonic() + seconds
    sizes = {size: [side, SHORTER_SIDES[size]] for size, side in SIZES.items()}
    try:
        with sandbox.workplace(seconds=seconds / 2) as place:
            path = place.keep(upload, "upload")
            left = max(1, round(deadline - time.monotonic()))
            answer = place.run(DECODING, {"path": str(path), "sizes": sizes}, seconds=left)
            if "refused" in answer:
                raise PictureRefused(REFUSALS[answer["refused"]])
            return StoredPicture(_store_files(place), answer["width"], answer["height"])
    except sandbox.Busy:
        raise PicturesBusy from None
    except sandbox.TooMuch:
        raise PictureRefused(REFUSALS["too_many_pixels"]) from None
    except sandbox.TooSlow:
        raise PictureRefused(REFUSALS["too_slow"]) from None
    except sandbox.Broken as error:
        raise PictureRefused(REFUSALS["unreadable"]) from error


def _check_size(upload: IO[bytes]) -> None:
    size = upload.seek(0, io.SEEK_END) or upload.tell()
    if not size:
        raise PictureRefused(REFUSALS["empty"])
    if size > MAX_BYTES:
        raise PictureRefused(REFUSALS["too_large"] % {"most": MAX_MEGABYTES})


def _store_files(place: sandbox.Workplace) -> str:
    key = f"pictures/{uuid4().hex}"
    try:
        for size in SIZES:
            with (place.folder / f"{size}.jpg").open("rb") as file:
                default_storage.save(file_name(key, size), File(file))
    except BaseException:
        discard(key)
        raise
    return key


def store_all(uploads: Iterable[IO[bytes]]) -> list[StoredPicture]:
    """Store several, or none: whatever goes wrong, what was stored before it is discarded."""
    stored: list[StoredPicture] = []
    deadline = time.monotonic() + SECONDS_FOR_ALL
    try:
        for upload in uploads:
            left = max(2, deadline - time.monotonic())
            stored.append(store(upload, seconds=min(sandbox.SECONDS, left)))
    except BaseException:
        discard_all(stored)
        raise
    return stored


@contextmanager
def storing(uploads: Iterable[IO[bytes]]) -> Iterator[list[StoredPicture]]:
    """Store pictures for rows that the block makes; if it raises, their files are deleted.

    The transaction goes inside, so that one that is rolled back takes the files with it::

        with pictures.storing(uploads) as stored, transaction.atomic():
    """
    stored = store_all(uploads)
    try:
        yield stored
    except BaseException:
        discard_all(stored)
        raise


def discard_all(stored: Iterable[StoredPicture]) -> None:
    for picture in stored:
        discard(picture.key)


def discard(key: str) -> None:
    """Delete the files of a picture that never became part of anything."""
    for size in SIZES:
        default_storage.delete(file_name(key, size))


def file_name(key: str, size: str) -> str:
    """Where one size of a picture lies in the private storage."""
    return f"{key}-{size}.jpg"
