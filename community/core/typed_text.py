"""Cleans text that people type, paste or send.

Used for every field of forms and of the API (``core.typed_fields``) and for cells of imported sheets, but
never for passwords.
"""

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
# Blanks that look like a plain one. The wide Chinese blank stays, since it begins paragraphs.
_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
# Control characters, direction marks, zero-width marks, blank letters (Hangul fillers, which count as
# letters), variation selectors, surrogates and noncharacters.
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0e"
    r"\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
_EMOJI = "\U0001f000-\U0001faff\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
# Emoji joiners and emoji presentation marks outside of emoji.
_STRAY_JOINERS = re.compile(
    rf"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])|(?<![{_EMOJI}\u00a9\u00ae0-9#*])\ufe0f"
    r"|(?<=[0-9#*])\ufe0f(?!\u20e3)"
)
# Combining marks stacked until they cover other lines.
_MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_HEAPED = re.compile(rf"([{_MARKS}]{{2}})[{_MARKS}]+")

# Full-width ！ to ～, and dashes that mean a minus.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
_KEYCAP = re.compile("[\ufe0f\u20e3]")


def clean(text: str) -> str:
    r"""Returns text in NFC without invisible characters and stacked marks.

    Line breaks become ``\\n``; tabs and the joiners within emoji are kept.
    """
    text = _LINE_BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    text = _STRAY_JOINERS.sub("", _UNSEEN.sub("", _BLANKS.sub(" ", text)))
    return _HEAPED.sub(r"\1", text)


def plain(text: str) -> str:
    """Converts a number, code or address to a plain keyboard's form: ``４－１－６０２`` → ``4-1-602``.

    Digits of any script become 0 to 9, full-width letters and signs ASCII, blanks single.
    """
    text = _KEYCAP.sub("", clean(text)).translate(_WIDE).translate(_DASHES)
    if not text.isascii():
        text = "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)
    return " ".join(text.split())
