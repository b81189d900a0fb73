"""What phones send, and what people with bad intentions do: a good picture, or words that say why not."""

import io
import os
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import translation
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from community.core import picture_decoding, pictures, sandbox
from community.core.pictures import PictureRefused, PicturesBusy, StoredPicture
from tests.support import photos
from tests.support.photos import halves, packed, stored_pictures

register_heif_opener()
pytestmark = pytest.mark.once
MAX_GROWTH = 50 * 1024


def stored(picture: StoredPicture, size: str = "large") -> Image.Image:
    with default_storage.open(pictures.file_name(picture.key, size)) as file:
        return Image.open(io.BytesIO(file.read()))


@pytest.fixture
def decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[io.BytesIO | bytes], dict[str, Any]]:
    """What the process for decoding answers, without the time that it takes to start one."""
    monkeypatch.chdir(tmp_path)
    sizes = {size: [side, pictures.SHORTER_SIDES[size]] for size, side in pictures.SIZES.items()}

    def answer(upload: io.BytesIO | bytes) -> dict[str, Any]:
        upload = upload if isinstance(upload, bytes) else upload.getvalue()
        (tmp_path / "upload").write_bytes(upload)
        return picture_decoding.run(path=str(tmp_path / "upload"), sizes=sizes)

    return answer


@pytest.fixture
def kept(decode: Any, tmp_path: Path) -> Callable[[io.BytesIO], Image.Image]:
    """The large picture that is kept of an upload."""

    def large(upload: io.BytesIO) -> Image.Image:
        assert "refused" not in decode(upload)
        with Image.open(tmp_path / "large.jpg") as image:
            image.load()
            return image

    return large


def is_red(pixel: Any) -> bool:
    red, green, blue = pixel
    return bool(red > 180 and green < 80 and blue < 80)


def peak_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


# -- What phones send


def test_store__two_pictures_in_one_jpeg__is_the_first_one() -> None:
    picture = pictures.store(photos.case("phone-two-pictures-in-one-jpeg.jpg"))
    assert (picture.width, picture.height) == (1200, 900)
    assert [stored(picture, size).size for size in ("large", "medium")] == [(1200, 900), (1080, 810)]


def test_store__a_transparent_screenshot__stands_on_white(kept: Any) -> None:
    upload = photos.case("transparent-screenshot.png")
    alpha = Image.open(upload).getchannel("A")
    clear = next(
        (x, y)
        for x in range(20, 800, 40)
        for y in range(20, 600, 40)
        if alpha.crop((x - 9, y - 9, x + 9, y + 9)).getextrema() == (0, 0)
    )
    image = kept(upload)
    assert min(image.getpixel(clear)) > 245
    assert max(low for low, _high in image.getextrema()) < 130, "what is written is still dark"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_store__transparent_in_any_way__stands_on_white(mode: str, kept: Any) -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (30, 0, 60, 40))
    if mode == "P":
        upload = packed(image.quantize(4), "PNG")
    else:
        upload = packed(image.convert(mode), "PNG")
    result = kept(upload)
    assert min(result.getpixel((5, 20))) > 245
    assert max(result.getpixel((55, 20))) < 10


def test_store__one_colour_is_transparent__stands_on_white(kept: Any) -> None:
    upload = packed(halves(60, 40), "PNG", transparency=(0, 0, 255))
    result = kept(upload)
    assert is_red(result.getpixel((5, 20)))
    assert min(result.getpixel((55, 20))) > 245


