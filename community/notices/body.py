"""Text of a notice, cleaned once when it is written.

HTML from editors, pastes and programs goes through ``nh3`` and becomes a flat sequence of paragraphs,
headings and list items with only strong, em, br and links inside. The database holds the output of ``nh3``;
pages do not clean it again.

Without JavaScript, text is written with a few marks: a blank line between paragraphs, "- " before items, "1.
" before numbered ones, "## " before a heading, ** around strong words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from itertools import groupby

import nh3

from community.core import typed_text

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "a"}
# Other tags that browser editors write; converted to ours.
ALSO_READ = {"b", "i", "div", "h1", "h2", "h4", "h5", "h6"}
SAME_AS = {"b": "strong", "i": "em"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
SCHEMES = {"http", "https", "tel"}
FULL_LINK = re.compile(r"(?:https?://|tel:)\S+", re.IGNORECASE)

BREAKS = re.compile(r"(?: ?<br>){3,}")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff]")

BULLET = re.compile(r"\s*[-•]\s+(?=\S)")
NUMBER = re.compile(r"\s*(\d{1,2})\.\s+(?=\S)")
HEADING = re.compile(r"\s*#{1,4}\s+(?=\S)")
STRONG = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
# Applied to escaped text. Labels exclude brackets, so that a row of brackets is not searched from each.
LINK = re.compile(
    r"\[([^\[\]\n]{1,200})\]\(((?:https?://|tel:)[^\s()]+)\)|(https?://[^\s<>，。；、！？）)]+)"
)


@dataclass(frozen=True)
class Block:
    """A paragraph ("p"), heading ("h3") or list item ("ul", "ol"); ``html`` is its inner HTML."""

    kind: str
    html: str

    @property
    def text(self) -> str:
        return _bare(self.html)


def clean(html: str) -> str:
    """Cleans HTML of any origin into the form that notices store."""
    rough = nh3.clean(
        typed_text.clean(html),
        tags=TAGS | ALSO_READ,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        attribute_filter=_full_links_only,
    )
    # Cleaned again: entities (&#x202e;) have become characters only now.
    return _written(_blocks(typed_text.clean(rough)))


def from_text(text: str) -> str:
    """Converts text with marks to HTML."""
    return clean("".join(_from_lines(typed_text.clean(text).split("\n"))))


def blocks_of(body: str) -> list[Block]:
    """Returns the blocks of a cleaned body, for paper, speech or a text field."""
    return _blocks(body)


def plain(body: str) -> str:
    """Returns the text of a body without marks."""
    return "\n".join(block.text for block in _blocks(body))


def as_text(body: str) -> str:
    """Converts a body back to text with marks, for the text field without JavaScript."""
    marks = {"h3": "## ", "ul": "- ", "ol": "1. "}
    pieces: list[str] = []
    for kind, group in groupby(_blocks(body), key=lambda block: block.kind):
        lines = [marks.get(kind, "") + _marked(block.html) for block in group]
        if kind == "ol":
            lines = [line.replace("1.", f"{number}.", 1) for number, line in enumerate(lines, start=1)]
        pieces.append(("\n" if kind in ("ul", "ol") else "\n\n").join(lines))
    return "\n\n".join(pieces)


def emoji_in(text: str) -> int:
    return len(EMOJI.findall(text))


def in_words_only(text: str) -> str:
    """Removes emoji, for SMS, paper and speech."""
    return " ".join(EMOJI.sub("", text).replace("\u200d", "").replace("\ufe0f", "").split())


def _full_links_only(_tag: str, attribute: str, value: str) -> str | None:
    """Keeps only links with a host; a relative link would change its target with each page."""
    return value if attribute != "href" or FULL_LINK.fullmatch(value.strip()) else None


def _bare(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html.replace("<br>", "\n")))


def _marked(html: str) -> str:
    """Converts the inner HTML of a block to text with the marks of ``from_text``."""
    html = re.sub(r"</?strong>", "**", html)
    html = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', _link_marked, html)
    return _bare(html)


def _link_marked(found: re.Match[str]) -> str:
    href, label = found[1], found[2]
    return label if label == href else f"[{label}]({href})"


def _written(blocks: list[Block]) -> str:
    html = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        if kind in ("ul", "ol"):
            html.append(f"<{kind}>{''.join(f'<li>{block.html}</li>' for block in group)}</{kind}>")
        else:
            html += [f"<{kind}>{block.html}</{kind}>" for block in group]
    return nh3.clean(
        "".join(html),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        attribute_filter=_full_links_only,
    )


def _blocks(html: str) -> list[Block]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return reader.found


@dataclass
class _Open:
    """An open inline element; it is closed at the end of a block and reopened in the next."""

    tag: str
    written: str


@dataclass
class _State:
    kind: str = "p"
    parts: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    inline: list[_Open] = field(default_factory=list)


class _Reader(HTMLParser):
    """Parser that flattens the output of ``nh3`` into blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self.now = _State()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.now.parts.append("<br>")
        elif tag in ("strong", "em", "b", "i", "a"):
            self._begin(SAME_AS.get(tag, tag), dict(attrs).get("href") or "")
        else:
            self._block(tag)

    def _block(self, tag: str) -> None:
        self.flush()
        if tag in ("ul", "ol"):
            self.now.lists.append(tag)
        if self.now.lists:
            self.now.kind = self.now.lists[-1]
        else:
            self.now.kind = "h3" if tag in HEADINGS else "p"

    def _begin(self, tag: str, href: str) -> None:
        is_inside = any(one.tag == tag for one in self.now.inline)
        if is_inside or (tag == "a" and not href):
            return
        written = f'<a href="{escape(href)}">' if tag == "a" else f"<{tag}>"
        self.now.inline.append(_Open(tag, written))
        self.now.parts.append(written)

    def handle_endtag(self, tag: str) -> None:
        tag = SAME_AS.get(tag, tag)
        if tag in ("strong", "em", "a"):
            if any(one.tag == tag for one in self.now.inline):
                self._end(tag)
            return
        self.flush()
        if tag in ("ul", "ol") and self.now.lists:
            self.now.lists.pop()
        self.now.kind = self.now.lists[-1] if self.now.lists else "p"

    def _end(self, tag: str) -> None:
        """Closes the element and all elements opened inside it."""
        while True:
            one = self.now.inline.pop()
            self.now.parts.append(f"</{one.tag}>")
            if one.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self.now.parts.append(escape(re.sub(r"\s+", " ", data), quote=False))

    def flush(self) -> None:
        """Ends the present block; empty blocks are dropped."""
        closing = [f"</{one.tag}>" for one in reversed(self.now.inline)]
        html = "".join([*self.now.parts, *closing])
        html = re.sub(r"<(strong|em)>\s*</\1>|<a [^>]*>\s*</a>", "", html)
        html = _without_edges(BREAKS.sub("<br><br>", html))
        if _bare(html).strip():
            self.found.append(Block(self.now.kind, html))
        self.now.parts = [one.written for one in self.now.inline]


