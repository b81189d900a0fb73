"""Rows that a search means, by their ways to people, homes, references and other words."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet

from community.core.models import SearchKey
from community.core.search.keys import HOME, LINE, PERSON, sealed
from community.core.search.understanding import Word, understand

NOTHING = Q(pk__in=())
# A part of a reference that says something: 0042, 261123.
LEAST_OF_REFERENCE = 4
PARTS = re.compile(r"(号楼|栋|幢|单元)")


@dataclass(frozen=True)
class Ways:
    """How a row is found: lookups that lead from it to people, roster lines and homes (``pk`` is itself).

    ``references`` are columns with whole references, ``words`` those of which any part is looked for.
    """

    people: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.people or self.lines or self.homes or self.references)


def rows_with(kind: str, keys: Iterable[str]) -> QuerySet[Any]:
    """The numbers of the rows of this kind that have one of these keys, for a subquery."""
    return SearchKey.objects.filter(kind=kind, key__in=sorted(keys)).values("row")


def search_filter(typed: str, ways: Ways) -> Q:
    """The rows that fit every word that was typed; all of them where nothing was, and no query of its own.

    It knows no rights: filter what the person may see by it.
    """
    words = understand(typed)
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
    """「4号楼1单元」 is also in 「4号楼 1单元电梯」."""
    return reduce(and_, (Q(**{f"{path}__icontains": part}) for part in PARTS.sub(r"\1 ", word).split()), Q())


def _at_home(path: str, homes: Collection[frozenset[str]]) -> Q:
    """One subquery for all that a single key finds, and one a key where several are needed."""
    single = {key for keys in homes if len(keys) == 1 for key in keys}
    several = (
        reduce(and_, (Q(**{f"{path}__in": rows_with(HOME, [key])}) for key in sorted(keys)))
        for keys in homes
        if len(keys) > 1
    )
    return reduce(or_, several, Q(**{f"{path}__in": rows_with(HOME, single)}) if single else NOTHING)
