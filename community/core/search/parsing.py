"""Parses the input of a search into possible people, numbers, homes and references."""

import re
from dataclasses import dataclass

from community.core.search.addresses import NUMERALS, address_keys
from community.core.search.names import LAST, LAST_DIGITS, NAME, NUMBER, national_digits
from community.core.search.text import compact, plain

MAX_TYPED = 100
MAX_WORDS = 8
MOBILE = re.compile(r"(?<![\d-])(?:\+?86|0086)?[ \-]?1[3-9](?:[ \-.()]*\d){9}(?!\d)")
# Masked numbers as our lists show them: 139****0003.
MASKED = re.compile(r"(?:1\d{2})?\*+(\d{4})")
LEAST_NUMBER = 7
# 「4号楼 1单元 602」 means a home, 「4号楼陈建国」 a home and a name.
GLUE = re.compile(
    rf"(?<=[0-9a-z{NUMERALS}])(号楼|栋|幢|座|楼|单元|门|层) (?=[1-9{NUMERALS}]|0(?!\d{{3}}\b)|[a-z]-?\d)"
)
SPLIT = re.compile(
    rf"(?<=[0-9a-z{NUMERALS}])(号楼|栋|幢|座|单元|室)(?=[^\W0-9a-z{NUMERALS}号楼栋幢座单元门层室])"
)
AROUND_DASHES = re.compile(r" ?- ?")
# Matches 「4 1 602」.
PARTED = re.compile(r"\d{1,2}(?: [0-9a-z]{1,3}){1,2} [0-9a-z]{3,5}|\d{1,2} \d{1,2} [0-9a-z]{2,5}")
BETWEEN = re.compile(r"[,，、;；/]+")
REFERENCE = re.compile(r"([a-z]{1,3})-?(\d{6})-?(\d{4,})")


@dataclass(frozen=True)
class Word:
    """A word of a search; a row matches it by any of these."""

    text: str
    # Keys of people, before they are hashed.
    person: frozenset[str]
    # Sets of keys of homes: a home matches if it has all keys of a set.
    homes: frozenset[frozenset[str]]
    # A whole reference as stored.
    reference: str = ""


def parse_search(text: str) -> list[Word]:
    """Returns the words of a search with their possible meanings. A row matches if it fits every word."""
    typed = plain(text)[:MAX_TYPED]
    words = []
    for number in MOBILE.findall(typed):
        words.append(Word(number.strip(), frozenset({NUMBER + national_digits(number)}), frozenset()))
    rest = BETWEEN.sub(" ", MOBILE.sub(" ", typed))
    rest = AROUND_DASHES.sub("-", " ".join(rest.split()))
    if PARTED.fullmatch(rest):
        rest = rest.replace(" ", "-")
    rest = SPLIT.sub(r"\1 ", GLUE.sub(r"\1", rest))
    return (words + [_word(word) for word in rest.split()])[:MAX_WORDS]


def _word(word: str) -> Word:
    person = set()
    if masked := MASKED.fullmatch(word):
        return Word(word, frozenset({LAST + masked[1]}), frozenset())
    if name := compact(word):
        person.add(NAME + name)
    digits = word.replace("-", "").replace("+", "")
    if digits.isdecimal():
        if len(digits) == LAST_DIGITS and digits == word:
            person.add(LAST + digits)
        if len(digits) >= LEAST_NUMBER:
            person.add(NUMBER + national_digits(digits))
    found = REFERENCE.fullmatch(word)
    reference = f"{found[1]}-{found[2]}-{found[3]}".upper() if found else ""
    return Word(word, frozenset(person), frozenset(address_keys(word)), reference)
