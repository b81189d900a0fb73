"""Collects the topics of the rows that a transaction writes, until it is committed.

``watch()`` names the models whose rows others see, and which topics a row of them has. From then on every
statement that writes to their tables counts, through whichever door it comes: ``save()`` and ``delete()`` know
their row; updates and inserts of many rows say whose they are by ``of()`` or ``covering()``. Whatever does
not say so grows ``EVERYTHING``, on which all that is kept depends, so that nothing old is ever shown.

The topics are told once, in the order of their names, right before the commit: their rows are locked for as
short a time as can be, and two transactions never wait for each other crosswise.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

EVERYTHING = "everything"
TopicsOf = Callable[[Any], Iterable[str]]
# Fields that nobody but the person sees, and that are written at each sign-in.
_PRIVATE = frozenset({"last_login", "password", "session_epoch"})
_WRITES = re.compile(r"\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
_topics_of: dict[type[models.Model], TopicsOf] = {}
_tables: set[str] = set()

Tell = Callable[[Mapping[str, datetime | None]], None]
# Grows the topics in the transaction; set by the app that has the live updates. None while tables are migrated.
tell: Tell | None = None


class Changes:
    """Topics of one connection's open transaction."""

    def __init__(self) -> None:
        # The time of the change to store; ``None`` keeps it secret by the end of the hour.
        self.topics: dict[str, datetime | None] = {}
        # Statements on these tables have said whom they concern.
        self.covered: Counter[str] = Counter()

    def forget(self) -> None:
        self.topics = {}
        self.covered = Counter()


def watch(model: type[models.Model], topics_of: TopicsOf, *, by_statement: bool = True) -> None:
    """Makes rows of ``model`` grow ``topics_of(row)``.

    Without ``by_statement`` only ``save()`` and ``delete()`` of a row count: for tables that are written
    all the time in ways that show nowhere.
    """
    _topics_of[model] = topics_of
    if by_statement:
        _tables.add(model._meta.db_table)
    pre_save.connect(_before, sender=model, dispatch_uid=f"changes.{model._meta.label}")
    post_save.connect(_after, sender=model, dispatch_uid=f"changes.{model._meta.label}")
    pre_delete.connect(_before, sender=model, dispatch_uid=f"changes.{model._meta.label}")
    post_delete.connect(_after, sender=model, dispatch_uid=f"changes.{model._meta.label}")


def watched() -> set[str]:
    """Returns the tables of all models that are watched."""
    return {model._meta.db_table for model in _topics_of}


def touch(*topics: str, at: datetime | None = None) -> None:
    """Grows these topics when the transaction is committed, or at once outside of one.

    ``at`` is stored as the time of the change; without it the end of the hour is.
    """
    found = connection.changes.topics  # type: ignore[attr-defined]
    for topic in topics:
        known = found.get(topic)
        found[topic] = at if known is None or (at is not None and at > known) else known
    connection.tell_if_alone()  # type: ignore[attr-defined]


@contextmanager
def of(*rows: models.Model) -> Iterator[None]:
    """Says that the statements of the block write these rows, all of one model that is watched or not."""
    for row in rows:
        _collect(row)
    with covering(type(rows[0])) if rows else covering():
        yield


@contextmanager
def covering(*written: type[models.Model], topics: Iterable[str] = ()) -> Iterator[None]:
    """Says that the statements of the block on the tables of these models concern ``topics`` alone."""
    changes = connection.changes  # type: ignore[attr-defined]
    changes.topics |= {topic: changes.topics.get(topic) for topic in topics}
    tables = [model._meta.db_table for model in written]
    changes.covered.update(tables)
    try:
        yield
    finally:
        changes.covered.subtract(tables)


def statement(sql: str) -> bool:
    """Notes a statement that is about to run; returns whether it writes to a watched table."""
    tables = _written(sql) & _tables
    changes = connection.changes  # type: ignore[attr-defined]
    if any(changes.covered[table] <= 0 for table in tables):
        changes.topics.setdefault(EVERYTHING, None)
    return bool(tables)


def _written(sql: str) -> set[str]:
    """Returns the tables that a statement writes to; only one that begins with WITH may have several."""
    if sql.lstrip()[:4].upper() == "WITH":
        return set(_WRITES.findall(sql))
    found = _WRITES.match(sql)
    return {found[1]} if found else set()


def _collect(row: models.Model) -> None:
    topics_of = _topics_of.get(type(row))
    if topics_of is not None:
        found = connection.changes.topics  # type: ignore[attr-defined]
        for topic in topics_of(row):
            found.setdefault(topic, None)


def _before(instance: models.Model, **kwargs: Any) -> None:
    fields = kwargs.get("update_fields")
    if not fields or not _PRIVATE.issuperset(fields):
        _collect(instance)
    connection.changes.covered[instance._meta.db_table] += 1  # type: ignore[attr-defined]


def _after(instance: models.Model, **kwargs: Any) -> None:
    connection.changes.covered[instance._meta.db_table] -= 1  # type: ignore[attr-defined]
