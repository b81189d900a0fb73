"""Normal form of text that is stored as a key or searched."""

import re
import unicodedata

from community.core.typed_text import clean

# Dashes of Chinese and Japanese keyboards, word processors and mathematics.
DASHES = re.compile(r"[‐‑‒–—―−ー－﹣~～]+")
BLANKS = re.compile(r"\s+")
BETWEEN_NAMES = re.compile(r"[\s·•・‧.．\-'’]+")
# In pinyin, ü is typed as v.
UMLAUTS = str.maketrans({"ü": "v", "Ü": "v"})


def plain(text: str) -> str:
    """Normalizes width, dashes, blanks and case, and removes invisible characters."""
    text = unicodedata.normalize("NFKC", clean(text)).translate(UMLAUTS)
    return BLANKS.sub(" ", DASHES.sub("-", text)).strip().casefold()


def compact(name: str) -> str:
    """Removes separators inside a name: 「陈 建国」 equals 「陈建国」."""
    return BETWEEN_NAMES.sub("", plain(name))
