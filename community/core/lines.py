"""Where lines of a Chinese page may break: between words, and never inside a date, sum, time, number or code.

A middleware marks the texts of a page when it is sent: ``<wbr>`` between two words, ``<n-b>`` around what must
stay on one line if a line can hold it. Attributes, titles, fields and everything that is not a page (messages,
SMS, PDF, exports, the API) stay as they were written, and nothing unseen is copied from a page.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import ceil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language

# Text between tags; what stands inside of the named elements is left alone.
_PARTS = re.compile(
    r"(<!--.*?-->|<(script|style|textarea|title|option|svg|template|pre|w-b)\b.*?</\2\s*>|<[^>]*>)", re.DOTALL
)
_HAN = "\u3400-\u9fff"
_OPENING, _CLOSING = "（《〈「『【〔“‘(", "，。、；：！？）》〉」』】〕”’,.;:!?)%…"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_WHEN = r"(?:凌晨|上午|中午|下午|晚上)?\d{1,2}点(?:半|\d{1,2}分?)?|\d{1,2}:\d\d(?: ?[–-] ?\d{1,2}:\d\d)?"
_DATE = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?: 周[一二三四五六日])?|\d{4}年\d{1,2}月|\d{4}-\d\d-\d\d"
# The longer first: 19 分钟 is not 19 分.
_MEASURES = (
    "分钟|小时|平方米|公里|份餐|元/㎡·月|元/月|m²|㎡"
    "|[个名条张份位间套笔次天分元月年人户栋层号页遍种件家台辆楼岁秒块处项封段步日点]"
)
_CODE = r"[A-Za-z]{1,2}-\d{6}-\d{4,}"
# Kept whole, longest first. A space, a dash or a slash inside is where a browser would break it.
_WHOLE = re.compile(
    rf"{_CODE}|(?:今天|明天) (?:{_WHEN})|{_DATE}|{_WHEN}|\d+(?:号楼|单元|室|号院)"
    rf"|1\d\d \d{{4}} \d{{4}}|0\d{{2,3}}[ -]\d{{3,4}}[ -]?\d{{4}}|[48]00[ -]\d{{3}}[ -]\d{{4}}"
    rf"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{{1,2}} {_MONTH}(?: \d{{4}})?|\d{{1,2}}(?::\d\d)? [ap]m\b"
    rf"|\d[\d.,]* (?:{_MEASURES})|元/㎡·月|元/月|\d{{3}}\*{{4}}\d{{4}}|¥[\d,.]*\d(?:万?元)?"
    rf"|\d[\d.,]*(?:万元|{_MEASURES})"
)
_SPLITS = re.compile(r"[ –/]")
_RUNS = re.compile(rf"[{_HAN}]+|[A-Za-z0-9]+")
# Single characters that belong to the word before, and to the word after.
_AFTER = frozenset("的了着过来去吗呢吧们后前内中上下里外时等者处元月日点年天次个号")
_BEFORE = frozenset(
    "请不没已再在和与或到给会可为从把被是有就也都又及向按由帮您你他她本各每该先将要还很更最只用让找看对待未需第共约满"
)
_LONGEST, TOO_LONG = 6, 5
# Widths in the size of the type: of a digit, and beyond which the large mode may have to write smaller.
NARROW, WIDE = 0.64, 3.5


class LinesMiddleware:
    """Marks the texts of every page; the back office's admin has its own styles and stays as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse):
            mark(request, response)
        return response


def mark(request: HttpRequest, response: HttpResponse) -> None:
    """Marks the texts of a page, once."""
    if (
        settings.BREAK_LINES
        and not getattr(response, "lines_are_marked", False)
        and response.get("Content-Type", "").startswith("text/html")
        and "admin" not in getattr(request.resolver_match, "namespaces", ())
    ):
        is_chinese = (get_language() or "").startswith("zh")
        response.content = in_page(response.content.decode(), is_chinese=is_chinese).encode()
        response.lines_are_marked = True  # type: ignore[attr-defined]


def in_page(html: str, *, is_chinese: bool = True) -> str:
    """Returns the page with its texts marked."""
    parts: list[str] = []
    at = 0
    for tag in _PARTS.finditer(html):
        parts += [_text(html[at : tag.start()], is_chinese), tag[0]]
        at = tag.end()
    parts.append(_text(html[at:], is_chinese))
    return "".join(parts)


def _text(text: str, is_chinese: bool) -> str:
    return in_text(text, is_chinese=is_chinese) if text and not text.isspace() else text


@lru_cache(maxsize=4096)
def in_text(text: str, *, is_chinese: bool = True) -> str:
    """Returns a text of a page with its marks, inside one element so that a flex container sees one child."""
    whole = [found.span() for found in _WHOLE.finditer(text)]
    inside = {at for start, end in whole for at in range(start + 1, end)}
    breaks = sorted((_breaks(text) | _beside(text, whole)) - inside) if is_chinese else []
    held = [_held(text, start, end) for start, end in whole]
    held = [one for one in held if one.tag]
    if not breaks and not held:
        return text
    marks = [(at, "<wbr>") for at in breaks]
    marks += [mark for one in held for mark in ((one.start, one.opening), (one.end, f"</{one.tag}>"))]
    # At one place: what ends, then the break, then what begins.
    marks.sort(key=lambda mark: (mark[0], ("</", "<w", "<n").index(mark[1][:2])))
    parts, last = [], 0
    for at, mark in marks:
        parts += [text[last:at], mark]
        last = at
    return f"<w-b>{''.join(parts)}{text[last:]}</w-b>"


