"""Filters for rows by people, homes, references and other words."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from community.core.encryption import blind_indexes
from community.core.models import SearchKey
from community.core.search.keys import HOME, LINE, PERSON, looked_for
from community.core.search.parsing import Word, parse_search
from community.core.search.references import LastFour

NOTHING = Q(pk__in=())
# The end of a reference, such as 0042 or 261123-0042, found by its index; numbers from 10,000 on have five digits.
END_OF_REFERENCE = re.compile(r"(?:\d{1,6}-)?\d?(\d{4})")
# Any other part of a reference, such as 261123 or R-2611.
PART_OF_REFERENCE = re.compile(r"(?=.*\d)[A-Za-z\d-]{4,}")
PARTS = re.compile(r"(号楼|栋|幢|单元)")


@dataclass(frozen=True)
class Ways:
    """Lookups from a row to people, roster entries and homes (``pk`` is the row itself).

    ``references`` are columns with whole references, ``names`` blind indexes of whole names; ``words`` are
    columns in which any part matches.
    """

    people: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.people or self.lines or self.homes or self.references)


# Rows that a way may lead to and that are named one by one in the query.
NAMED = 1000
# Decides how a subquery stands in the filter: as it is, or as the keys that it finds.
Look = Callable[[QuerySet[Any]], Any]


def rows_with(kind: str, keys: Iterable[str]) -> QuerySet[Any]:
    """Returns the keys of rows of this kind that have one of these search keys, for a subquery."""
    return SearchKey.objects.filter(kind=kind, key__in=sorted(keys)).values_list("row", flat=True)


def search_filter(typed: str, ways: Ways) -> Q:
    """Returns the filter for rows that match every typed word; all rows for empty input. Runs no query.

    Checks no permissions: apply it to ``visible_to`` querysets.
    """
    return any_of(_conditions(typed, ways, model=None, look=lambda rows: rows))


def search_ways(typed: str, ways: Ways, model: type[Model]) -> list[Q]:
    """Returns that filter as conditions of which a row must meet one, for ``paging.newest_first``.

    Each leads by one way to the first word. Runs a query for each way: given the keys that it leads to, the
    database knows how many they are, and whether its index helps. Empty for empty input.
    """
    return _conditions(typed, ways, model=model, look=_named)


def search_rows(rows: QuerySet[Any], typed: str, ways: Ways) -> QuerySet[Any]:
    """Limits ``rows`` to those that match every typed word. Runs a query for each way to a word."""
    return rows.filter(any_of(search_ways(typed, ways, rows.model)))


def any_of(conditions: Sequence[Q]) -> Q:
    """Returns the condition that one of these is met; every row meets it if there are none."""
    return reduce(or_, conditions) if conditions else Q()


def _named(rows: QuerySet[Any]) -> Any:
    """Returns the keys that a subquery finds; the subquery itself if they are many."""
    found = list(rows[: NAMED + 1])
    return found if len(found) <= NAMED else rows


def _conditions(typed: str, ways: Ways, *, model: type[Model] | None, look: Look) -> list[Q]:
    words = parse_search(typed)
    if not words:
        return [NOTHING] if typed.strip() else []
    first, *others = (_ways_to(word, ways, model, look) or [NOTHING] for word in words)
    rest = reduce(and_, (any_of(found) for found in others), Q())
    return [way & rest for way in first]


def _ways_to(word: Word, ways: Ways, model: type[Model] | None, look: Look) -> list[Q]:
    found: list[Q] = []
    if word.person and (ways.people or ways.lines):
        keys = looked_for(word.person)
        for kind, paths in ((PERSON, ways.people), (LINE, ways.lines)):
            rows = look(rows_with(kind, keys)) if paths else []
            found += [Q(**{f"{path}__in": rows}) for path in paths]
    if word.homes and ways.homes:
        homes = _homes(word.homes, look)
        found += [Q(**{f"{path}__in": rows}) for path in ways.homes for rows in homes]
    found += [_reference(path, word) for path in ways.references if PART_OF_REFERENCE.fullmatch(word.text)]
    found += [Q(**{f"{path}__in": blind_indexes(word.text)}) for path in ways.names]
    found += [_contains(path, word.text, model, look) for path in ways.words]
    return found


def _reference(path: str, word: Word) -> Q:
    if word.reference:
        return Q(**{path: word.reference})
    if end := END_OF_REFERENCE.fullmatch(word.text):
        is_end = Q(**{f"{path}__{LastFour.lookup_name}": end[1]})
        return is_end if word.text == end[1] else is_end & Q(**{f"{path}__endswith": word.text})
    return Q(**{f"{path}__icontains": word.text})


def _contains(path: str, word: str, model: type[Model] | None, look: Look) -> Q:
    """Matches a word with optional blanks: 「4号楼1单元」 also in 「4号楼 1单元电梯」.

    A column of a related row is looked for among those rows, which are few.
    """
    parts = PARTS.sub(r"\1 ", word).split()
    relation, _dash, column = path.partition("__")
    if model is None or not column:
        return reduce(and_, (Q(**{f"{path}__icontains": part}) for part in parts), Q())
    related: Any = model._meta.get_field(relation).related_model
    fitting = reduce(and_, (Q(**{f"{column}__icontains": part}) for part in parts), Q())
    return Q(**{f"{relation}__in": look(related._base_manager.filter(fitting).values_list("pk", flat=True))})


def _homes(homes: Collection[frozenset[str]], look: Look) -> list[Any]:
    """Returns the keys of homes with any of these sets of search keys: one list for all sets of one key, and
    one for each set of several, all of which a home must have.
    """
    single = {key for keys in homes if len(keys) == 1 for key in keys}
    found = [look(rows_with(HOME, single))] if single else []
    for keys in homes:
        if len(keys) > 1:
            first, *others = sorted(keys)
            rows = rows_with(HOME, [first])
            for key in others:
                rows = rows.filter(row__in=rows_with(HOME, [key]))
            found.append(look(rows))
    return found
