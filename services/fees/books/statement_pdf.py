"""A year's statement as PDF: A4, in Chinese whatever the language of the user, as it is a document of the estate."""

import io
from collections.abc import Callable, Sequence

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font, fitted
from services.fees.books.statements import Statement, StatementRow
from services.fees.labels import bare_yuan

WIDTH, HEIGHT = A4
LEFT, RIGHT = 16 * mm, WIDTH - 16 * mm
INK, RULE = HexColor("#20211d"), HexColor("#b9b5a8")
LINE = 6.6 * mm
ROWS_PER_PAGE = 30
MIN_FONT_SIZE = 8
# Right edges of the columns of amounts.
EDGES = [RIGHT - 80 * mm, RIGHT - 60 * mm, RIGHT - 40 * mm, RIGHT - 20 * mm, RIGHT]
WHAT = LEFT + 24 * mm
CHARACTERS = "0123456789¥.,:/-–()（）：… "


def statement_pdf(make: Callable[[], Statement]) -> bytes:
    """Returns a statement as PDF; ``make`` is called while the language is Chinese, as rows are in words."""
    with translation.override("zh-hans"):
        return _drawn(make())


def _drawn(statement: Statement) -> bytes:
    estate = statement.home.estate
    head = [
        _("Statement of %(year)s") % {"year": statement.span.first.year},
        f"{estate.name} {statement.home}",
        f"{date_format(statement.span.first, 'DATE_FORMAT')} – {date_format(statement.span.last, 'DATE_FORMAT')}",
    ]
    titles = [_("Billed"), _("Paid"), _("Owed"), _("Prepayment ±"), _("Prepayment")]
    others = [_("Date"), _("What"), _("Carried over"), _("In all"), _("At the end"), estate.company_name]
    text = CHARACTERS + "".join([*head, *titles, *others, *(row.what for row in statement.rows)])
    packed = io.BytesIO()
    with chinese_font(text) as font:
        canvas = Canvas(packed, pagesize=A4, initialFontName=font)
        canvas.setTitle(head[0])
        canvas.setAuthor(estate.company_name)
        _Pages(canvas, font, statement, head, titles).draw()
        canvas.save()
    return packed.getvalue()


class _Pages:
    """The pages of a statement, each with the heads of its columns."""

    def __init__(
        self, canvas: Canvas, font: str, statement: Statement, head: Sequence[str], titles: Sequence[str]
    ) -> None:
        self.canvas, self.font, self.statement = canvas, font, statement
        self.head, self.titles = head, titles
        self.at = 0.0

    def draw(self) -> None:
        rows = self.statement.rows
        pages = [rows[at : at + ROWS_PER_PAGE] for at in range(0, max(len(rows), 1), ROWS_PER_PAGE)]
        for number, part in enumerate(pages, start=1):
            self._head(f"{number}/{len(pages)}")
            if number == 1:
                owed, held = self.statement.opening
                self._line("", _("Carried over"), ["", "", bare_yuan(owed), "", bare_yuan(held)])
            for row in part:
                self._row(row)
            if number == len(pages):
                self._foot()
            self.canvas.showPage()

    def _head(self, page: str) -> None:
        title, home, days = self.head
        self.at = HEIGHT - 20 * mm
        self._text(WIDTH / 2, title, 16, align="centre")
        self.at -= 9 * mm
        self._text(LEFT, home, 11)
        self._text(RIGHT, f"{days}  {page}", 9, align="right")
        self.at -= 9 * mm
        self._text(LEFT, _("Date"), 9)
        self._text(WHAT, _("What"), 9)
        for edge, name in zip(EDGES, self.titles, strict=True):
            self._text(edge, name, 9, align="right")
        self._rule()

    def _row(self, row: StatementRow) -> None:
        amounts = [row.billed_fen, row.paid_fen, row.owed_fen, row.ahead_fen, row.held_fen]
        texts = [bare_yuan(fen) if fen or place in (2, 4) else "" for place, fen in enumerate(amounts)]
        self._line(f"{row.on:%Y-%m-%d}", row.what, texts)

    def _foot(self) -> None:
        made = self.statement
        change = bare_yuan(made.put_in_fen - made.taken_out_fen)
        self._line("", _("In all"), [bare_yuan(made.billed_fen), bare_yuan(made.paid_fen), "", change, ""])
        owed, held = made.closing
        self._line("", _("At the end"), ["", "", bare_yuan(owed), "", bare_yuan(held)])
        self.at -= 8 * mm
        self._text(RIGHT, made.home.estate.company_name, 10, align="right")

    def _line(self, day: str, what: str, amounts: Sequence[str]) -> None:
        self.at -= LINE
        self._text(LEFT, day, 9)
        self._text(WHAT, what, 9.5, room=EDGES[0] - 20 * mm - WHAT)
        for edge, amount in zip(EDGES, amounts, strict=True):
            self._text(edge, amount, 9.5, align="right", room=19 * mm)
        self._rule()

    def _text(self, x: float, text: str, size: float, *, align: str = "left", room: float = 0) -> None:
        fit = fitted(text, self.font, size, room or WIDTH, least=MIN_FONT_SIZE, most_lines=2)
        self.canvas.setFillColor(INK)
        self.canvas.setFont(self.font, fit.size)
        drawn = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }[align]
        y = self.at + (len(fit.lines) - 1) * fit.size * 0.5
        for line in fit.lines:
            drawn(x, y, line)
            y -= fit.size * 1.05

    def _rule(self) -> None:
        self.canvas.setStrokeColor(RULE)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(LEFT, self.at - 2 * mm, RIGHT, self.at - 2 * mm)
