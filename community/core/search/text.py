"""One spelling of everything that is stored as a key or searched for."""

import re
import unicodedata

# The dashes of Chinese and Japanese keyboards, of word processors and of mathematics.
DASHES = re.compile(r"[‐‑‒–—―−ー－﹣~～]+")
BLANKS = re.compile(r"\s+")
BETWEEN_NAMES = re.compile(r"[\s·•・‧.．\-'’]+")
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
# Ü is typed as v in pinyin.
UMLAUTS = str.maketrans({"ü": "v", "Ü": "v"})


def plain(text: str) -> str:
    """Full-width forms made plain, unseen characters out, one kind of dash and of blank, small letters."""
    text = unicodedata.normalize("NFKC", text).translate(UMLAUTS)
    text = DASHES.sub("-", text)
    kept = (" " if one.isspace() else one for one in text)
    seen = "".join(one for one in kept if unicodedata.category(one) not in UNSEEN)
    return BLANKS.sub(" ", seen).strip().casefold()


def compact(name: str) -> str:
    """A name without what people write between its parts: 「陈 建国」 and 「陈建国」 are one."""
    return BETWEEN_NAMES.sub("", plain(name))
