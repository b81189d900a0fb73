"""Text as people type, paste and send it, made what it looks like.

Every field of a form and of the API passes through here (``core.typed_fields``), and so does every cell
of a sheet that is read. Passwords never do.
"""

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
# Blanks that look like a plain one. The wide one of Chinese stays: it begins paragraphs.
_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# Control characters, turns of direction, marks without width, letters that are blanks (fillers of Hangul,
# which a computer takes for words), variants of a letter, halves of a character, and what is no character.
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0e"
    r"\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
_EMOJI = "\U0001f000-\U0001faff\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
# The joiner of two emoji, and the mark that has a sign drawn as one, anywhere else.
_STRAY_JOINERS = re.compile(
    rf"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])|(?<![{_EMOJI}\u00a9\u00ae0-9#*])\ufe0f"
    r"|(?<=[0-9#*])\ufe0f(?!\u20e3)"
)
# Marks heaped on a letter until it covers the lines around it.
_MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_HEAPED = re.compile(rf"([{_MARKS}]{{2}})[{_MARKS}]+")

# ！ to ～ of a Chinese keyboard, and the dashes that stand for a minus.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
_KEYCAP = re.compile("[\ufe0f\u20e3]")


def clean(text: str) -> str:
    """Text in NFC, without what nobody can see, and without letters under heaps of marks.

    Line breaks become ``\\n`` and are kept like tabs; the joiners within emoji are kept too.
    """
    text = _LINE_BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    text = _STRAY_JOINERS.sub("", _UNSEEN.sub("", _BLANKS.sub(" ", text)))
    return _HEAPED.sub(r"\1", text)


def plain(text: str) -> str:
    """A number, a code or an address as a plain keyboard writes it: ``４－１－６０２`` is ``4-1-602``.

    Digits of any script are 0 to 9, full-width letters and signs are ASCII, blanks are single.
    """
    text = _KEYCAP.sub("", clean(text)).translate(_WIDE).translate(_DASHES)
    if not text.isascii():
        text = "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)
    return " ".join(text.split())
