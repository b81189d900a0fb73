"""Uploaded pictures: checked, turned upright, stripped of metadata and stored in three sizes."""

import io
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core import clock, sandbox
from community.core.errors import ActionError
from community.core.virus_scan import RefusedUpload

MAX_MEGABYTES = 40
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
DECODING = "community.core.picture_decoding"
# Longest side in pixels.
SIZES = {"small": 320, "medium": 1080, "large": 2048}
# Least pixels of the shorter side, to keep long screenshots readable.
SHORTER_SIDES = {"small": 160, "medium": 540, "large": 1080}
# Seconds for all pictures of a request; nginx waits 30 s.
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
    """Raised for a file that is not an accepted picture; the message says why."""

    status = 400

    def __init__(self, message: str | Promise) -> None:
        super().__init__("picture_refused", message, field="pictures")


class PicturesBusy(PictureRefused):
    """Raised when too many pictures are being decoded; the same picture works later."""

    status = 503

    def __init__(self) -> None:
        super().__init__(REFUSALS["busy"])
        self.code = "busy"


@dataclass(frozen=True)
class StoredPicture:
    """A stored picture: the key of its three files, and the pixels of the largest."""

    key: str
    width: int
    height: int


class Prepared(ABC):
    """A picture stored before its form was sent: ``storing()`` takes it as it takes an upload."""

    key: str

    @property
    def name(self) -> str:
        """The name of the file, as an upload has one; unknown by now."""
        return ""

    @abstractmethod
    def take(self) -> StoredPicture:
        """Returns the picture to one caller. Raises ``ActionError`` if it is gone."""

    @abstractmethod
    def give_back(self, now: datetime) -> None:
        """Keeps the picture for the next try after the caller has failed."""


Upload = IO[bytes] | Prepared


def store(upload: IO[bytes], *, seconds: float = sandbox.SECONDS) -> StoredPicture:
    """Stores an upload in three sizes without metadata. Raises ``PictureRefused``.

    Decodes in a separate process. Do not call it inside a transaction, which would wait for it.
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
    if isinstance(upload, RefusedUpload):
        raise PictureRefused(upload.words)
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


def store_all(uploads: Iterable[Upload]) -> list[StoredPicture]:
    """Stores several pictures or, after an error, none. Raises ``PictureRefused``."""
    uploads, stored = list(uploads), []
    deadline = time.monotonic() + SECONDS_FOR_ALL
    try:
        for upload in uploads:
            if isinstance(upload, Prepared):
                stored.append(upload.take())
                continue
            left = max(2, deadline - time.monotonic())
            stored.append(store(upload, seconds=min(sandbox.SECONDS, left)))
    except BaseException:
        _undo(uploads, stored)
        raise
    return stored


def _undo(uploads: list[Upload], stored: list[StoredPicture]) -> None:
    """Deletes what was stored of these uploads; those that were prepared stay for the next try."""
    for upload, picture in zip(uploads, stored, strict=False):
        if isinstance(upload, Prepared):
            upload.give_back(clock.now())
        else:
            discard(picture.key)


@contextmanager
def storing(uploads: Iterable[Upload]) -> Iterator[list[StoredPicture]]:
    """Stores pictures for rows made in the block; deletes their files if the block raises.

    Put the transaction inside, so that a rollback deletes the files::

        with pictures.storing(uploads) as stored, transaction.atomic():
    """
    uploads = list(uploads)
    stored = store_all(uploads)
    try:
        yield stored
    except BaseException:
        _undo(uploads, stored)
        raise


def discard_all(stored: Iterable[StoredPicture]) -> None:
    for picture in stored:
        discard(picture.key)


def discard(key: str) -> None:
    """Deletes the files of a picture that no row uses."""
    for size in SIZES:
        default_storage.delete(file_name(key, size))


def file_name(key: str, size: str) -> str:
    """Returns the name of one size of a picture in the private storage."""
    return f"{key}-{size}.jpg"
