"""The sheet that hangs inside a home: the QR code with which a carer begins a visit."""

import io
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font
from community.estates.place_signs import BRAND, INK, QUIET, Sheet, spaced
from services.care.home_codes import HomeCode


def home_sheets(found: Sequence[HomeCode]) -> bytes:
    """A PDF, one home a page, with its font inside; in Chinese, with English below."""
    words = _both_languages()
    text = "".join(words) + "".join(
        f"{one.home.estate.name}{one.home}{one.code}{one.home.estate.desk_phone}" for one in found
    )
    packed = io.BytesIO()
    with chinese_font(f"{text}…") as font:
        canvas = Canvas(packed, pagesize=A5)
        canvas.setTitle(words[0])
        for one in found:
            _HomeSheet(canvas, font, A5, words).draw(one)
            canvas.showPage()
        canvas.save()
    return packed.getvalue()


def _both_languages() -> list[str]:
    """Heading, what it is for, the code's name, the desk: in Chinese, then in English."""
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said += [
                _("Care at home"),
                _("The carer scans this on arrival. Please hang it inside the door."),
                _("Code of this home"),
                _("Desk"),
            ]
    return said


class _HomeSheet(Sheet):
    def draw(self, one: HomeCode) -> None:
        heading, how, code_label, desk, heading_en, how_en, _code_en, desk_en = self.words
        self.band(one.home.estate.name, heading, heading_en)
        self.line(str(one.home), top=42, size=7, colour=INK)
        self.qr(one.url, top=48, side=56)
        self.line(how, top=110.5, size=3, colour=INK)
        self.line(how_en, top=114.5, size=2.1, colour=QUIET)
        self.line(code_label, top=120.5, size=2.4, colour=QUIET)
        self.line(spaced(one.code), top=129, size=8.5, colour=BRAND)
        self.line(f"{desk} {desk_en}  {one.home.estate.desk_phone}", top=136.5, size=4, colour=INK)
