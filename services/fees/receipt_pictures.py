"""Receipts as pictures for phones: inside WeChat a picture can be kept by a long press, a PDF cannot.

Drawn from the same texts as the PDF and with the same font, in Chinese like it.
"""

import io
from dataclasses import astuple

from django.utils import translation
from PIL import Image, ImageDraw, ImageFont

from community.core.fonts import PIECES, font_file
from services.fees.models import Payment
from services.fees.receipts import AMOUNT_CHARACTERS, Receipt, Words, receipt_of

# Pixels; twice to three times the width of a phone's screen.
WIDTH, MARGIN = 1080, 72
ROOM = WIDTH - 2 * MARGIN
LABEL_ROOM, AMOUNT_ROOM = 220, 240
TITLE, LARGE, BODY, SMALL = 64, 52, 40, 34
# Shades of grey, as the picture has no colours.
PAPER, INK, QUIET, RULE = 255, 0x20, 0x5A, 0xB9
SHADES = 16


def receipt_picture(payment: Payment) -> bytes:
    """Returns the receipt of a paid payment as PNG, as high as its lines need."""
    with translation.override("zh-hans"):
        receipt, words = receipt_of(payment), Words()
    font = font_file(AMOUNT_CHARACTERS + str(astuple(receipt)) + "".join(vars(words).values()))
    column = _Column(font)
    _head(column, receipt, words)
    for line in receipt.lines:
        column.amount(line.name, f"¥{line.amount}", BODY)
        if line.computation:
            column.text(line.computation, SMALL, shade=QUIET)
        column.rule()
    _foot(column, receipt, words)
    return column.png()


def _head(column: "_Column", receipt: Receipt, words: Words) -> None:
    column.text(receipt.estate, BODY, centred=True)
    column.text(words.receipt, TITLE, centred=True)
    if receipt.is_refunded:
        column.text(words.refunded, BODY, centred=True)
    if receipt.is_moved:
        column.text(words.moved, BODY, centred=True)
    column.gap(16)
    column.pair(words.number, receipt.number)
    column.pair(words.home, receipt.home)
    column.pair(words.payer, receipt.payer)
    column.pair(words.date, receipt.paid_at)
    column.rule(shade=INK)


def _foot(column: "_Column", receipt: Receipt, words: Words) -> None:
    column.amount(words.total, f"¥{receipt.amount}", LARGE)
    column.text(f"{words.renminbi}{receipt.capitals}", BODY)
    column.rule(shade=INK)
    column.pair(words.way, receipt.way)
    if receipt.cashier:
        column.pair(words.cashier, receipt.cashier)
    column.pair(words.company, receipt.company)
    if receipt.number != receipt.reference:
        column.pair(words.reference, receipt.reference)
    if receipt.note:
        column.text(receipt.note, SMALL, shade=QUIET)


class _Column:
    """A column of lines whose height is known only once all are placed."""

    def __init__(self, font: bytes) -> None:
        self.fonts = {
            size: ImageFont.truetype(io.BytesIO(font), size) for size in (TITLE, LARGE, BODY, SMALL)
        }
        self.placed: list[tuple[float, float, str, int, int]] = []
        self.rules: list[tuple[float, int]] = []
        self.bottom = float(MARGIN)

    def text(self, text: str, size: int, *, shade: int = INK, centred: bool = False) -> None:
        """Places a text over the whole width."""
        for line in self._broken(text, size, ROOM):
            self._place((WIDTH - self._width(line, size)) / 2 if centred else MARGIN, line, size, shade)
            self._next_line(size)

    def pair(self, name: str, value: str) -> None:
        """Places a name and beside it a value, which may take several lines."""
        self._place(MARGIN, name, BODY, QUIET)
        for line in self._broken(value, BODY, ROOM - LABEL_ROOM) or [""]:
            self._place(MARGIN + LABEL_ROOM, line, BODY, INK)
            self._next_line(BODY)

    def amount(self, name: str, amount: str, size: int) -> None:
        """Places a name, which may take several lines, and an amount at the right edge of its first line."""
        wide = self._width(amount, size)
        self._place(WIDTH - MARGIN - wide, amount, size, INK)
        for line in self._broken(name, size, ROOM - max(AMOUNT_ROOM, wide + 24)) or [""]:
            self._place(MARGIN, line, size, INK)
            self._next_line(size)

    def gap(self, pixels: float) -> None:
        self.bottom += pixels

    def rule(self, *, shade: int = RULE) -> None:
        self.gap(12)
        self.rules.append((self.bottom, shade))
        self.gap(18)

    def png(self) -> bytes:
        picture = Image.new("L", (WIDTH, round(self.bottom) + MARGIN), PAPER)
        pen = ImageDraw.Draw(picture)
        for top, shade in self.rules:
            pen.line([(MARGIN, top), (WIDTH - MARGIN, top)], fill=shade, width=3 if shade == INK else 2)
        for left, top, text, size, shade in self.placed:
            pen.text((left, top), text, font=self.fonts[size], fill=shade)
        packed = io.BytesIO()
        picture.quantize(SHADES).save(packed, "PNG", optimize=True)
        return packed.getvalue()

    def _place(self, left: float, text: str, size: int, shade: int) -> None:
        self.placed.append((left, self.bottom, text, size, shade))

    def _next_line(self, size: int) -> None:
        self.gap(size * 1.5)

    def _width(self, text: str, size: int) -> float:
        return float(self.fonts[size].getlength(text))

    def _broken(self, text: str, size: int, room: float) -> list[str]:
        """Returns lines of at most this width; a number or a word wider than that is broken too."""
        lines, line = [], ""
        for piece in PIECES.findall(text):
            for part in [piece] if self._width(piece, size) <= room else piece:
                if line and self._width(line + part, size) > room:
                    lines.append(line.rstrip())
                    line = ""
                line += part
        return [*lines, line.rstrip()] if line.strip() else lines
