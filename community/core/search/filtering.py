"""Filters for rows by people, homes, references and other words."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet

from community.core.models import SearchKey
from community.core.search.keys import HOME, LINE, PERSON, sealed
from community.core.search.parsing import Word, parse_search

NOTHING = Q(pk__in=())
# Least characters of a part of a reference, such as 0042 or 261123.
LEAST_OF_REFERENCE = 4
PARTS = re.compile(r"(号楼|栋|幢|单元)")


@dataclass(frozen=True)
class Ways:
    """Lookups from a row to people, roster entries and homes (``pk`` is the row itself).

    ``references`` are columns with whole references; ``words`` are columns in which any part matches.
    """

    people: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.people or self.lines or self.homes or self.references)


def rows_with(kind: str, keys: Iterable[str]) -> QuerySet[Any]:
    """Returns the keys of rows of this kind that have one of these search keys, for a subquery."""
    return SearchKey.objects.filter(kind=kind, key__in=sorted(keys)).values("row")


def search_filter(typed: str, ways: Ways) -> Q:
    """Returns the filter for rows that match every typed word; all rows for empty input. Runs no query.

    Checks no permissions: apply it to ``visible_to`` querysets.
    """
    words = parse_search(typed)
    if not words:
        return NOTHING if typed.strip() else Q()
    return reduce(and_, (_fits(word, ways) for word in words))


def _fits(word: Word, ways: Ways) -> Q:
    any_of = [NOTHING]
    if word.person and (ways.people or ways.lines):
        keys = sealed(word.person)
        any_of += [Q(**{f"{path}__in": rows_with(PERSON, keys)}) for path in ways.people]
        any_of += [Q(**{f"{path}__in": rows_with(LINE, keys)}) for path in ways.lines]
    any_of += [_at_home(path, word.homes) for path in ways.homes if word.homes]
    if word.reference:
        any_of += [Q(**{path: word.reference}) for path in ways.references]
    elif len(word.text) >= LEAST_OF_REFERENCE and any(one.isdecimal() for one in word.text):
        any_of += [Q(**{f"{path}__icontains": word.text}) for path in ways.references]
    any_of += [_contains(path, word.text) for path in ways.words]
    return reduce(or_, any_of)


def _contains(path: str, word: str) -> Q:
    """Matches a word with optional blanks: 「4号楼1单元」 also in 「4号楼 1单元电梯」."""
    return reduce(and_, (Q(**{f"{path}__icontains": part}) for part in PARTS.sub(r"\1 ", word).split()), Q())


def _at_home(path: str, homes: Collection[frozenset[str]]) -> Q:
    """Returns one subquery for all single keys, and one for each key where a set has several."""
    single = {key for keys in homes if len(keys) == 1 for key in keys}
    several = (
        reduce(and_, (Q(**{f"{path}__in": rows_with(HOME, [key])}) for key in sorted(keys)))
        for keys in homes
        if len(keys) > 1
    )
    return reduce(or_, several, Q(**{f"{path}__in": rows_with(HOME, single)}) if single else NOTHING)
