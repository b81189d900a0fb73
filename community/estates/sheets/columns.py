"""Matches the columns of a sheet to ours by their headings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from community.core.spreadsheets import LINES_ABOVE, native
from community.estates.sheets.cells import plain, shown
from community.estates.sheets.spelling import plain_name

BRACKETS = re.compile(r"[(\[【{].*?[)\]】}]")
AROUND = re.compile(r"^[*※]+|[*※::]+$")
UNIT = re.compile(r"(?:m2|平方米|平米)$")
# Fewer matches could be words of a title.
FEWEST_HEADINGS = 2
# Answer that a column is not needed.
NOTHING = ""


@dataclass(frozen=True)
class Column:
    """Column of our lists; ``words`` are its other headings, the surest first."""

    key: str
    heading: str
    words: tuple[str, ...] = ()
    is_required: bool = True
    # The sheet may lack it, if the office confirms that.
    may_lack: bool = False
    # The office may enter one value for all rows.
    may_be_one: bool = False
    # A merged cell applies to all its rows.
    carries: bool = False
    # A date in it was likely typed as a room such as 3-1.
    is_place: bool = False
    # A line without it is not of the list, however it begins: a total, a signature.
    names_row: bool = False


@dataclass
class Headings:
    """Heading rows of a sheet and the columns they name."""

    # First and last heading row, from 1; (0, 0) if none was found.
    first_row: int = 0
    last_row: int = 0
    texts: list[str] = field(default_factory=list)
    # Index of the column (from 0) by our key.
    at: dict[str, int] = field(default_factory=dict)
    # Our keys that two columns could be.
    doubtful: set[str] = field(default_factory=set)


def normal_heading(text: Any) -> str:
    """Normalizes a heading: ``建筑面积（㎡）*`` becomes ``建筑面积``."""
    whole = plain_name(plain(text)).casefold()
    bare = AROUND.sub("", BRACKETS.sub("", whole))
    return (UNIT.sub("", bare) or bare or whole)[:60]


def find_headings(rows: Sequence[list[Any]], columns: Sequence[Column], known: Mapping[str, str]) -> Headings:
    """Returns the heading among the first rows, of one or two rows, that names most of our columns.

    ``known`` maps headings to our keys or ``NOTHING``, as the estate answered before.
    """
    ranks = _ranks(columns)
    best = Headings()
    for number in range(min(len(rows), LINES_ABOVE)):
        one = _headings(number, [rows[number]], ranks, known)
        two = _headings(number, rows[number : number + 2], ranks, known)
        for found in (one, two):
            if found is not None and len(found.at) > len(best.at):
                best = found
    return best


def chosen_headings(found: Headings, chosen: Mapping[str, str], width: int) -> Headings:
    """Returns the headings with the office's choice for each column, by its index as text."""
    at = {key: int(number) for number, key in chosen.items() if key and int(number) < width}
    return Headings(found.first_row, found.last_row, found.texts, at)


def heading_keys(columns: Sequence[Column]) -> dict[str, str]:
    """Maps every known heading to our key."""
    return {heading: key for heading, (_rank, key) in _ranks(columns).items()}


def _ranks(columns: Sequence[Column]) -> dict[str, tuple[int, str]]:
    ranks: dict[str, tuple[int, str]] = {}
    for column in columns:
        for rank, word in enumerate((column.heading, *column.words)):
            ranks.setdefault(normal_heading(word), (rank, column.key))
    return ranks


def _headings(
    number: int, lines: Sequence[list[Any]], ranks: dict[str, tuple[int, str]], known: Mapping[str, str]
) -> Headings | None:
    texts = [_texts(line) for line in lines]
    if len(lines) == 1:
        joined = texts[0]
    elif len(lines) == 2 and _go_together(*texts, ranks=ranks, known=known):
        joined = [
            lower if _meaning(lower, ranks, known) or not upper else upper
            for upper, lower in zip(*_same_width(*texts), strict=True)
        ]
    else:
        return None
    found = Headings(number + 1, number + len(lines), joined)
    best: dict[str, int] = {}
    for column, text in enumerate(joined):
        rank, key = _meaning(text, ranks, known) or (0, NOTHING)
        if not key:
            continue
        if key in best and rank == best[key]:
            found.doubtful.add(key)
        elif key not in best or rank < best[key]:
            found.doubtful.discard(key)
            found.at[key], best[key] = column, rank
    return found if len(found.at) >= FEWEST_HEADINGS else None


def _go_together(
    upper: list[str], lower: list[str], *, ranks: dict[str, tuple[int, str]], known: Mapping[str, str]
) -> bool:
    """Whether two rows form a heading: the lower one names columns too and holds only headings."""
    filled = [text for text in lower if text]
    meant = [text for text in filled if _meaning(text, ranks, known)]
    above = [text for text in upper if _meaning(text, ranks, known)]
    return bool(meant) and bool(above) and len(meant) * 2 >= len(filled)


def _meaning(
    text: str, ranks: dict[str, tuple[int, str]], known: Mapping[str, str]
) -> tuple[int, str] | None:
    heading = normal_heading(text)
    if heading in known:
        return (-1, known[heading]) if known[heading] else None
    return ranks.get(heading)


def _texts(line: list[Any]) -> list[str]:
    return [shown(native(cell)) for cell in line]


def _same_width(upper: list[str], lower: list[str]) -> tuple[list[str], list[str]]:
    width = max(len(upper), len(lower))
    return upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
