"""Encrypts all encrypted columns with the newest key, and writes their blind indexes anew.

The columns are found in the schema. Each batch is a transaction of its own; a row is written only if its value
is still the one that was read, so that what the application writes meanwhile is never lost. Killed in the
middle, it is simply run again: values that are as they should be are left alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import connection, migrations, models, transaction
from django.db.utils import IntegrityError

from community.core import changes
from community.core.encryption import (
    BlindIndexField,
    Encrypted,
    blind_index,
    blind_indexes,
    decrypt,
    encrypt,
    is_newest,
    key_names,
    looks_sealed,
)

BATCH = 500
IN_CLEAR, UNKNOWN = "in clear", "unknown key"


@dataclass(frozen=True)
class Source:
    """A column whose values are encrypted, and the name to which they are bound.

    ``within``: values of the JSON object in the column are encrypted, one by one. ``model`` is None for a table
    of the migrations' past.
    """

    table: str
    key: str
    column: str
    bound_to: str
    was_clear: bool = False
    within: bool = False
    model: type[models.Model] | None = None

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


# Columns of packages that our own code encrypts: sessions, and the secrets of second factors.
OF_PACKAGES = (
    Source("django_session", "session_key", "session_data", "django_session.session_data"),
    Source("mfa_authenticator", "id", "data", "mfa_authenticator.data", within=True),
)


def sources() -> list[Source]:
    """Returns every encrypted column of the schema."""
    found = [
        Source(
            table=model._meta.db_table,
            key=str(model._meta.pk.column),
            column=str(field.column),
            bound_to=field.sealed_for,
            was_clear=field.was_clear,
            model=model,
        )
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if isinstance(field, Encrypted)
    ]
    return [*found, *OF_PACKAGES]


def _batches(source: Source) -> Iterator[list[tuple[Any, str]]]:
    """Yields keys and stored values, in the order of the keys."""
    key, column, table = (connection.ops.quote_name(one) for one in (source.key, source.column, source.table))
    text = f"CAST({column} AS text)" if source.within else column
    select = f"SELECT {key}, {text} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
    if not source.within:
        select += f" AND {column} <> ''"
    after: list[Any] = []
    while True:
        where = f" AND {key} > %s" if after else ""
        with connection.cursor() as cursor:
            cursor.execute(f"{select}{where} ORDER BY {key} LIMIT {BATCH}", after)
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = [rows[-1][0]]


def _renewed(source: Source, stored: str) -> str:
    """Returns the stored value under the newest key; the same one if it is, or if it cannot be read."""
    if source.within:
        return _renewed_within(source, stored)
    if not looks_sealed(stored):
        return encrypt(stored, column=source.bound_to) if source.was_clear else stored
    if is_newest(stored, column=source.bound_to):
        return stored
    try:
        return encrypt(decrypt(stored, column=source.bound_to), column=source.bound_to)
    except (KeyError, InvalidTag, ValueError):
        return stored


def _renewed_within(source: Source, stored: str) -> str:
    data = json.loads(stored)
    one = Source(source.table, source.key, source.column, source.bound_to)
    renewed = {
        name: _renewed(one, value) if isinstance(value, str) else value for name, value in data.items()
    }
    return stored if renewed == data else json.dumps(renewed)


def _cleared(source: Source, stored: str) -> str:
    return decrypt(stored, column=source.bound_to) if looks_sealed(stored) else stored


def rewrite(source: Source, value_of: Callable[[Source, str], str]) -> Iterator[int]:
    """Writes ``value_of`` each stored value into the column; yields the number of rows read after each batch."""
    key, column, table = (connection.ops.quote_name(one) for one in (source.key, source.column, source.table))
    cast = "CAST(%s AS jsonb)" if source.within and connection.vendor == "postgresql" else "%s"
    same = f"CAST({column} AS text) = %s" if source.within else f"{column} = %s"
    update = f"UPDATE {table} SET {column} = {cast} WHERE {key} = %s AND {same}"  # noqa: S608
    for rows in _batches(source):
        pairs = [(value_of(source, stored), pk, stored) for pk, stored in rows]
        changed = [pair for pair in pairs if pair[0] != pair[2]]
        if changed:
            with transaction.atomic(), ExitStack() as stack:
                # Pages show the same as before.
                if source.model is not None:
                    stack.enter_context(changes.covering(source.model))
                with connection.cursor() as cursor:
                    cursor.executemany(update, changed)
        yield len(rows)


def reseal(source: Source) -> Iterator[int]:
    """Encrypts the column with the newest key; yields the number of rows read after each batch."""
    return rewrite(source, _renewed)


def keys_in_use(source: Source) -> Counter[str]:
    """Returns how many values of the column name each key of FIELD_KEYS, are in clear, or name another key."""
    found: Counter[str] = Counter()
    for rows in _batches(source):
        for _pk, stored in rows:
            values = json.loads(stored).values() if source.within else [stored]
            found.update(_key_of(value) for value in values if not source.within or _is_sealed(value))
    return found


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and looks_sealed(value)


def _key_of(stored: str) -> str:
    if not looks_sealed(stored):
        return IN_CLEAR
    name = stored.partition(":")[0].partition("/")[0]
    return name if name in key_names() else UNKNOWN


def indexed_columns() -> list[tuple[type[models.Model], BlindIndexField]]:
    """Returns every blind index of the schema with its model."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, BlindIndexField)
    ]