def test_store__a_long_screenshot__stays_readable() -> None:
    picture = pictures.store(photos.long_screenshot(9_000))
    assert (picture.width, picture.height) == (1080, 9_000)
    assert stored(picture, "medium").size == (540, 4_500)
    assert stored(picture, "small").size == (160, 1_333)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1080, 19_000), (1080, 19_000)),
        ((1440, 19_000), (1080, 14_250)),
        ((19_000, 1080), (19_000, 1080)),
        ((1080, 40_000), (810, 30_000)),
        ((4000, 3000), (2048, 1536)),
        ((3000, 4000), (1536, 2048)),
        ((1080, 1920), (1080, 1920)),
        ((1, 60_000), (1, 30_000)),
        ((100, 50), (100, 50)),
    ],
)
def test_target__any_shape__keeps_the_shorter_side(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert picture_decoding.target(*size, 2048, 1080) == expected


def test_store__sixteen_bits__is_scaled_and_not_clipped(kept: Any) -> None:
    image = kept(photos.sixteen_bits())
    greys = [image.getpixel((x, 32))[0] for x in range(8, 256, 16)]
    assert all(abs(grey - x) < 6 for x, grey in zip(range(8, 256, 16), greys, strict=True))


def test_store__the_colours_of_print__are_colours_of_a_screen(kept: Any) -> None:
    image = kept(packed(halves(64, 64, "CMYK"), "JPEG"))
    assert image.mode == "RGB"
    assert is_red(image.getpixel((5, 32)))


def test_store__colours_of_an_iphone__become_those_of_every_screen(kept: Any) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert is_red(kept(packed(halves(), "JPEG", icc_profile=profile)).getpixel((5, 5)))
    broken = kept(packed(halves(), "JPEG", icc_profile=b"no profile" * 20))
    assert is_red(broken.getpixel((5, 5)))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_store__moving__is_its_first_picture(kind: str, kept: Any) -> None:
    frames = [Image.new("RGB", (90, 60), "blue"), Image.new("RGB", (90, 60), "green")]
    upload = packed(
        Image.new("RGB", (90, 60), "red"), kind, save_all=True, append_images=frames, duration=100, loop=0
    )
    assert Image.open(upload).n_frames == 3
    assert is_red(kept(upload).getpixel((45, 30)))


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8, 99])
def test_store__turned_in_any_of_eight_ways__stands_as_it_was_taken(orientation: int, kept: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (80, 40), "white")
    image.paste("red", (0, 0, 40, 20))
    result = kept(packed(image, "JPEG", exif=exif.tobytes()))
    corner = {2: (1, 0), 3: (1, 1), 4: (0, 1), 6: (1, 0), 7: (1, 1), 8: (0, 1)}.get(orientation, (0, 0))
    assert result.size == ((40, 80) if orientation in (5, 6, 7, 8) else (80, 40))
    assert is_red(result.getpixel((corner[0] * (result.width - 1), corner[1] * (result.height - 1))))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"])
def test_store__nonsense_for_an_orientation__is_taken_as_it_lies(exif: bytes, kept: Any) -> None:
    assert kept(packed(halves(), "JPEG", exif=exif)).size == (800, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_store__with_a_wrong_name__is_what_it_is(kind: str, kept: Any) -> None:
    upload = packed(halves(), kind)
    upload.name = "picture.gif"
    assert is_red(kept(upload).getpixel((5, 5)))


# -- Large ones: none of it is in the page process


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's peak from /proc")
@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((9_200, 9_200), {"progressive": True}),
        ((9_200, 9_200), {"mode": "CMYK"}),
        ((12_000, 9_000), {}),
    ],
    ids=["progressive", "cmyk", "108 megapixels"],
)
def test_store__a_huge_jpeg__is_taken_and_the_page_process_does_not_grow(
    size: tuple[int, int], options: dict[str, Any]
) -> None:
    upload = photos.tall_jpeg(*size, **options)
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = peak_kilobytes()
    picture = pictures.store(upload)
    assert peak_kilobytes() - before < MAX_GROWTH
    assert max(picture.width, picture.height) == 2048
    assert is_red(stored(picture).getpixel((10, 10)))


@pytest.mark.parametrize(
    "upload",
    [photos.tall_jpeg(24, 65_000), photos.tall_jpeg(65_000, 24), packed(halves(4, 60_000), "PNG")],
    ids=["high", "wide", "png"],
)
def test_store__a_thread_of_a_picture__is_taken(upload: io.BytesIO, kept: Any) -> None:
    assert 29_000 < max(kept(upload).size) <= 30_000


# -- Files that are none


def _chunk(name: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def _png(width: int, height: int, depth: int = 8, colour: int = 6, *chunks: bytes) -> io.BytesIO:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + b"".join(chunks) + _chunk(b"IEND", b""))


