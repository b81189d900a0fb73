"""Decodes a picture and writes its sizes; runs in ``sandbox`` without Django."""

import importlib
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

# By the first bytes, not the name. JPEG is opened as such even if previews or depth maps follow in the file;
# the first frame of an animation is taken.
PLUGINS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "HEIF": ("pillow_heif.as_plugin", "HeifImageFile"),
}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
# Phones send up to 200 megapixels as JPEG, which is decoded at reduced size; others are decoded whole.
MAX_PIXELS = {"JPEG": 210_000_000, "HEIF": 52_000_000, "PNG": 50_000_000, "WEBP": 50_000_000}
MAX_PIXELS["GIF"] = MAX_PIXELS["PNG"]
# Above this many pixels a failing decoder lacked memory, though its library only says "broken".
MANY_PIXELS = 40_000_000
# Limit of browsers and of JPEG.
MAX_SIDE = 30_000
ORIENTATION = 0x0112
QUALITY = 82
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Replaced by the limits of this module.
Image.MAX_IMAGE_PIXELS = None


class Refused(Exception):
    """Raised for a refused picture; the text is a key of ``pictures.REFUSALS``."""


def run(*, path: str, sizes: dict[str, list[int]]) -> dict[str, Any]:
    """Writes ``<size>.jpg`` without metadata into the working folder for each of ``sizes``.

    A size is [longest side, least shorter side] in pixels. Returns ``width`` and ``height`` of the largest,
    or ``refused`` with the reason.
    """
    try:
        return _write(_open(Path(path)), sizes)
    except Refused as refusal:
        return {"refused": str(refusal)}


def target(width: int, height: int, longest: int, shorter: int) -> tuple[int, int]:
    """Returns the size to shrink to; long screenshots keep their shorter side to stay readable."""
    long, short = max(width, height), min(width, height)
    scale = min(1, MAX_SIDE / long, max(longest / long, shorter / short))
    return max(1, round(width * scale)), max(1, round(height * scale))


def kind_of(head: bytes) -> str | None:
    """Returns the format of a picture by its first bytes."""
    if head[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return "HEIF"
    return None


def _open(path: Path) -> Image.Image:
    with path.open("rb") as file:
        head = file.read(16)
    kind = kind_of(head)
    if kind is None:
        raise Refused("unreadable")
    module, name = PLUGINS[kind]
    plugin = getattr(importlib.import_module(module), name)
    if kind == "HEIF":
        # Each thread would use part of the limited memory.
        options: Any = importlib.import_module("pillow_heif.options")
        options.DECODE_THREADS = 1
    try:
        picture: Image.Image = plugin(path)
    except Exception as error:
        raise Refused("unreadable") from error
    if picture.width * picture.height > MAX_PIXELS[kind]:
        raise Refused("too_many_pixels")
    return picture


def _write(picture: Image.Image, sizes: dict[str, list[int]]) -> dict[str, Any]:
    pixels = picture.width * picture.height
    ordered = sorted(sizes.items(), key=lambda one: -one[1][0])
    try:
        picture = _upright_rgb(picture, ordered[0][1])
    except OSError as error:
        if "truncated" in str(error):
            raise Refused("cut_off") from error
        raise Refused("too_many_pixels" if pixels > MANY_PIXELS else "unreadable") from error
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("unreadable") from error
    answer = {"width": picture.width, "height": picture.height}
    for name, (longest, shorter) in ordered:
        size = target(picture.width, picture.height, longest, shorter)
        if size != picture.size:
            picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        # Otherwise comments and XMP data would be written too.
        picture.info.clear()
        picture.save(f"{name}.jpg", "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return answer


def _upright_rgb(picture: Image.Image, largest: list[int]) -> Image.Image:
    """Returns the decoded picture, shrunk to the largest size, turned upright, in sRGB."""
    turn = _turn(picture)
    size = target(picture.width, picture.height, *largest)
    if picture.format != "JPEG":
        picture = _opaque(picture)
    # Decodes twice the size for quality, except for very many pixels.
    gap = 2.0 if picture.width * picture.height <= MANY_PIXELS else 1.0
    picture.thumbnail(size, Image.Resampling.LANCZOS, reducing_gap=gap)
    picture = _for_a_screen(picture)
    return picture.transpose(turn) if turn is not None else picture


def _turn(picture: Image.Image) -> Image.Transpose | None:
    # Invalid orientation data is ignored.
    with suppress(Exception):
        return TURNS.get(picture.getexif().get(ORIENTATION, 1))
    return None


def _opaque(picture: Image.Image) -> Image.Image:
    """Returns the picture with transparency on white, 8 bits a channel."""
    picture.load()
    if picture.mode.startswith(("I", "F")):
        # Scaled, because values above 255 would become white.
        return picture.point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        seen_through = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(seen_through, mask=seen_through)
        flat.info.update(picture.info)
        return flat
    return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _for_a_screen(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("L", "RGB", "CMYK"):
        # Unreadable profiles are ignored.
        with suppress(Exception):
            converted = ImageCms.profileToProfile(
                picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted
    return picture.convert("RGB")
