"""PDF of the sheets that hang inside homes: the QR code with which a carer starts a visit."""

import io
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from community.core.fonts import chinese_font
from community.estates.place_signs import BRAND, INK, QUIET, Sheet, spaced
from services.care.home_codes import HomeCode


def home_sheets(homes: Sequence[HomeCode]) -> bytes:
    """Returns a PDF with a page for each home, in Chinese with English below; its font is embedded."""
    words = _both_languages()
    text = "".join(words) + "".join(
        f"{home_code.home.estate.name}{home_code.home}{home_code.code}{home_code.home.estate.desk_phone}"
        for home_code in homes
    )
    packed = io.BytesIO()
    with chinese_font(f"{text}…") as font:
        canvas = Canvas(packed, pagesize=A5)
        canvas.setTitle(words[0])
        for home_code in homes:
            _HomeSheet(canvas, font, A5, words).draw(home_code)
            canvas.showPage()
        canvas.save()
    return packed.getvalue()


def _both_languages() -> list[str]:
    """Returns heading, purpose, name of the code and desk: in Chinese, then in English."""
    words = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words += [
                _("Care at home"),
                _("The carer scans this on arrival. Please hang it inside the door."),
                _("Code of this home"),
                _("Desk"),
            ]
    return words


class _HomeSheet(Sheet):
    def draw(self, home_code: HomeCode) -> None:
        heading, how, code_label, desk, heading_en, how_en, _code_en, desk_en = self.words
        self.band(home_code.home.estate.name, heading, heading_en)
        self.line(str(home_code.home), top=42, size=7, colour=INK)
        self.qr(home_code.url, top=48, side=56)
        self.line(how, top=110.5, size=3, colour=INK)
        self.line(how_en, top=114.5, size=2.1, colour=QUIET)
        self.line(code_label, top=120.5, size=2.4, colour=QUIET)
        self.line(spaced(home_code.code), top=129, size=8.5, colour=BRAND)
        self.line(f"{desk} {desk_en}  {home_code.home.estate.desk_phone}", top=136.5, size=4, colour=INK)