JPEG, PNG, WEBP = (packed(halves(), kind).getvalue() for kind in ("JPEG", "PNG", "WEBP"))
GIF, HEIC = (packed(halves(), kind).getvalue() for kind in ("GIF", "HEIF"))
REFUSED = {
    "empty": (b"", "unreadable"),
    "html": (b"<!doctype html><script>alert(1)</script>", "unreadable"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unreadable"),
    "polyglot head": (b"\xff\xd8\xff" + b"<script>alert(1)</script>" * 9, ""),
    "jpeg cut": (JPEG[: len(JPEG) * 2 // 3], "cut_off"),
    "png cut": (PNG[: len(PNG) * 2 // 3], ""),
    "webp cut": (WEBP[: len(WEBP) * 2 // 3], ""),
    "gif cut": (GIF[:40], ""),
    "heic cut": (HEIC[: len(HEIC) * 2 // 3], ""),
    "heic without anything": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64), "unreadable"),
    "png without anything": (_png(10, 10).getvalue(), ""),
    "png of nothing": (_png(0, 10).getvalue(), ""),
    "png of 2 billion": (_png(2**31 - 1, 2**31 - 1).getvalue(), "too_many_pixels"),
    "png bomb of colours": (_png(30_000, 30_000).getvalue(), "too_many_pixels"),
    "png bomb of words": (
        _png(9, 9, 8, 2, _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000)))).getvalue(),
        "",
    ),
    "gif bomb": (b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + GIF[13:], ""),
    "tiff": (packed(halves(), "TIFF").getvalue(), "unreadable"),
    "bmp": (packed(halves(), "BMP").getvalue(), "unreadable"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0" + bytes(99), "unreadable"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run\n", "unreadable"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_store__no_picture__is_refused_with_a_reason(decode: Any, content: bytes, reason: str) -> None:
    answer = decode(content)
    assert set(answer) == {"refused"}
    assert answer["refused"] in pictures.REFUSALS
    assert not reason or answer["refused"] == reason


@pytest.mark.parametrize(
    ("name", "words"),
    [("html", "打不开"), ("jpeg cut", "不完整"), ("png bomb of colours", "照片太大"), ("empty", "空的")],
)
def test_store__no_picture__is_refused_in_words_and_leaves_nothing(name: str, words: str) -> None:
    before = stored_pictures()
    with pytest.raises(PictureRefused) as refused:
        pictures.store(io.BytesIO(REFUSED[name][0]))
    with translation.override("zh-hans"):
        assert words in str(refused.value.message)
    assert (refused.value.status, refused.value.field) == (400, "pictures")
    assert stored_pictures() == before
    left = [path for path in (Path(settings.DATA_DIR) / "limited").rglob("*") if path.suffix != ".lock"]
    assert not left


@pytest.mark.parametrize(
    ("error", "words", "status"),
    [
        (sandbox.TooMuch(), "照片太大", 400),
        (sandbox.TooSlow(), "太慢", 400),
        (sandbox.Broken("crash"), "打不开", 400),
        (sandbox.Busy(), "过一会儿", 503),
    ],
)
def test_store__the_decoder_gives_up__is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, error: sandbox.Limited, words: str, status: int
) -> None:
    def give_up(*_arguments: Any, **_named: Any) -> None:
        raise error

    monkeypatch.setattr(sandbox.Workplace, "run", give_up)
    with pytest.raises(PictureRefused) as refused:
        pictures.store(packed(halves(), "JPEG"))
    with translation.override("zh-hans"):
        assert words in str(refused.value.message)
    assert refused.value.status == status


def test_store__more_at_once_than_may_be__wait_and_are_all_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    most, working = [0], set()
    run = sandbox.Workplace.run

    def counted(place: sandbox.Workplace, *arguments: Any, **named: Any) -> dict[str, Any]:
        working.add(place.folder)
        most[0] = max(most[0], len(working))
        try:
            return run(place, *arguments, **named)
        finally:
            working.discard(place.folder)

    monkeypatch.setattr(sandbox.Workplace, "run", counted)
    done: list[StoredPicture] = []
    threads = [
        threading.Thread(target=lambda: done.append(pictures.store(packed(halves(80, 40), "JPEG"))))
        for _number in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 5
    assert most[0] == 2


def test_store__nobody_finishes__is_busy_and_nothing_is_kept(kept: Any) -> None:
    before = stored_pictures()
    with sandbox.workplace(), sandbox.workplace(), pytest.raises(PicturesBusy):
        pictures.store(packed(halves(), "JPEG"), seconds=0.1)
    assert stored_pictures() == before


# -- Nothing is left behind


def test_store__the_disk_is_full__leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before, save = stored_pictures(), default_storage.save

    def full(name: str, content: Any) -> str:
        if "medium" in name:
            raise OSError(28, os.strerror(28))
        return str(save(name, content))

    monkeypatch.setattr(default_storage, "save", full, raising=False)
    with pytest.raises(OSError, match="space"):
        pictures.store(packed(halves(), "JPEG"))
    assert stored_pictures() == before


def test_storing__the_rows_are_never_made__leaves_no_file() -> None:
    before = stored_pictures()

    def fail() -> None:
        with pictures.storing([packed(halves(), "JPEG"), packed(halves(), "PNG")]) as kept_ones:
            assert len(stored_pictures()) == len(before) + 6
            assert len(kept_ones) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert stored_pictures() == before
