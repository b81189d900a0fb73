"""Search keys of homes: the whole address in a normal form, and each part."""

import re

from community.core.search.text import plain

WHOLE, DOOR = "at:", "door:"
BUILDING, ENTRANCE, NUMBER = "building:", "entrance:", "room:"
NUMERALS = "一二三四五六七八九十"
KIND = re.compile(r"(?:号楼|单元|栋|幢|座|楼|号|门|室|层|#)$")
ANY_KIND = re.compile(r"号楼|单元|栋|幢|座|楼|号|门|室|#")
FLOOR = re.compile(rf"[0-9{NUMERALS}]+层-?(?=[0-9a-z])")
# Matches 3号楼2单元501, 3栋501室, 2单元501 and 501室; every part may be missing.
MARKED = re.compile(
    r"(?:(?P<building>[^\-]+?)(?:号楼|栋|幢|座|楼|号|#)-?)?"
    r"(?:(?P<entrance>[^\-]+?)(?:单元|门)-?)?"
    r"(?P<number>[0-9a-z](?:[0-9a-z\-]*[0-9a-z])?)?室?"
)
# Rooms such as A-101 or A101 are found by 101 too.
LETTERS_FIRST = re.compile(r"[a-z]+-?(?=\d)")


def bare(part: str) -> str:
    """Removes the kind from a part: 3号楼 → 3, 二单元 → 2, 501室 → 501, Ａ座 → a."""
    text = plain(part).replace(" ", "").removeprefix("第")
    return _digits(KIND.sub("", text) or text)


def _digits(text: str) -> str:
    """Converts Chinese numerals up to 99 to digits; returns other text unchanged."""
    if not text or text.strip(NUMERALS):
        return text
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or (ten and "十" in tens):
        return text
    value = NUMERALS.index(ones) + 1 if ones else 0
    return str(value + 10 * (NUMERALS.index(tens) + 1 if tens else 1) if ten else value)


def home_keys(building: str, entrance: str, number: str) -> set[str]:
    """Returns the keys of a home: the address with and without the entrance, and its parts."""
    building, entrance, number = bare(building), bare(entrance), bare(number)
    keys = {f"{DOOR}{building}-{entrance}", BUILDING + building, ENTRANCE + entrance}
    for one in {number, number.replace("-", "")}:
        keys |= {f"{WHOLE}{building}-{entrance}-{one}", f"{WHOLE}{building}-{one}"}
        keys |= {NUMBER + one, NUMBER + LETTERS_FIRST.sub("", one, count=1)}
    return keys


def address_keys(word: str) -> set[frozenset[str]]:
    """Returns the sets of keys that a word without blanks may mean; a home matches if it has all keys of a
    set.
    """
    word = FLOOR.sub("", word)
    if not ANY_KIND.search(word):
        return _unmarked(word)
    named = MARKED.fullmatch(word)
    if named is None:
        # 4-1单元-602
        parts = [_digits(part) for part in ANY_KIND.sub("-", word).split("-") if part]
        return (
            {frozenset({WHOLE + "-".join(parts)})} if len(parts) > 1 else {frozenset({BUILDING + bare(word)})}
        )
    return {frozenset(_marked(**named.groupdict(default=""))), frozenset({BUILDING + bare(word)})}


def _marked(*, building: str, entrance: str, number: str) -> set[str]:
    building, entrance = bare(building), bare(entrance)
    if building and number:
        return {WHOLE + "-".join(part for part in (building, entrance, number) if part)}
    if building and entrance:
        return {f"{DOOR}{building}-{entrance}"}
    named = {BUILDING: building, ENTRANCE: entrance, NUMBER: number}
    return {kind + part for kind, part in named.items() if part}


def _unmarked(word: str) -> set[frozenset[str]]:
    parts = [_digits(part) for part in word.split("-") if part]
    joined = "-".join(parts)
    if len(parts) > 1:
        return {frozenset({kind + joined}) for kind in (WHOLE, DOOR, NUMBER)}
    return {frozenset({BUILDING + joined}), frozenset({NUMBER + joined})} if joined else set()
