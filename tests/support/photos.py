"""Cheap pictures as phones and attackers send them; even huge ones are never drawn whole."""

import io
import struct
from array import array
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from PIL import Image

CASES = Path(__file__).parents[1] / "cases" / "photos"
RESTART = 0xD0
START_OF_SCAN, END = 0xDA, 0xD9


def stored_pictures() -> list[str]:
    """Returns the files of all stored pictures."""
    return sorted(default_storage.listdir("pictures")[1]) if default_storage.exists("pictures") else []


def case(name: str) -> io.BytesIO:
    """Returns a file that a real phone has sent."""
    return io.BytesIO((CASES / name).read_bytes())


def halves(width: int = 800, height: int = 400, mode: str = "RGB") -> Image.Image:
    """Returns a picture that is red on the left and blue on the right, so that its orientation shows."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image.convert(mode)


def packed(image: Image.Image, kind: str, **options: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


@cache
def _tall_jpeg(width: int, height: int, mode: str, is_progressive: bool) -> bytes:
    """Returns a JPEG of one row of blocks, encoded once and repeated in every scan between restart markers."""
    strip = packed(
        halves(width, 8, mode),
        "JPEG",
        subsampling=0,
        restart_marker_rows=1,
        progressive=is_progressive,
    ).getvalue()
    out, at = bytearray(strip[:2]), 2
    while strip[at + 1] != END:
        marker, length = strip[at + 1], struct.unpack_from(">H", strip, at + 2)[0]
        segment = bytearray(strip[at : at + 2 + length])
        if marker in (0xC0, 0xC1, 0xC2):
            segment[5:7] = struct.pack(">H", height)
        out += segment
        at += 2 + length
        if marker == START_OF_SCAN:
            end = at
            while strip[end] != 0xFF or strip[end + 1] == 0:
                end += 1
            scan, at = strip[at:end], end
            rows = height // 8
            out += b"".join(scan + bytes([0xFF, RESTART + row % 8]) for row in range(rows - 1)) + scan
    return bytes(out + strip[at:])


def tall_jpeg(width: int, height: int, *, mode: str = "RGB", progressive: bool = False) -> io.BytesIO:
    """Returns a JPEG of any size; the height is a multiple of 8."""
    return io.BytesIO(_tall_jpeg(width, height, mode, progressive))


def long_screenshot(height: int = 19_000) -> io.BytesIO:
    """Returns a screenshot of a chat: grey lines on white, 1080 wide."""
    image = Image.new("L", (1080, height), "white")
    for y in range(0, height, 500):
        image.paste(90, (60, y, 900, y + 40))
    return packed(image, "PNG", compress_level=1)


def sixteen_bits() -> io.BytesIO:
    """Returns a gradient from black on the left to white on the right, in 65,536 steps."""
    row = array("H", [x * 65535 // 255 for x in range(256)])
    return packed(Image.frombytes("I;16", (256, 64), row.tobytes() * 64), "PNG")
