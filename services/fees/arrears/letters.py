"""Letters about arrears (催缴函) as PDF: A4, a home a page, with a code that opens the pay page of that home.

A letter is a document of the estate, so it is in Chinese whatever the language of the user.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font, fitted
from community.core.typed_text import clean
from community.estates.models import Estate, Home
from services.fees import labels
from services.fees.models import Bill

WIDTH, HEIGHT = A4
LEFT, RIGHT = 24 * mm, WIDTH - 24 * mm
INK, QUIET, RULE = HexColor("#20211d"), HexColor("#5d5f57"), HexColor("#b9b5a8")
# Bills named one by one; more are summed up in one line.
MOST_LINES = 14
# Letters of one file.
MAX_LETTERS = 300
AMOUNT_CHARACTERS = "0123456789¥.,:/-()（）：…、。· "


@dataclass(frozen=True)
class ArrearsLetter:
    """The texts of a letter to one home."""

    home: str
    url: str
    lines: Sequence[tuple[str, str, str]]
    total: str
    words: dict[str, str] = field(default_factory=dict)


def letters_pdf(estate: Estate, homes: Sequence[Home], on: date) -> bytes:
    """Returns one PDF with a letter for each home, in their order. One query for the bills of all homes.

    ``on`` is the day of the letters; the bills are those of the household that were due before it.
    """
    bills: dict[int, list[Bill]] = {}
    late = Bill.objects.in_arrears(on).filter(home__in=homes, charged_to=None)
    for bill in late.select_related("item").order_by("period", "pk"):
        bills.setdefault(bill.home_id, []).append(bill)
    with translation.override("zh-hans"):
        letters = [_letter(estate, home, bills[home.pk], on) for home in homes if home.pk in bills]
    packed = io.BytesIO()
    # The first lines of paragraphs begin with two wide blanks, which cleaning takes away.
    with chinese_font(clean(AMOUNT_CHARACTERS + "".join(map(str, letters))) + "　") as font:
        canvas = Canvas(packed, pagesize=A4, initialFontName=font)
        canvas.setAuthor(estate.company_name)
        for letter in letters:
            _Sheet(canvas, font, letter).draw()
            canvas.showPage()
        canvas.save()
    return packed.getvalue()


def pay_url(home: Home) -> str:
    """Returns the address of the pay page of a home; whoever opens it signs in first."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("fees_pay_home", args=[home.pk])


def _letter(estate: Estate, home: Home, bills: Sequence[Bill], on: date) -> ArrearsLetter:
    shown = bills if len(bills) <= MOST_LINES else bills[: MOST_LINES - 1]
    lines = [
        (labels.bill_name(bill), f"{bill.due_on:%Y-%m-%d}", labels.bare_yuan(bill.unpaid_fen))
        for bill in shown
    ]
    if rest := bills[len(shown) :]:
        fen = sum(bill.unpaid_fen for bill in rest)
        lines.append((_("%(number)s more bills") % {"number": len(rest)}, "", labels.bare_yuan(fen)))
    total = labels.bare_yuan(sum(bill.unpaid_fen for bill in bills))
    words = {
        "title": _("A friendly reminder about open bills"),
        "to": _("Dear household of %(home)s,") % {"home": home},
        "text": _(
            "Thank you for your support of our work. Looking through our books we saw that the bills below are "
            "past their last day to pay. They may have slipped your mind in a busy time."
        ),
        "what": _("For"),
        "due": _("Last day to pay"),
        "yuan": _("Unpaid (yuan)"),
        "total": _("In all"),
        "how": _(
            "Scan the code with WeChat to pay; you sign in with your own number. Or come to the counter."
        ),
        "if": _(
            "If you have paid already, please excuse this letter. If you have doubts about a bill or are in "
            "difficulty, call us or come by; we find a way together."
        ),
        "phone": _("Phone of the desk: %(phone)s") % {"phone": estate.desk_phone},
        "from": estate.company_name or estate.name,
        "date": date_format(on, "DATE_FORMAT"),
    }
    return ArrearsLetter(str(home), pay_url(home), lines, total, {"estate": estate.name, **words})


