"""First rows of several querysets, in one statement."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet, Window


def first_keys(found: Sequence[QuerySet[Any]], limit: int) -> list[tuple[int, list[int]]]:
    """Returns how many rows each of these querysets has, and the keys of its first rows in its order.

    One statement for all, of limited subqueries, which Django cannot write: its unions take no limits on SQLite.
    """
    parts, params, numbers = [], [], [0] * len(found)
    for number, rows in enumerate(found):
        counted = rows.select_related(None).annotate(in_all=Window(Count("pk")))
        try:
            sql, given = counted.values_list("pk", "in_all")[:limit].query.sql_with_params()
        except EmptyResultSet:
            continue
        # The place in the order is counted outside: what comes out of a union is in no order.
        parts.append(f"SELECT {number}, row_number() OVER (), part.* FROM ({sql}) part")  # noqa: S608
        params += given
    keys: list[list[int]] = [[] for _rows in found]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            for number, _place, pk, in_all in sorted(cursor.fetchall()):
                numbers[number] = in_all
                keys[number].append(pk)
    return list(zip(numbers, keys, strict=True))
