"""Receipts as PDF: A5 landscape, for the printers at counters, with an embedded font.

A receipt is a document of the estate, so it is in Chinese whatever the language of the user.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A5, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from community.core import clock
from community.core.fonts import Fitted, chinese_font, fitted
from community.core.money import as_yuan
from community.core.spoken import capitals
from services.fees import labels
from services.fees.models import Deposit, Payment

WIDTH, HEIGHT = landscape(A5)
LEFT, RIGHT = 14 * mm, WIDTH - 14 * mm
INK, QUIET, RULE = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#b9b5a8")
LINE = 7.2 * mm
TABLE_TOP = HEIGHT - 50 * mm
# Room below the table for the total, the way and the company.
FOOT = 40 * mm
# Left edges of the columns; the last column ends at the right edge.
SUM_LEFT = LEFT + 54 * mm
# Smallest font size in points; longer text continues on the next line.
MIN_FONT_SIZE = 8
MOST_LINES = 3
# Characters of amounts, embedded in every receipt's font.
AMOUNT_CHARACTERS = "0123456789¥.,:/-()（）：… "


@dataclass(frozen=True)
class ReceiptLine:
    """A bill of the receipt: its name, the computation of its amount, and the part paid."""

    name: str
    computation: str
    amount: str


@dataclass(frozen=True)
class Receipt:
    """The texts of a receipt."""

    estate: str
    company: str
    number: str
    reference: str
    home: str
    payer: str
    paid_at: str
    way: str
    cashier: str
    amount: str
    capitals: str
    lines: Sequence[ReceiptLine]
    is_reprint: bool
    is_copy: bool
    is_refunded: bool
    is_moved: bool
    # Says what became of the money since; empty for nothing.
    note: str


def receipt_of(payment: Payment, *, is_reprint: bool = False, is_copy: bool = False) -> Receipt:
    """Returns the receipt of a payment with its home, payer and maker loaded; one query for its lines."""
    lines = [
        ReceiptLine(
            labels.bill_name(line.bill),
            labels.computation(line.bill),
            labels.bare_yuan(line.applied_fen),
        )
        for line in payment.lines.select_related("bill__item").order_by("bill__period", "bill")
        if line.applied_fen
    ]
    rest = payment.amount_fen - sum(line.applied_fen for line in payment.lines.all())
    if rest:
        lines.append(ReceiptLine(_rest_words(payment), "", labels.bare_yuan(rest)))
    issued = payment.receipts.select_related("series").order_by("pk").last()
    # A payment without a registered payer can only have been made by a cashier.
    origin = payment.origin
    by_counter = origin.is_at_counter or payment.payer is None
    return Receipt(
        estate=payment.estate.name,
        company=payment.estate.company_name,
        number=str(issued) if issued else payment.reference,
        reference=payment.reference,
        home=str(payment.home),
        payer=payer_and_helper(payment),
        paid_at=_local_time(payment.paid_at or payment.created_at),
        way=f"{labels.way(origin.channel)} {payment.slip_number}".strip(),
        cashier=payment.made_by.name if by_counter else "",
        amount=labels.bare_yuan(payment.amount_fen),
        capitals=capitals(payment.amount_fen),
        lines=lines,
        is_reprint=is_reprint,
        is_copy=is_copy,
        is_refunded=payment.status == Payment.Status.REFUNDED,
        is_moved=payment.status == Payment.Status.MOVED,
        note=_note(payment),
    )


def _rest_words(payment: Payment) -> str:
    """Returns what became of the money that no bill took: a deposit, or prepayment."""
    deposit = Deposit.objects.filter(payment=payment).first() if payment.origin.is_at_counter else None
    return str(deposit) if deposit else _("Put into prepayment")


def _note(payment: Payment) -> str:
    notes = []
    if payment.moved_from:
        notes.append(_("Moved from receipt %(reference)s") % {"reference": payment.moved_from.reference})
    if payment.status == Payment.Status.MOVED:
        notes.append(_("Moved to receipt %(reference)s") % {"reference": payment.moved_to.reference})
    if payment.status == Payment.Status.PARTLY:
        sums = {"back": as_yuan(payment.back_fen), "left": as_yuan(payment.left_fen)}
        notes.append(_("%(back)s paid back, %(left)s stays paid") % sums)
    return " · ".join(notes)


def payer_and_helper(payment: Payment) -> str:
    """Returns the payer's name, with that of the relative who paid for them on line."""
    name, helper = payer_name(payment), payment.made_by
    if payment.payer is None or helper == payment.payer or payment.origin.is_at_counter:
        return name
    if not helper.delegations_held.filter(resident=payment.payer).exists():
        return name
    return _("%(payer)s (paid by %(helper)s)") % {"payer": name, "helper": helper.name}


