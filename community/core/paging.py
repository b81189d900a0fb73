"""Paging by key: every page costs the same, and rows added meanwhile are neither skipped nor repeated."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def newest_first(
    rows: QuerySet[Any],
    *,
    before: str = "",
    size: int = 20,
    by: str = "created_at",
    ways: Sequence[Q] = (),
    read: Callable[[Any], list[Any]] = list,
) -> tuple[list[Any], str]:
    """Returns one page of ``rows`` by the time ``by``, and the key of the next page ("" at the end).

    An invalid key shows the first page. ``ways`` are conditions of which a row must meet at least one: each
    is a query of its own, since a database that is given all of them with ``OR`` uses the index of none.
    ``read`` returns the rows of a queryset, in the order ``-by``, ``-pk``, with all that the page shows.
    """
    bound = _read(before)
    if bound is not None:
        at, pk = bound
        # The extra bound lets the database use the index.
        older = Q(**{f"{by}__lt": at}) | Q(**{by: at}, pk__lt=pk)
        rows = rows.filter(older, **{f"{by}__lte": at})
    if ways:
        rows = rows.filter(pk__in=_first_keys(rows, ways, size + 1, by))
    found = read(rows.order_by(f"-{by}", "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, _key(found[-1], by) if more else ""


def _first_keys(rows: QuerySet[Any], ways: Sequence[Q], size: int, by: str) -> list[Any]:
    """Returns the keys of the newest ``size`` rows that meet a condition: the newest of each, merged."""
    newest: set[tuple[datetime, Any]] = set()
    for way in ways:
        keys = rows.filter(way).order_by(f"-{by}", "-pk").values_list(by, "pk")
        newest.update(keys[:size])
    return [pk for _at, pk in sorted(newest, reverse=True)[:size]]


def _key(row: Any, by: str) -> str:
    return f"{(getattr(row, by) - EPOCH) // timedelta(microseconds=1)}-{row.pk}"


def _read(key: str) -> tuple[datetime, int] | None:
    moment, _dash, pk = key.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(moment)), int(pk)
    except (ValueError, OverflowError):
        return None
