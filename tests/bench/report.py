"""Writes what was measured into docs/performance.md, each measurement between its own marks."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "performance.md"
HEAD = "# Performance\n\nWhat was measured last, and how to measure it again (`make bench`).\n"


def write(section: str, text: str) -> None:
    """Replace a section, or add it at the end."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    body = f"{begin}\n{text.strip()}\n{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    page = pattern.sub(lambda _found: body, page) if begin in page else f"{page.rstrip()}\n\n{body}\n"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
