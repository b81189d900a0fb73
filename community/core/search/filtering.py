"""Filters for rows by people, homes, references and other words."""

import re
from collections.abc import Collection, Iterable, Sequence
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
    return any_of(search_ways(typed, ways))


def search_ways(typed: str, ways: Ways) -> list[Q]:
    """Returns that filter as conditions of which a row must meet one, for ``paging.newest_first``.

    Each leads by one way to the first word, so that its query can use the index of that way. Empty for empty
    input.
    """
    words = parse_search(typed)
    if not words:
        return [NOTHING] if typed.strip() else []
    rest = reduce(and_, (_fits(word, ways) for word in words[1:]), Q())
    return [way & rest for way in _ways_to(words[0], ways)] or [NOTHING]


def search_rows(rows: QuerySet[Any], typed: str, ways: Ways) -> QuerySet[Any]:
    """Limits ``rows`` to those that match every typed word; each way is a subquery that can use its index."""
    found = search_ways(typed, ways)
    if len(found) < 2:
        return rows.filter(*found)
    first, *others = (rows.model._base_manager.order_by().filter(way).values("pk") for way in found)
    return rows.filter(pk__in=first.union(*others))


def any_of(conditions: Sequence[Q]) -> Q:
    """Returns the condition that one of these is met; every row meets it if there are none."""
    return reduce(or_, conditions) if conditions else Q()


def _fits(word: Word, ways: Ways) -> Q:
    return reduce(or_, _ways_to(word, ways), NOTHING)


def _ways_to(word: Word, ways: Ways) -> list[Q]:
    found: list[Q] = []
    if word.person and (ways.people or ways.lines):
        keys = sealed(word.person)
        found += [Q(**{f"{path}__in": rows_with(PERSON, keys)}) for path in ways.people]
        found += [Q(**{f"{path}__in": rows_with(LINE, keys)}) for path in ways.lines]
    found += [_at_home(path, word.homes) for path in ways.homes if word.homes]
    if word.reference:
        found += [Q(**{path: word.reference}) for path in ways.references]
    elif len(word.text) >= LEAST_OF_REFERENCE and any(one.isdecimal() for one in word.text):
        found += [Q(**{f"{path}__icontains": word.text}) for path in ways.references]
    found += [_contains(path, word.text) for path in ways.words]
    return found


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