def reindex(model: type[models.Model], field: BlindIndexField) -> Iterator[int]:
    """Writes blind indexes of rows that have the former one; yields the number of rows read after each batch.

    All columns with the same value change in one transaction, so that rows which belong together by it are
    found together. A row that would break a constraint keeps its former index.
    """
    others = indexed_columns()
    rows = model._base_manager.order_by("pk").exclude(**{f"{field.of}__exact": ""})
    after: Any = None
    while True:
        some = rows.filter(pk__gt=after) if after is not None else rows
        batch = list(some.values_list("pk", field.attname, field.of)[:BATCH])
        if not batch:
            return
        for _pk, stored, value in batch:
            new, *former = blind_indexes(str(value or ""))
            if stored in former:
                _replace_index(others, stored, new)
        after = batch[-1][0]
        yield len(batch)


def _replace_index(columns: list[tuple[type[models.Model], BlindIndexField]], old: str, new: str) -> None:
    try:
        with transaction.atomic(), changes.covering(*{model for model, _field in columns}):
            for model, field in columns:
                model._base_manager.filter(**{field.attname: old}).update(**{field.attname: new})
    except IntegrityError:
        return


def former_indexes(model: type[models.Model], field: BlindIndexField) -> int:
    """Returns how many rows still have an index of the former key."""
    rows = model._base_manager.exclude(**{f"{field.of}__exact": ""}).values_list(field.attname, field.of)
    return sum(1 for stored, value in rows.iterator() if value and stored in blind_indexes(str(value))[1:])


def encrypt_columns(table: str, *columns: str, key: str = "id") -> migrations.RunPython:
    """Encrypts columns that were in clear, in a migration with ``atomic = False``; killed, it goes on when it is
    run again. Undone, it writes them in clear.
    """
    found = [Source(table, key, column, f"{table}.{column}", was_clear=True) for column in columns]

    def forwards(_apps: Any, _editor: Any) -> None:
        for source in found:
            for _count in reseal(source):
                pass

    def backwards(_apps: Any, _editor: Any) -> None:
        for source in found:
            for _count in rewrite(source, _cleared):
                pass

    return migrations.RunPython(forwards, backwards)


def fill_index(table: str, index: str, *, of: str, key: str = "id") -> migrations.RunPython:
    """Writes the blind index of a column in the same way; needs nothing to be undone."""
    source = Source(table, key, of, f"{table}.{of}", was_clear=True)
    update = f'UPDATE {table} SET "{index}" = %s WHERE "{key}" = %s'  # noqa: S608

    def forwards(_apps: Any, _editor: Any) -> None:
        for rows in _batches(source):
            indexes = [(blind_index(_cleared(source, stored)), pk) for pk, stored in rows]
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(update, indexes)

    return migrations.RunPython(forwards, migrations.RunPython.noop)