class _Sheet:
    """A letter on one page."""

    def __init__(self, canvas: Canvas, font: str, letter: ArrearsLetter) -> None:
        self.canvas, self.font, self.letter = canvas, font, letter
        self.y = HEIGHT - 28 * mm

    def draw(self) -> None:
        words = self.letter.words
        self._centred(words["estate"], 13)
        self.y -= 11 * mm
        self._centred(words["title"], 19)
        self.y -= 16 * mm
        self._paragraph(words["to"], 12.5)
        self._paragraph(words["text"], 12, indent=True)
        self._table()
        self._code()
        self._paragraph(words["if"], 12, indent=True)
        self.y -= 8 * mm
        for text in (words["from"], words["date"]):
            self._text(RIGHT, text, 12, align="right")
            self.y -= 8 * mm

    def _table(self) -> None:
        words, due = self.letter.words, LEFT + 92 * mm
        self.y -= 2 * mm
        for name, day, amount, size, colour in [
            (words["what"], words["due"], words["yuan"], 10, QUIET),
            *((*line, 11.5, INK) for line in self.letter.lines),
        ]:
            self._text(LEFT, name, size, colour=colour, most=88 * mm)
            self._text(due, day, size, colour=colour)
            self._text(RIGHT, amount, size, colour=colour, align="right")
            self._rule(2.3 * mm)
            self.y -= 7.4 * mm
        self._text(LEFT, words["total"], 12.5)
        self._text(RIGHT, f"¥{self.letter.total}", 14, align="right")
        self.y -= 10 * mm

    def _code(self) -> None:
        """Draws the code with its instructions beside it."""
        side = 34 * mm
        rows = list(segno.make(self.letter.url, error="m", micro=False).matrix)
        module = side / len(rows)
        self.canvas.setFillColor(INK)
        shape = self.canvas.beginPath()
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    shape.rect(LEFT + across * module, self.y - (down + 1) * module, module, module)
        self.canvas.drawPath(shape, stroke=0, fill=1)
        bottom = self.y - side - 9 * mm
        self.y -= 8 * mm
        self._paragraph(self.letter.words["how"], 12, left=LEFT + side + 8 * mm)
        self._text(LEFT + side + 8 * mm, self.letter.words["phone"], 12.5)
        self.y = bottom

    def _paragraph(self, text: str, size: float, *, left: float = LEFT, indent: bool = False) -> None:
        text = clean(f"　　{text}") if indent else clean(text)
        if indent:
            text = f"　　{text.strip()}"
        fit = fitted(text, self.font, size, RIGHT - left, least=size, most_lines=8)
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(INK)
        for line in fit.lines:
            self.canvas.drawString(left, self.y, line)
            self.y -= size * 1.65
        self.y -= 1.5 * mm

    def _centred(self, text: str, size: float) -> None:
        fit = fitted(clean(text), self.font, size, RIGHT - LEFT, least=8)
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(INK)
        self.canvas.drawCentredString(WIDTH / 2, self.y, fit.lines[0])

    def _text(
        self,
        x: float,
        text: str,
        size: float,
        *,
        colour: HexColor = INK,
        align: str = "left",
        most: float = 0,
    ) -> None:
        fit = fitted(clean(text), self.font, size, most or RIGHT - LEFT, least=8)
        self.canvas.setFont(self.font, fit.size)
        self.canvas.setFillColor(colour)
        draw = self.canvas.drawRightString if align == "right" else self.canvas.drawString
        draw(x, self.y, fit.lines[0])

    def _rule(self, below: float) -> None:
        self.canvas.setStrokeColor(RULE)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(LEFT, self.y - below, RIGHT, self.y - below)
