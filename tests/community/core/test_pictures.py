import io
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from PIL import Image
from pillow_heif import register_heif_opener

from community.core import pictures
from community.core.pictures import PictureRefused, StoredPicture

pytestmark = pytest.mark.once

register_heif_opener()  # to write what a phone sends

TURN_RIGHT = 6
ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
SECRET = "Phone of Mrs Wang"


def two_coloured(width: int = 800, height: int = 400) -> Image.Image:
    """Red on the left, blue on the right: one can see which way it stands."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = TURN_RIGHT
    exif[MAKE] = SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 35.0, 12.0), 3: "E", 4: (114.0, 18.0, 1.0)})
    return exif


def encoded(kind: str, image: Image.Image | None = None, **options: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    (image or two_coloured()).save(buffer, kind, **options)
    return buffer


def stored(picture: StoredPicture, size: str) -> bytes:
    with default_storage.open(pictures.file_name(picture.key, size)) as file:
        return bytes(file.read())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_store__turned_by_the_phone__stands_right_without_any_metadata(kind: str) -> None:
    upload = encoded(kind, exif=with_exif().tobytes())
    assert SECRET.encode() in upload.getvalue()
    picture = pictures.store(upload)

    for size, side in pictures.SIZES.items():
        content = stored(picture, size)
        image = Image.open(io.BytesIO(content))
        assert image.format == "JPEG"
        assert max(image.size) == min(side, 800)
        assert image.width < image.height, "it was taken upright"
        top, bottom = (
            image.getpixel((image.width // 2, 10)),
            image.getpixel((image.width // 2, image.height - 10)),
        )
        assert top[0] > 200 > top[2] + 100, "red was on the left, and is on top after a turn to the right"
        assert bottom[2] > 200 > bottom[0] + 100
        assert not image.getexif()
        assert SECRET.encode() not in content
        assert b"Exif" not in content
        assert "exif" not in image.info
    assert (picture.width, picture.height) == (400, 800)


def test_store__comments_and_xmp__are_gone_too() -> None:
    upload = encoded("JPEG", comment=SECRET.encode(), xmp=f"<x>{SECRET}</x>".encode())
    assert SECRET.encode() in upload.getvalue()
    assert SECRET.encode() not in stored(pictures.store(upload), "large")


def test_store__something_hidden_behind_the_picture__is_gone() -> None:
    upload = io.BytesIO(encoded("JPEG").getvalue() + b"<script>alert(1)</script>PK\x03\x04")
    assert b"<script>" not in stored(pictures.store(upload), "large")


def _png_of_zeros(width: int, height: int) -> io.BytesIO:
    """Some kilobytes that become hundreds of megabytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    packer = zlib.compressobj(9)
    rows = [packer.compress(bytes(1 + width // 8)) for _row in range(height)]
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = b"".join([*rows, packer.flush()])
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def _jpeg_that_claims(width: int, height: int) -> io.BytesIO:
    content = bytearray(encoded("JPEG").getvalue())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return io.BytesIO(bytes(content))


@pytest.mark.parametrize("make", [_png_of_zeros, _jpeg_that_claims])
def test_store__a_bomb_of_20000_by_20000__is_refused_at_once(make: Callable[[int, int], io.BytesIO]) -> None:
    bomb = make(20_000, 20_000)
    assert len(bomb.getvalue()) < 1_000_000
    began = time.monotonic()
    with pytest.raises(PictureRefused, match="picture_refused") as refused:
        pictures.store(bomb)
    assert time.monotonic() - began < 3
    with translation.override("en"):
        assert "too many pixels" in str(refused.value.message)


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\nrm -rf /\n",
        b"<?php system($_GET['c']); ?>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"MZ\x90\x00" + bytes(500),
        b"%PDF-1.7\n",
        b"",
        b"\xff\xd8\xff\xe0<script>alert(1)</script>",
        encoded("TIFF").getvalue(),
        encoded("JPEG").getvalue()[:700],
    ],
    ids=["sh", "php", "svg", "exe", "pdf", "empty", "jpeg head only", "tiff", "cut off"],
)
def test_store__not_a_picture_that_we_take__is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(PictureRefused) as refused:
        pictures.store(io.BytesIO(content))
    assert refused.value.status == 400
    assert refused.value.field == "pictures"
    assert str(refused.value.message)


def test_store__forty_megabytes__is_the_most() -> None:
    content = encoded("JPEG").getvalue()
    pictures.store(io.BytesIO(content + bytes(pictures.MAX_BYTES - len(content))))
    with pytest.raises(PictureRefused, match="picture_refused") as refused:
        pictures.store(io.BytesIO(content + bytes(pictures.MAX_BYTES - len(content) + 1)))
    assert "40" in str(refused.value.message)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA"])
def test_store__unusual_colours__are_taken(mode: str) -> None:
    image = two_coloured().convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert Image.open(io.BytesIO(stored(pictures.store(encoded(kind, image)), "small"))).mode == "RGB"


def test_store__a_small_picture__is_not_blown_up() -> None:
    picture = pictures.store(encoded("PNG", two_coloured(40, 20)))
    assert (picture.width, picture.height) == (40, 20)


def test_store_all__one_is_refused__none_is_kept() -> None:
    def count() -> int:
        return len(default_storage.listdir("pictures")[1]) if default_storage.exists("pictures") else 0

    before = count()
    with pytest.raises(PictureRefused):
        pictures.store_all([encoded("JPEG"), encoded("PNG"), io.BytesIO(b"nothing")])
    assert count() == before
