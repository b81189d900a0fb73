"""Chinese font for PDFs: only the used characters, embedded in the file."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFont as PdfFont

# Pieces that are not split at the end of a line.
PIECES = re.compile(r"[A-Za-z0-9.]+|.", re.DOTALL)


_plain_table = ttfonts.makeToUnicodeCMap


def _table_of_characters(name: str, subset: list[int]) -> str:
    """Fixes ReportLab's table for characters above U+FFFF, which are surrogate pairs in a PDF."""
    table = str(_plain_table(name, subset))
    for number, code in enumerate(subset):
        if code > 0xFFFF:
            halves = chr(code).encode("utf-16-be").hex().upper()
            table = table.replace(f"<{number:02X}> <{code:04X}>", f"<{number:02X}> <{halves}>")
    return table


ttfonts.makeToUnicodeCMap = _table_of_characters


def font_file(text: str) -> bytes:
    """Returns a TrueType file with which every character of ``text`` can be drawn."""
    # Imported here because it takes a quarter of the start-up time and few processes need it.
    from community.core.font_cutting import cut  # noqa: PLC0415

    return cut(text)


@contextmanager
def chinese_font(text: str) -> Iterator[str]:
    """Yields the name of a font with which ReportLab can draw ``text``, valid inside the context."""
    name = f"chinese-{uuid4().hex}"
    # registerFont would return the first font of this face, whatever its subset.
    pdfmetrics._fonts[name] = PdfFont(name, io.BytesIO(font_file(text)))  # noqa: SLF001
    try:
        yield name
    finally:
        del pdfmetrics._fonts[name]  # noqa: SLF001


@dataclass(frozen=True)
class Fitted:
    """A text that fits: its lines, their size in points, and whether text was cut."""

    lines: list[str]
    size: float
    is_cut: bool = False


def fitted(text: str, font: str, size: float, room: float, *, least: float, most_lines: int = 1) -> Fitted:
    """Returns the text shrunk to ``least`` points, then broken to more lines, then cut with an ellipsis."""
    wide = stringWidth(text, font, size)
    if wide <= room:
        return Fitted([text], size)
    if wide * least <= room * size:
        return Fitted([text], size * room / wide)
    for lines in range(2, most_lines + 1):
        shrunk = size
        while shrunk >= least:
            found = _broken(text, font, shrunk, room)
            if len(found) <= lines:
                return Fitted(found, shrunk)
            shrunk -= 0.5
    found = _broken(text, font, least, room)
    kept = found[:most_lines]
    while kept[-1] and stringWidth(f"{kept[-1]}…", font, least) > room:
        kept[-1] = kept[-1][:-1]
    return Fitted([*kept[:-1], f"{kept[-1]}…"], least, is_cut=True)


def _broken(text: str, font: str, size: float, room: float) -> list[str]:
    """Returns lines of at most this width; words in other scripts stay whole where possible."""
    lines, line = [], ""
    for piece in PIECES.findall(text):
        if line and stringWidth(line + piece, font, size) > room:
            lines.append(line.rstrip())
            line = ""
        for letter in [piece] if stringWidth(piece, font, size) <= room else piece:
            if line and stringWidth(line + letter, font, size) > room:
                lines.append(line.rstrip())
                line = ""
            line += letter
    return [*lines, line.rstrip()]
