"""The hand-over sheet of a shift as PDF: A4, in Chinese like all papers of the estate, with lines to sign."""

import io
from collections.abc import Sequence

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from community.core import clock
from community.core.fonts import chinese_font, fitted
from services.fees import labels
from services.fees.counter.queries import HandOver

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, WIDTH - 20 * mm, HEIGHT - 20 * mm, 22 * mm
INK, QUIET, RULE = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#b9b5a8")
SIZE, SMALL, LINE = 11.0, 9.0, 7.5 * mm
MIN_FONT_SIZE = 8
# Characters of numbers and moments, embedded in every sheet's font.
CHARACTERS = "0123456789¥.,:/-–+−()（）：… "
# A row: its text at the left edge, and its amount or words at the right one.
Row = tuple[str, str]


def hand_over_pdf(sheet: HandOver) -> bytes:
    """Returns the hand-over sheet as PDF, over as many pages as it needs."""
    with translation.override("zh-hans"):
        parts = [
            (pgettext("till", "Taken"), _ways(sheet)),
            (_("Cash"), _cash(sheet)),
            (_("Receipts"), _receipts(sheet)),
        ]
        title, signs = _("Hand-over sheet"), [_("Handed over by"), _("Taken over by"), _("Date")]
        head, author = _head(sheet), sheet.shift.estate.company
        estate = sheet.shift.estate.name
    packed = io.BytesIO()
    with chinese_font(CHARACTERS + title + author + estate + str((parts, signs, head))) as font:
        canvas = Canvas(packed, pagesize=A4, initialFontName=font)
        canvas.setTitle(title)
        canvas.setAuthor(author)
        page = _Page(canvas, font)
        page.title(estate, title)
        page.rows(head)
        for heading, rows in parts:
            page.heading(heading)
            page.rows(rows)
        page.signatures(signs)
        canvas.showPage()
        canvas.save()
    return packed.getvalue()


def moment(at: object) -> str:
    """Returns a moment in the estate's time zone as it stays on paper: 2026年11月30日 14:26."""
    local = clock.local(at)  # type: ignore[arg-type]
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


def _head(sheet: HandOver) -> list[Row]:
    shift = sheet.shift
    closed = moment(shift.closed_at) if shift.closed_at else _("not closed yet")
    return [
        (_("Cashier"), shift.cashier.name),
        (pgettext("till", "Opened"), moment(shift.opened_at)),
        (pgettext("till", "Closed"), closed),
    ]


def _ways(sheet: HandOver) -> list[Row]:
    """Returns what came in and what was paid back by each way, and the sum."""
    rows: list[Row] = []
    for one in sheet.ways:
        if one.count:
            rows.append((f"{labels.way(one.way)} · {_payments(one.count)}", _yuan(one.fen)))
        if one.back_count:
            back = _("Paid back, %(way)s") % {"way": labels.way(one.way)}
            rows.append((f"{back} · {_payments(one.back_count)}", _yuan(-one.back_fen)))
    return [*rows, (_("In all"), _yuan(sheet.total_fen))]


def _cash(sheet: HandOver) -> list[Row]:
    shift = sheet.shift
    rows = [
        (pgettext("till", "Float"), _yuan(shift.float_fen)),
        (pgettext("till", "Cash taken"), _yuan(sheet.cash.fen)),
        (_("Cash paid back"), _yuan(-sheet.cash.back_fen)),
        (_("Expected in the till"), _yuan(sheet.expected_fen)),
    ]
    if shift.counted_fen is not None:
        rows += [
            (pgettext("till", "Counted"), _yuan(shift.counted_fen)),
            (_("Difference"), _yuan(shift.difference_fen)),
        ]
        change = shift.history.filter(to_status="closed").first()
        if change and change.reason:
            rows.append((_("Why it differs"), change.reason))
    return rows


def _receipts(sheet: HandOver) -> list[Row]:
    rows = [
        (f"{one.first} – {one.last}", str(_("%(count)s receipts") % {"count": one.count}))
        for one in sheet.numbers
    ]
    rows += [
        (
            _("Void: %(number)s") % {"number": receipt.text},
            f"{_yuan(receipt.payment.amount_fen)} {receipt.void_reason}",
        )
        for receipt in sheet.voided
    ]
    return rows or [(pgettext("receipts", "None"), "")]


def _payments(count: int) -> str:
    return ngettext("%(number)s payment", "%(number)s payments", count) % {"number": count}


def _yuan(fen: int) -> str:
    return f"−¥{labels.bare_yuan(-fen)}" if fen < 0 else f"¥{labels.bare_yuan(fen)}"


class _Page:
    """A page that is written from top to bottom; full, the next one begins."""

    def __init__(self, canvas: Canvas, font: str) -> None:
        self.canvas, self.font, self.at = canvas, font, TOP

    def title(self, estate: str, title: str) -> None:
        self._text(estate, WIDTH / 2, 13, "centre")
        self._down(10 * mm)
        self._text(title, WIDTH / 2, 18, "centre")
        self._down(12 * mm)

    def heading(self, words: str) -> None:
        self._down(3 * mm)
        self._text(words, LEFT, SIZE, colour=QUIET)
        self._rule()

    def rows(self, rows: Sequence[Row]) -> None:
        """Writes rows; a long text at the right edge takes more lines."""
        for name, value in rows:
            fit = fitted(value, self.font, SIZE, (RIGHT - LEFT) / 2, least=MIN_FONT_SIZE, most_lines=5)
            self._text(name, LEFT, SIZE, most=(RIGHT - LEFT) / 2 - 4 * mm)
            for number, line in enumerate(fit.lines):
                if number:
                    self._down(LINE * 0.7)
                self._text(line, RIGHT, fit.size, "right")
            self._rule()

    def signatures(self, names: Sequence[str]) -> None:
        """Writes a line to sign for each name."""
        self._down(8 * mm)
        wide = (RIGHT - LEFT) / len(names)
        if self.at < BOTTOM + 10 * mm:
            self._turn()
        for number, name in enumerate(names):
            left = LEFT + number * wide
            self._text(name, left, SMALL, colour=QUIET)
            self.canvas.setStrokeColor(INK)
            self.canvas.line(left, self.at - 12 * mm, left + wide - 6 * mm, self.at - 12 * mm)

    def _text(
        self,
        text: str,
        x: float,
        size: float,
        align: str = "left",
        *,
        colour: HexColor = INK,
        most: float = 0,
    ) -> None:
        fit = fitted(text, self.font, size, most or WIDTH, least=MIN_FONT_SIZE)
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(colour)
        drawn = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }[align]
        drawn(x, self.at, fit.lines[0])

    def _rule(self) -> None:
        self.canvas.setStrokeColor(RULE)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(LEFT, self.at - 2.4 * mm, RIGHT, self.at - 2.4 * mm)
        self._down(LINE)

    def _down(self, points: float) -> None:
        self.at -= points
        if self.at < BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self.canvas.showPage()
        self.at = TOP
