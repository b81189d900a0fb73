"""Papers of the estate as PDF: A4 or half of it, from top to bottom, with headings, rows, tables and lines to sign."""

import io
from collections.abc import Callable, Sequence

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font, fitted

WIDTH, HEIGHT = A4
# A5 lying on its side, for slips.
HALF = A5[0]
LEFT, RIGHT, MARGIN, BOTTOM = 20 * mm, WIDTH - 20 * mm, 20 * mm, 22 * mm
INK, QUIET, RULE = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#b9b5a8")
SIZE, SMALL, LINE = 11.0, 9.0, 7.5 * mm
MIN_FONT_SIZE = 8
# Characters of numbers and moments, embedded in every paper's font.
CHARACTERS = "0123456789abcdefABCDEF¥.,:/-–+−()（）：… ·%"
# A row: its text at the left edge, and its amount or words at the right one.
Row = tuple[str, str]


def paper_pdf(
    write: "Callable[[Paper], None]", *, title: str, author: str, words: str, height: float = HEIGHT
) -> bytes:
    """Returns what ``write`` writes as PDF; ``words`` have all characters that it uses besides the title.

    ``height`` is that of A4, or ``HALF``.
    """
    packed = io.BytesIO()
    with chinese_font(CHARACTERS + title + words) as font:
        canvas = Canvas(packed, pagesize=(WIDTH, height), initialFontName=font)
        canvas.setTitle(title)
        canvas.setAuthor(author)
        write(Paper(canvas, font, height - MARGIN))
        canvas.showPage()
        canvas.save()
    return packed.getvalue()


class Paper:
    """A page that is written from top to bottom; full, the next one begins."""

    def __init__(self, canvas: Canvas, font: str, top: float) -> None:
        self.canvas, self.font, self.top, self.at = canvas, font, top, top

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

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Writes a table: the first column at the left, the others at right edges of equal distance."""
        edges = self._edges(len(columns) - 1)
        self._cells(columns, edges, colour=QUIET)
        for row in rows:
            self._cells(row, edges)

    def _edges(self, count: int) -> list[float]:
        wide = min((RIGHT - LEFT) * 0.7 / max(count, 1), 34 * mm)
        return [RIGHT - wide * (count - 1 - number) for number in range(count)]

    def _cells(self, texts: Sequence[str], edges: Sequence[float], *, colour: HexColor = INK) -> None:
        room = edges[0] - LEFT - (edges[1] - edges[0] if len(edges) > 1 else 34 * mm)
        self._text(texts[0], LEFT, SMALL, most=room, colour=colour)
        for edge, text in zip(edges, texts[1:], strict=True):
            self._text(text, edge, SMALL, "right", most=(RIGHT - LEFT) / 4, colour=colour)
        self._rule()

    def note(self, words: str) -> None:
        """Writes small words below, over as many lines as they need."""
        fit = fitted(words, self.font, SMALL, RIGHT - LEFT, least=MIN_FONT_SIZE, most_lines=6)
        for line in fit.lines:
            self._text(line, LEFT, fit.size, colour=QUIET)
            self._down(LINE * 0.65)

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
        self.at = self.top
