"""Reads a plain text table: CSV of WPS or Excel in GBK, UTF-8 or UTF-16, or separated by tabs.

Runs in the sandbox: standard library only.
"""

import codecs
import csv
import re
from io import StringIO

from community.core.sheets.shape import Refused, Shape

PARTED_BY = (",", "\t", ";", "，", "|")
LINES_LOOKED_AT = 20
LONGEST_CELL = 100_000
# Notation that keeps spreadsheets from changing a number.
AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_table(content: bytes) -> bool:
    """Whether the content is text with columns in a known encoding."""
    text = _decoded(content)
    if not text or UNPRINTABLE.search(text) or text.lstrip().startswith("<"):
        return False
    return bool(_parted_by(text))


def rows(content: bytes, most_rows: int, most_columns: int) -> list[list[str]]:
    """Returns the cells. Raises ``Refused``."""
    text = _decoded(content)
    parted_by = _parted_by(text)
    if text.lower().startswith("sep="):
        text = text.partition("\n")[2]
    csv.field_size_limit(LONGEST_CELL)
    shape = Shape(most_rows, most_columns)
    found = []
    try:
        for number, line in enumerate(csv.reader(StringIO(text), delimiter=parted_by), start=1):
            cells = [AS_TEXT.sub(r"\1", cell).strip() for cell in line]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                shape.value_at(number, len(cells))
            found.append(cells)
    except csv.Error:
        raise Refused("broken") from None
    width = max((len(cells) for cells in found), default=0)
    return [cells + [""] * (width - len(cells)) for cells in found]


def _decoded(content: bytes) -> str:
    """Returns the text; "" if no encoding fits."""
    known = next((name for mark, name in BEGINNINGS if content.startswith(mark)), "")
    for encoding in (known,) if known else ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _parted_by(text: str) -> str:
    """Returns the separator of most of the first lines; "" for text without columns."""
    lines = [line for line in text.splitlines()[: LINES_LOOKED_AT * 3] if line.strip()][:LINES_LOOKED_AT]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) > len("sep="):
        return lines[0][len("sep=")]

    def weight(character: str) -> tuple[int, int]:
        counts = [line.count(character) for line in lines]
        return sum(1 for count in counts if count), sum(counts)

    best = max(PARTED_BY, key=weight)
    return best if lines and weight(best)[0] * 2 >= len(lines) else ""
