"""Signs of public places: a QR code that opens a repair report, and the same code in letters."""

import io
from collections.abc import Sequence
from contextlib import suppress

import segno
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font, fitted
from community.core.typed_text import clean
from community.estates.models import PublicPlace

SIZES: dict[str, tuple[float, float]] = {"a4": A4, "a5": A5}
MAX_SIGNS = 300
INK, QUIET, BRAND, PAPER = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#0b6b40"), HexColor("#ffffff")
# Error correction level q: a quarter of a worn code may be lost.
QR_ERROR = "q"
QUIET_MODULES = 4


def sign_url(place: PublicPlace) -> str:
    """The address on a sign; the home page where no service takes reports of places."""
    with suppress(NoReverseMatch):
        return settings.PUBLIC_URL.rstrip("/") + reverse("sign", args=[place.code])
    return settings.PUBLIC_URL


def spaced(code: str) -> str:
    """Inserts a blank for reading out and typing: ``ABC4DEF`` → ``ABC 4DEF``."""
    return f"{code[:3]} {code[3:]}"


def sign_sheets(places: Sequence[PublicPlace], *, size: str = "a4") -> bytes:
    """Returns a PDF with a sign on each page, in Chinese with English below, and the font embedded."""
    words = _both_languages()
    text = "".join(words) + "".join(
        f"{place.estate.name}{place.name}{place.code}{place.estate.desk_phone}" for place in places
    )
    packed = io.BytesIO()
    with chinese_font(f"{text}{settings.PUBLIC_URL}…") as font:
        canvas = Canvas(packed, pagesize=SIZES[size])
        canvas.setTitle(words[0])
        for place in places:
            _Sign(canvas, font, SIZES[size], words).draw(place)
            canvas.showPage()
        canvas.save()
    return packed.getvalue()


def _both_languages() -> list[str]:
    """Returns heading, instructions, code label and desk label in Chinese, then in English."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said += [
                _("Scan to report a repair"),
                _("Something broken here? Scan it with WeChat or your camera."),
                _("Code of this place"),
                _("Desk"),
            ]
    return said


class Sheet:
    """A page; lengths are in hundredths of its width, so that A4 and A5 look alike."""

    def __init__(self, canvas: Canvas, font: str, size: tuple[float, float], words: list[str]) -> None:
        self.canvas, self.font, self.words = canvas, font, words
        self.width, self.height = size
        self.unit = self.width / 100

    def band(self, estate: str, heading: str, heading_en: str) -> None:
        tall = 30 * self.unit
        self.canvas.setFillColor(BRAND)
        self.canvas.rect(0, self.height - tall, self.width, tall, stroke=0, fill=1)
        self.line(estate, top=8.5, size=4, colour=PAPER)
        self.line(heading, top=19, size=8.5, colour=PAPER)
        self.line(heading_en, top=25, size=3, colour=PAPER)

    def line(self, text: str, *, top: float, size: float, colour: HexColor) -> None:
        """Draws centred text, shrunk to fit and broken to two lines before it becomes illegible."""
        text, points = clean(text), size * self.unit
        fit = fitted(text, self.font, points, self.width - 14 * mm, least=points * 0.5, most_lines=2)
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(colour)
        y = self.height - top * self.unit + (len(fit.lines) - 1) * fit.size * 0.6
        for line in fit.lines:
            self.canvas.drawCentredString(self.width / 2, y, line)
            y -= fit.size * 1.15

    def qr(self, address: str, *, top: float, side: float) -> None:
        """Draws the code as squares, sharp at any size, with the quiet margin that readers need."""
        rows = list(segno.make(address, error=QR_ERROR, micro=False).matrix)
        module = side * self.unit / (len(rows) + 2 * QUIET_MODULES)
        left = (self.width - side * self.unit) / 2 + QUIET_MODULES * module
        upper = self.height - top * self.unit - QUIET_MODULES * module
        self.canvas.setFillColor(INK)
        shape = self.canvas.beginPath()
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    shape.rect(left + x * module, upper - (y + 1) * module, module, module)
        self.canvas.drawPath(shape, stroke=0, fill=1)


class _Sign(Sheet):
    def draw(self, place: PublicPlace) -> None:
        heading, how, code_label, desk, heading_en, how_en, _code_en, desk_en = self.words
        self.band(place.estate.name, heading, heading_en)
        self.line(place.name, top=42, size=8, colour=INK)
        self.qr(sign_url(place), top=48, side=56)
        self.line(how, top=110.5, size=3, colour=INK)
        self.line(how_en, top=114.5, size=2.1, colour=QUIET)
        self.line(code_label, top=120.5, size=2.4, colour=QUIET)
        self.line(spaced(place.code), top=129, size=8.5, colour=BRAND)
        self.line(f"{desk} {desk_en}  {place.estate.desk_phone}", top=136.5, size=4, colour=INK)
