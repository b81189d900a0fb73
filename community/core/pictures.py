"""Pictures that people send: checked, turned the right way, stripped, and kept in three sizes."""

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import IO
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from community.core.errors import ActionError

register_heif_opener()

MAX_BYTES = 15 * 1024 * 1024
# A phone sends 12 to 50 megapixels; a bomb claims hundreds. JPEG is decoded small, the others whole.
MAX_PIXELS = {"JPEG": 85_000_000, "HEIF": 52_000_000, "PNG": 26_000_000, "WEBP": 26_000_000}
FORMATS = tuple(MAX_PIXELS)
# Two at once in a process: a burst of large pictures waits instead of filling a small server.
DECODING = BoundedSemaphore(2)
# Longest side in pixels.
SIZES = {"small": 320, "medium": 1080, "large": 2048}
QUALITY = 82


class PictureRefused(ActionError):
    """The file is not a picture that we take; the message says why."""

    status = 400

    def __init__(self, message: str | Promise) -> None:
        super().__init__("picture_refused", message, field="pictures")


@dataclass(frozen=True)
class StoredPicture:
    """A kept picture: the key of its three files, and the pixels of the largest one."""

    key: str
    width: int
    height: int


def store(upload: IO[bytes]) -> StoredPicture:
    """Re-encode an upload in three sizes without any metadata. Raises ``PictureRefused``."""
    with DECODING:
        picture = _open(upload)
    key = f"pictures/{uuid4().hex}"
    width, height = picture.size
    for size, side in sorted(SIZES.items(), key=lambda one: -one[1]):
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        default_storage.save(file_name(key, size), ContentFile(_encode(picture)))
    return StoredPicture(key, width, height)


def store_all(uploads: Iterable[IO[bytes]]) -> list[StoredPicture]:
    """Store several, or none: the first refusal discards what was stored before it."""
    stored: list[StoredPicture] = []
    try:
        for upload in uploads:
            stored.append(store(upload))
    except PictureRefused:
        for picture in stored:
            discard(picture.key)
        raise
    return stored


def discard(key: str) -> None:
    """Delete the files of a picture that never became part of anything."""
    for size in SIZES:
        default_storage.delete(file_name(key, size))


def file_name(key: str, size: str) -> str:
    """Where one size of a picture lies in the private storage."""
    return f"{key}-{size}.jpg"


def _open(upload: IO[bytes]) -> Image.Image:
    upload.seek(0, io.SEEK_END)
    if upload.tell() > MAX_BYTES:
        raise PictureRefused(_("This picture is larger than 15 MB. Please choose a smaller one."))
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(upload, formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS[picture.format or ""]:
                raise Image.DecompressionBombError
            # In place, before anything else copies it: the full size is in memory once.
            picture.thumbnail((SIZES["large"], SIZES["large"]), Image.Resampling.LANCZOS)
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(
            _("This picture has too many pixels. Please take it again with the phone.")
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(
            _("This file is not a picture that we can open. JPEG, PNG, WebP and HEIC work.")
        ) from error


def _encode(picture: Image.Image) -> bytes:
    # A comment or an XMP packet of the original would be written along.
    picture.info.clear()
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()