class _Held(NamedTuple):
    """A part of a text that is kept whole: ``n-b`` has blanks or dashes, ``n-c`` is a code, ``n-s`` is wide."""

    start: int
    end: int
    tag: str
    opening: str


def _held(text: str, start: int, end: int) -> _Held:
    unit = text[start:end]
    # A date breaks at its blanks where it must; digits do not.
    parts = unit.split(" ") if any(map(_is_han, unit)) else [unit]
    ems = max(map(_ems, parts))
    width = f' class="w{ceil(ems)}"' if ems > WIDE else ""
    if re.fullmatch(_CODE, unit):
        return _Held(start, end, "n-c", f"<n-c{width}>")
    if _SPLITS.search(unit):
        start, end = _with_marks(text, start, end)
        return _Held(start, end, "n-b", f"<n-b{width}>")
    return _Held(start, end, "n-s" if width else "", f"<n-s{width}>")


def _ems(text: str) -> float:
    """Returns about how wide a text is, in the size of its type."""
    return sum(1 if character >= "\u2e80" else NARROW for character in text)


def _with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns begin and end with the marks around, which a line could else begin or end with."""
    while start and text[start - 1] in _OPENING:
        start -= 1
    while end < len(text) and text[end] in _CLOSING:
        end += 1
    return start, end


def _beside(text: str, whole: list[tuple[int, int]]) -> set[int]:
    """Returns the places before and after what is kept whole, where words of Chinese stand beside it."""
    before = {
        start
        for start, _end in whole
        if start and _is_han(text[start - 1]) and text[start - 1] not in _BEFORE
    }
    ends = {end for _start, end in whole if end < len(text)}
    return before | {end for end in ends if _is_han(text[end]) and text[end] not in _AFTER}


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _breaks(text: str) -> set[int]:
    """Returns the places in front of which a line may begin."""
    breaks: set[int] = set()
    for run in _RUNS.finditer(text):
        start, end = run.span()
        before = text[start - 1] if start else ""
        is_han = _is_han(text[start])
        if is_han:
            places = {start + at for at in _between(run[0])}
            # A last character alone is no line, unless a number follows it: 登记|到103号楼.
            breaks |= places if text[end : end + 1].isdigit() else places - {end - 1}
            # A number and its measure are not parted, and nor is a bracket that opens from what it holds.
            if before and before in _CLOSING:
                breaks.add(start)
        elif before and _is_han(before) and before not in _BEFORE:
            breaks.add(start)
        if end < len(text) and text[end] in _OPENING[:-1] and is_han:
            breaks.add(end)
    return breaks


@lru_cache(maxsize=4096)
def _between(run: str) -> tuple[int, ...]:
    """Returns the places between the words of a run of Chinese characters."""
    places: list[int] = []
    at, strange, pieces = 0, 0, _pieces(run)
    for piece, following in pairwise(pieces):
        at += len(piece)
        # Characters without a known word: several are a name, a single one belongs to the next word.
        strange = 0 if _is_known(piece) else strange + 1
        if piece in _BEFORE or following in _AFTER or strange == 1 or (strange and not _is_known(following)):
            continue
        places.append(at)
    return tuple(place for place in _shorter(places, pieces) if place > 1)


def _shorter(places: list[int], pieces: list[str]) -> list[int]:
    """Returns the places, with one more where five characters or more would stand together before a mark."""
    ends = list(accumulate(map(len, pieces)))
    last = max((place for place in places if place < ends[-1] - 1), default=0)
    if ends[-1] - last < TOO_LONG:
        return places
    whole = [
        end
        for piece, following, end in zip(pieces, pieces[1:], ends, strict=False)
        if _is_known(piece) and following not in _AFTER and last + 1 < end < ends[-1] - 1
    ]
    return places + whole[-1:]


def _is_known(piece: str) -> bool:
    return len(piece) > 1 or piece in _BEFORE or piece in _AFTER


def _pieces(run: str) -> list[str]:
    """Divides a run into as few words and single characters as there can be; of those, the longest first."""
    known = words()
    costs: list[tuple[int, int]] = [(0, len(run))] * (len(run) + 1)
    for at in range(len(run) - 1, -1, -1):
        ways = [(2 + costs[at + 1][0], at + 1)]
        for end in range(at + 2, min(at + _LONGEST, len(run)) + 1):
            if run[at:end] in known:
                ways.append((1 + costs[end][0], end))
        costs[at] = min(ways, key=lambda way: (way[0], -way[1]))
    pieces, at = [], 0
    while at < len(run):
        end = costs[at][1]
        pieces.append(run[at:end])
        at = end
    return pieces


@cache
def words() -> frozenset[str]:
    """Returns the words of our translation, as ``tools/words.py`` has listed them."""
    path = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "words.txt"
    return frozenset(path.read_text(encoding="utf-8").split())
