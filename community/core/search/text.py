"""One spelling of everything that is stored as a key or searched for."""

import re
import unicodedata

from community.core.typed_text import clean

# The dashes of Chinese and Japanese keyboards, of word processors and of mathematics.
DASHES = re.compile(r"[‐‑‒–—―−ー－﹣~～]+")
BLANKS = re.compile(r"\s+")
BETWEEN_NAMES = re.compile(r"[\s·•・‧.．\-'’]+")
# Ü is typed as v in pinyin.
UMLAUTS = str.maketrans({"ü": "v", "Ü": "v"})


def plain(text: str) -> str:
    """Full-width forms made plain, unseen characters out, one kind of dash and of blank, small letters."""
    text = unicodedata.normalize("NFKC", clean(text)).translate(UMLAUTS)
    return BLANKS.sub(" ", DASHES.sub("-", text)).strip().casefold()


def compact(name: str) -> str:
    """A name without what people write between its parts: 「陈 建国」 and 「陈建国」 are one."""
    return BETWEEN_NAMES.sub("", plain(name))