def payer_name(payment: Payment) -> str:
    """Returns the payer's name as the receipt has it."""
    return payment.payer.name if payment.payer else payment.payer_name


def _local_time(at: datetime) -> str:
    """Returns the full date, as it stays on paper: 2026年11月30日 14:26."""
    local = clock.local(at)
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


def receipt_pdf(payment: Payment, *, is_reprint: bool = False, is_copy: bool = False) -> bytes:
    """Returns the receipt of a paid payment as PDF; a copy is marked as not the one that was handed out."""
    with translation.override("zh-hans"):
        receipt = receipt_of(payment, is_reprint=is_reprint, is_copy=is_copy)
        words = Words()
    packed = io.BytesIO()
    with chinese_font(AMOUNT_CHARACTERS + str(receipt) + "".join(vars(words).values())) as font:
        canvas = Canvas(packed, pagesize=(WIDTH, HEIGHT), initialFontName=font)
        canvas.setTitle(f"{words.receipt} {receipt.number}")
        canvas.setAuthor(receipt.company)
        sheets = _sheets(receipt.lines, font)
        for number, rows in enumerate(sheets, start=1):
            _Sheet(canvas, font, words, receipt).draw(rows, number, len(sheets))
            canvas.showPage()
        canvas.save()
    return packed.getvalue()


class _Row:
    """A line of the receipt, broken into the lines that its columns have room for."""

    def __init__(self, line: ReceiptLine, font: str) -> None:
        self.amount = line.amount
        self.name = _fitted(line.name, font, 10, SUM_LEFT - LEFT - 2 * mm)
        self.computation = _fitted(line.computation, font, 10, RIGHT - SUM_LEFT - 26 * mm)

    @property
    def height(self) -> float:
        tall = max(len(fit.lines) * fit.size * 1.15 for fit in (self.name, self.computation))
        return max(LINE, tall + 3 * mm)


def _fitted(text: str, font: str, size: float, room: float) -> Fitted:
    return fitted(text, font, size, room, least=MIN_FONT_SIZE, most_lines=MOST_LINES)


def _sheets(lines: Sequence[ReceiptLine], font: str) -> list[list[_Row]]:
    """Splits the lines into pages; a receipt without lines has one page."""
    sheets: list[list[_Row]] = [[]]
    room = TABLE_TOP - FOOT
    for line in lines:
        row = _Row(line, font)
        if sheets[-1] and sum(one.height for one in sheets[-1]) + row.height > room:
            sheets.append([])
        sheets[-1].append(row)
    return sheets


class Words:
    """Fixed texts of a receipt."""

    def __init__(self) -> None:
        self.receipt = _("Receipt")
        self.number = _("No.")
        self.home = _("Home")
        self.payer = _("Payer")
        self.date = _("Date")
        self.way = _("Way of paying")
        self.cashier = _("Cashier")
        self.what = _("For")
        self.how = _("Sum")
        self.yuan = _("Amount (yuan)")
        self.total = _("In all")
        self.renminbi = _("Renminbi")
        self.company = _("Received by")
        self.again = _("Printed again")
        self.copy = _("Copy, to look at")
        self.refunded = _("Paid back, not valid")
        self.moved = _("Moved, not valid")
        self.seal = _("(seal)")
        self.reference = _("Payment no.")

    def mark(self, receipt: Receipt) -> str:
        """Returns the mark of a receipt that is not the first print of a valid one; empty for that."""
        if receipt.is_refunded:
            return self.refunded
        if receipt.is_moved:
            return self.moved
        if receipt.is_copy:
            return self.copy
        return self.again if receipt.is_reprint else ""