def _without_edges(html: str) -> str:
    """Strips blanks and line breaks at both ends; without a regular expression, which would be quadratic
    here.
    """
    begin, end = 0, len(html)
    while (blank := html[begin : begin + 1].isspace()) or html.startswith("<br>", begin):
        begin += 1 if blank else 4
    while end > begin and ((blank := html[end - 1].isspace()) or html.endswith("<br>", begin, end)):
        end -= 1 if blank else 4
    return html[begin:end]


def _from_lines(lines: list[str]) -> Iterator[str]:
    """Converts lines with marks to HTML that is not clean yet."""
    paragraph: list[str] = []
    numbers = 0
    for line in [*lines, ""]:
        numbered = NUMBER.match(line)
        is_next = numbered is not None and int(numbered[1]) == numbers + 1
        numbers = numbers + 1 if is_next else 0
        mark = HEADING.match(line) or BULLET.match(line) or (numbered if is_next else None)
        if (mark or not line.strip()) and paragraph:
            yield f"<p>{'<br>'.join(paragraph)}</p>"
            paragraph = []
        if mark:
            kind = "h3" if "#" in mark[0] else "ol" if is_next else "ul"
            inside = _inline(line[mark.end() :])
            yield f"<h3>{inside}</h3>" if kind == "h3" else f"<{kind}><li>{inside}</li></{kind}>"
        elif line.strip():
            paragraph.append(_inline(line))


def _inline(line: str) -> str:
    html = LINK.sub(_link_written, escape(line.strip(), quote=False))
    return STRONG.sub(r"<strong>\1</strong>", html)


def _link_written(found: re.Match[str]) -> str:
    label, href = (found[3], found[3]) if found[3] else (found[1], found[2])
    return f'<a href="{href.replace(chr(34), "%22")}">{label}</a>'
