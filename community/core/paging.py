"""Lists that go on by key: the thousandth page costs what the first does, and nothing is skipped
or shown twice when rows are added meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def newest_first(rows: QuerySet[Any], *, before: str = "", size: int = 20) -> tuple[list[Any], str]:
    """One page of ``rows`` by ``created_at``, and the key after which the next one begins, if any.

    A key that nobody gave out shows the first page.
    """
    bound = _read(before)
    if bound is not None:
        at, pk = bound
        # The bound beside the OR lets the database walk the index from there.
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk), created_at__lte=at)
    found = list(rows.order_by("-created_at", "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, _key(found[-1]) if more else ""


def _key(row: Any) -> str:
    return f"{(row.created_at - EPOCH) // timedelta(microseconds=1)}-{row.pk}"


def _read(key: str) -> tuple[datetime, int] | None:
    moment, _dash, pk = key.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(moment)), int(pk)
    except (ValueError, OverflowError):
        return None
