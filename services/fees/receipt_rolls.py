"""Receipts on paper rolls of 80 mm, for the small printers at counters: as long as their text needs.

Drawn from the same texts as the A5 sheet and with the same font.
"""

import io
from dataclasses import dataclass

from django.utils import translation
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font, fitted
from services.fees.models import Payment
from services.fees.receipts import AMOUNT_CHARACTERS, INK, Receipt, Words, receipt_of

WIDTH, MARGIN = 80 * mm, 5 * mm
ROOM = WIDTH - 2 * MARGIN
# Points; a thermal printer has no grey, so everything is black.
TITLE, LARGE, BODY, SMALL = 15.0, 13.0, 10.0, 8.5
LEADING = 1.35
LABEL_ROOM = 17 * mm


@dataclass(frozen=True)
class _Piece:
    """A text on the roll: its left edge and its distance from the top, in points; no text is a rule."""

    left: float
    top: float
    text: str
    size: float


def receipt_roll(payment: Payment, *, is_reprint: bool = False, is_copy: bool = False) -> bytes:
    """Returns the receipt of a paid payment as PDF for a roll; a copy is marked as not handed out."""
    with translation.override("zh-hans"):
        receipt, words = receipt_of(payment, is_reprint=is_reprint, is_copy=is_copy), Words()
    packed = io.BytesIO()
    with chinese_font(AMOUNT_CHARACTERS + str(receipt) + "".join(vars(words).values())) as font:
        roll = _Roll(font)
        _place(roll, receipt, words)
        height = roll.bottom + 2 * MARGIN
        canvas = Canvas(packed, pagesize=(WIDTH, height), initialFontName=font)
        canvas.setTitle(f"{words.receipt} {receipt.number}")
        canvas.setAuthor(receipt.company)
        roll.draw(canvas, height)
        canvas.showPage()
        canvas.save()
    return packed.getvalue()


def _place(roll: "_Roll", receipt: Receipt, words: Words) -> None:
    roll.text(receipt.estate, BODY, is_centred=True)
    roll.text(words.receipt, TITLE, is_centred=True)
    if mark := words.mark(receipt):
        roll.text(f"（{mark}）", BODY, is_centred=True)
    roll.pair(words.number, receipt.number)
    if receipt.note:
        roll.text(receipt.note, SMALL)
    if receipt.number != receipt.reference:
        roll.pair(words.reference, receipt.reference)
    roll.pair(words.home, receipt.home)
    roll.pair(words.payer, receipt.payer)
    roll.pair(words.date, receipt.paid_at)
    roll.rule()
    for line in receipt.lines:
        roll.amount(line.name, line.amount, BODY)
        if line.computation:
            roll.text(line.computation, SMALL)
    roll.rule()
    roll.amount(words.total, f"¥{receipt.amount}", LARGE)
    roll.text(f"{words.renminbi}{receipt.capitals}", BODY)
    roll.rule()
    roll.pair(words.way, receipt.way)
    if receipt.cashier:
        roll.pair(words.cashier, receipt.cashier)
    roll.pair(words.company, receipt.company)
    roll.text(words.seal, SMALL)


class _Roll:
    """Pieces of text from top to bottom; the length is known once all are placed."""

    def __init__(self, font: str) -> None:
        self.font, self.pieces, self.bottom = font, list[_Piece](), MARGIN

    def text(self, text: str, size: float, *, is_centred: bool = False) -> None:
        """Places a text over the whole width, on as many lines as it needs."""
        for line in self._broken(text, size, ROOM):
            wide = stringWidth(line, self.font, size)
            self._place((WIDTH - wide) / 2 if is_centred else MARGIN, line, size)
            self._next_line(size)

    def pair(self, name: str, value: str) -> None:
        """Places a name and beside it a value, on as many lines as it needs."""
        self._place(MARGIN, name, SMALL)
        for line in self._broken(value, BODY, ROOM - LABEL_ROOM):
            self._place(MARGIN + LABEL_ROOM, line, BODY)
            self._next_line(BODY)

    def amount(self, name: str, amount: str, size: float) -> None:
        """Places a name, and an amount at the right edge of its first line."""
        wide = stringWidth(amount, self.font, size)
        self._place(WIDTH - MARGIN - wide, amount, size)
        for line in self._broken(name, size, ROOM - wide - 2 * mm):
            self._place(MARGIN, line, size)
            self._next_line(size)

    def rule(self) -> None:
        self._place(MARGIN, "", BODY)
        self.bottom += 2.5 * mm

    def draw(self, canvas: Canvas, height: float) -> None:
        canvas.setFillColor(INK)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.6)
        for piece in self.pieces:
            y = height - piece.top
            if piece.text:
                canvas.setFont(self.font, piece.size)
                canvas.drawString(piece.left, y - piece.size, piece.text)
            else:
                canvas.line(MARGIN, y - 1 * mm, WIDTH - MARGIN, y - 1 * mm)

    def _place(self, left: float, text: str, size: float) -> None:
        self.pieces.append(_Piece(left, self.bottom, text, size))

    def _next_line(self, size: float) -> None:
        self.bottom += size * LEADING

    def _broken(self, text: str, size: float, room: float) -> list[str]:
        return fitted(text, self.font, size, room, least=size, most_lines=20).lines
