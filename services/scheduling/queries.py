"""Queries about rows with a place in a slot."""

from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, Value, When


def ahead_first(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Orders rows with a ``place`` by their times: upcoming ones before past ones."""
    over = Case(When(place__slot__ends_at__lte=now, then=Value(1)), default=Value(0))
    return rows.annotate(over=over).order_by("over", "place__slot__starts_at", "pk")
