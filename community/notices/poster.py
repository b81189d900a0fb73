"""Poster of a notice: A4, the largest type that fits, and a QR code that opens the notice.

Posters are in Chinese and readable from a step away, in whatever language the staff member works.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from community.core import clock, dates
from community.core.fonts import chinese_font
from community.notices import body
from community.notices.models import Notice

WIDTH, HEIGHT = A4
MARGIN = 15 * mm
INK, QUIET, PAPER = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#ffffff")
CALM, URGENT = HexColor("#0b6b40"), HexColor("#8c0f15")
BAND = 40 * mm
FOOT = 58 * mm
QR_SIDE = 46 * mm
QUIET_MODULES = 4
TITLE_SIZES = (52, 46, 40, 34)
# Sizes in points, from readable in passing to readable up close.
TEXT_SIZES = (44, 40, 36, 33, 30, 27, 24, 22, 20, 18, 16)
LEADING = 1.45
ALWAYS = "0123456789.:-/•…（）() "
# Characters that must not begin a line, and pieces that are never split.
HANGS = "，。、；：！？）》」』”’％%)!?,.;:"
PIECES = re.compile(r"[A-Za-z0-9@#%&+=./:_¥-]+|.", re.DOTALL)


@dataclass(frozen=True)
class Line:
    text: str
    size: float
    indent: float
    before: float


def public_url(notice: Notice) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("notice_by_code", args=[notice.code])


def poster_pdf(notice: Notice) -> bytes:
    packed = io.BytesIO()
    with translation.override("zh-hans"):
        words = _words(notice)
        text = "".join(words.values()) + body.plain(notice.body) + ALWAYS
        with chinese_font(text) as font:
            canvas = Canvas(packed, pagesize=A4)
            canvas.setTitle(words["title"])
            _Poster(canvas, font, words).draw(notice)
            canvas.showPage()
            canvas.save()
    return packed.getvalue()


def _words(notice: Notice) -> dict[str, str]:
    """Returns all texts of the poster apart from the body."""
    out = notice.published_at or notice.publish_at
    until, corrected = notice.ends_at, notice.corrected_at
    return {
        "estate": notice.estate.name,
        "kind": str(notice.get_kind_display()),
        "title": body.in_words_only(notice.title),
        "scan": _("Scan to read it on your phone") if notice.is_public else _("Scan and sign in to read it"),
        "desk": f"{_('Service desk')} {notice.estate.desk_phone}",
        "day": dates.month_day(clock.today(out), clock.today(clock.now())) if out else "",
        "until": _("Until %(when)s") % {"when": _minute(until)} if until else "",
        "corrected": _("Corrected %(when)s") % {"when": _minute(corrected)} if corrected else "",
        "more": _("The whole text: scan the code."),
    }


def _minute(moment: datetime) -> str:
    return dates.moment_words(moment, clock.now())


class _Poster:
    def __init__(self, canvas: Canvas, font: str, words: dict[str, str]) -> None:
        self.canvas, self.font, self.words = canvas, font, words

    def draw(self, notice: Notice) -> None:
        self._band(URGENT if notice.is_urgent else CALM)
        top = self._title(HEIGHT - BAND - 10 * mm)
        self._text(list(body.blocks_of(notice.body)), top - 6 * mm, FOOT + 8 * mm)
        self._foot(public_url(notice))

    def _band(self, colour: HexColor) -> None:
        self.canvas.setFillColor(colour)
        self.canvas.rect(0, HEIGHT - BAND, WIDTH, BAND, stroke=0, fill=1)
        self._centred(self.words["estate"], HEIGHT - 13 * mm, 20, PAPER)
        self._centred(self.words["kind"], HEIGHT - 33 * mm, 48, PAPER)

    def _centred(self, text: str, y: float, size: float, colour: HexColor) -> None:
        size *= min(1, (WIDTH - 2 * MARGIN) / max(stringWidth(text, self.font, size), 1))
        self.canvas.setFont(self.font, size)
        self.canvas.setFillColor(colour)
        self.canvas.drawCentredString(WIDTH / 2, y, text)

    def _title(self, top: float) -> float:
        """Draws the title on at most two lines, as large as fits; returns the y coordinate below it."""
        room = WIDTH - 2 * MARGIN
        for size in TITLE_SIZES:
            lines = list(wrapped(self.words["title"], self.font, size, room))
            if len(lines) <= 2:
                break
        if len(lines) == 2:  # split into lines of similar length
            half = max(stringWidth(self.words["title"], self.font, size) / 2 + size, size * 2)
            lines = list(wrapped(self.words["title"], self.font, size, min(half, room)))
        for line in lines:
            top -= size * 1.3
            self._centred(line, top, size, INK)
        return top

    def _text(self, blocks: list[body.Block], top: float, bottom: float) -> None:
        room = top - bottom
        for size in TEXT_SIZES:
            lines = list(self._lines(blocks, size))
            if sum(line.size * LEADING + line.before for line in lines) <= room:
                break
        for number, line in enumerate(lines):
            top -= line.before
            is_last = top - 2 * line.size * LEADING < bottom and number + 1 < len(lines)
            top -= line.size * LEADING
            self.canvas.setFont(self.font, line.size)
            self.canvas.setFillColor(INK)
            if is_last:
                self.canvas.drawString(MARGIN, top, self.words["more"])
                return
            self.canvas.drawString(MARGIN + line.indent, top, line.text)

    def _lines(self, blocks: list[body.Block], size: float) -> Iterator[Line]:
        number = 0
        for block in blocks:
            number = number + 1 if block.kind == "ol" else 0
            mark = {"ul": "• ", "ol": f"{number}. "}.get(block.kind, "")
            indent = stringWidth(mark, self.font, size)
            tall = size * 1.15 if block.kind == "h3" else size
            before = size * 0.5
            for part in block.text.split("\n"):
                text = body.in_words_only(part)
                for line in wrapped(text, self.font, tall, WIDTH - 2 * MARGIN - indent):
                    if mark:
                        yield Line(mark + line, tall, 0, before)
                    else:
                        yield Line(line, tall, indent, before)
                    mark, before = "", 0.0

    def _foot(self, address: str) -> None:
        self.canvas.setStrokeColor(QUIET)
        self.canvas.line(MARGIN, FOOT, WIDTH - MARGIN, FOOT)
        self._qr(address, WIDTH - MARGIN - QR_SIDE, FOOT - 4 * mm - QR_SIDE)
        y = FOOT - 15 * mm
        for name, size, colour in (
            ("scan", 22, INK),
            ("desk", 22, INK),
            ("day", 16, QUIET),
            ("until", 16, QUIET),
            ("corrected", 16, QUIET),
        ):
            if text := self.words[name]:
                room = WIDTH - 2 * MARGIN - QR_SIDE - 6 * mm
                size *= min(1, room / max(stringWidth(text, self.font, size), 1))
                self.canvas.setFont(self.font, size)
                self.canvas.setFillColor(colour)
                self.canvas.drawString(MARGIN, y, text)
                y -= size * 1.6

    def _qr(self, address: str, left: float, bottom: float) -> None:
        """Draws the code as squares, sharp at any size, with the quiet margin that readers need."""
        rows = list(segno.make(address, error="q", micro=False).matrix)
        module = QR_SIDE / (len(rows) + 2 * QUIET_MODULES)
        self.canvas.setFillColor(INK)
        shape = self.canvas.beginPath()
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    across = left + (x + QUIET_MODULES) * module
                    shape.rect(across, bottom + QR_SIDE - (y + 1 + QUIET_MODULES) * module, module, module)
        self.canvas.drawPath(shape, stroke=0, fill=1)


def wrapped(text: str, font: str, size: float, room: float) -> Iterator[str]:
    """Yields lines that fit ``room`` points; Chinese breaks anywhere but before punctuation, words stay
    whole.
    """
    line = ""
    for piece in _unbroken(text, font, size, room):
        is_full = stringWidth(line, font, size) > room
        if line and (is_full or (stringWidth(line + piece, font, size) > room and piece[0] not in HANGS)):
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line.strip():
        yield line.rstrip()


def _unbroken(text: str, font: str, size: float, room: float) -> Iterator[str]:
    for piece in PIECES.findall(text):
        if stringWidth(piece, font, size) <= room:
            yield piece
        else:
            yield from piece  # longer than a line: an address
