"""A Chinese font for what is printed: only the characters that are used, embedded in the file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as PdfFont


@contextmanager
def chinese_font(text: str) -> Iterator[str]:
    """The name of a font that ReportLab can draw ``text`` with, as long as the context lasts."""
    # A quarter of every process's start, for what few of them ever do.
    from community.core.font_cutting import cut  # noqa: PLC0415

    name = f"chinese-{uuid4().hex}"
    # Not by registerFont: it hands out the first font that ever had this face, whatever was cut.
    pdfmetrics._fonts[name] = PdfFont(name, io.BytesIO(cut(text)))  # noqa: SLF001
    try:
        yield name
    finally:
        del pdfmetrics._fonts[name]  # noqa: SLF001