class _Sheet:
    """A page of a receipt."""

    def __init__(self, canvas: Canvas, font: str, words: Words, receipt: Receipt) -> None:
        self.canvas, self.font, self.words, self.receipt = canvas, font, words, receipt

    def draw(self, rows: Sequence[_Row], number: int, total: int) -> None:
        self._head(number, total)
        bottom = self._table(rows)
        self._foot(bottom)

    def _head(self, number: int, total: int) -> None:
        receipt, words = self.receipt, self.words
        self._text(WIDTH / 2, HEIGHT - 16 * mm, receipt.estate, 13, align="centre", most=RIGHT - LEFT)
        self._text(WIDTH / 2, HEIGHT - 25 * mm, words.receipt, 17, align="centre")
        if mark := words.mark(receipt):
            wide = stringWidth(mark, self.font, 11) + 6 * mm
            self.canvas.setStrokeColor(INK)
            self.canvas.rect(LEFT, HEIGHT - 27 * mm, wide, 7 * mm, stroke=1, fill=0)
            self._text(LEFT + 3 * mm, HEIGHT - 25 * mm, mark, 11)
        page = f"  {number}/{total}" if total > 1 else ""
        self._text(RIGHT, HEIGHT - 25 * mm, f"{words.number} {receipt.number}{page}", 10, align="right")
        self._pair(LEFT, HEIGHT - 34 * mm, words.home, receipt.home, 120 * mm)
        self._pair(RIGHT - 54 * mm, HEIGHT - 34 * mm, words.date, receipt.paid_at, 54 * mm)
        self._pair(LEFT, HEIGHT - 40.5 * mm, words.payer, receipt.payer, RIGHT - LEFT)

    def _table(self, rows: Sequence[_Row]) -> float:
        words = self.words
        at = TABLE_TOP + LINE
        self._rule(at - 2 * mm, strong=True)
        at = TABLE_TOP + 1 * mm
        self._text(LEFT, at, words.what, 9, colour=QUIET)
        self._text(SUM_LEFT, at, words.how, 9, colour=QUIET)
        self._text(RIGHT, at, words.yuan, 9, colour=QUIET, align="right")
        at -= 2.2 * mm
        self._rule(at)
        for row in rows:
            middle = at - row.height / 2
            for left, fit in ((LEFT, row.name), (SUM_LEFT, row.computation)):
                self._lines(left, middle + (len(fit.lines) * 1.15 / 2 - 0.85) * fit.size, fit)
            self._text(RIGHT, middle - 3.5, row.amount, 10, align="right")
            at -= row.height
            self._rule(at)
        return at

    def _foot(self, at: float) -> None:
        receipt, words = self.receipt, self.words
        at -= 7 * mm
        self._text(LEFT, at, words.total, 9, colour=QUIET)
        self._text(LEFT + 18 * mm, at, f"{words.renminbi}{receipt.capitals}", 12, most=115 * mm)
        self._text(RIGHT, at, f"¥{receipt.amount}", 14, align="right")
        self._rule(at - 3.2 * mm, strong=True)
        at -= 10 * mm
        self._pair(LEFT, at, words.way, receipt.way, RIGHT - LEFT)
        at -= 6.5 * mm
        if receipt.cashier:
            self._pair(LEFT, at, words.cashier, receipt.cashier, 110 * mm)
        if receipt.number != receipt.reference:
            self._text(RIGHT, at, f"{words.reference} {receipt.reference}", 9, colour=QUIET, align="right")
        self._pair(LEFT, at - 6.5 * mm, words.company, receipt.company, 150 * mm)
        self._text(RIGHT, at - 6.5 * mm, words.seal, 9, colour=QUIET, align="right")
        if receipt.note:
            self._text(RIGHT, at - 13 * mm, receipt.note, 9, align="right", most=RIGHT - LEFT)

    def _pair(self, x: float, y: float, name: str, value: str, most: float) -> None:
        """Draws a name and its value, which takes a second line where it is long."""
        self._text(x, y, name, 9, colour=QUIET)
        indent = stringWidth(name, self.font, 9) + 2.5 * mm
        self._text(x + indent, y, value, 10.5, most=most - indent)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        colour: HexColor = INK,
        align: str = "left",
        most: float = 0,
    ) -> None:
        """Draws a text in a width of ``most`` points, on as many lines as it needs; their middle is at ``y``."""
        fit = _fitted(text, self.font, size, most or WIDTH)
        self._lines(x, y + (len(fit.lines) - 1) * fit.size * 0.55, fit, colour=colour, align=align)

    def _lines(self, x: float, y: float, fit: Fitted, *, colour: HexColor = INK, align: str = "left") -> None:
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(colour)
        drawn = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }[align]
        for number, line in enumerate(fit.lines):
            drawn(x, y - number * fit.size * 1.15, line)

    def _rule(self, y: float, *, strong: bool = False) -> None:
        self.canvas.setStrokeColor(INK if strong else RULE)
        self.canvas.setLineWidth(0.8 if strong else 0.4)
        self.canvas.line(LEFT, y, RIGHT, y)
