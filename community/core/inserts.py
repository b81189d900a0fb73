"""Inserts rows that a query selects, in one statement: ``INSERT INTO … SELECT … ON CONFLICT …``.

Django's ``bulk_create`` takes the values through Python, which costs several times as much for thousands of
rows. Here the database takes them from its own tables. Fields that are not named get their defaults, as from
``bulk_create``; triggers and constraints apply as to any insert.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Field, UniqueConstraint, Value
from django.db.models.expressions import RawSQL


def insert_rows(
    model: type[models.Model], rows: "models.QuerySet[Any]", values: Mapping[str, Any], *, once: str = ""
) -> int:
    """Inserts one row of ``model`` for each of ``rows``; returns how many were inserted.

    ``values`` has plain values and expressions over ``rows`` by the names of fields. ``once`` is the name of
    the unique constraint of which a second row is left out; every other conflict raises ``IntegrityError``,
    so that no row is lost unseen.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_statement(model, rows, values, once))
        return int(cursor.rowcount)


def insert_returning(
    model: type[models.Model], rows: "models.QuerySet[Any]", values: Mapping[str, Any], *, once: str = ""
) -> list[int]:
    """Inserts as ``insert_rows`` does; returns the keys of the rows that were inserted."""
    statement, params = _statement(model, rows, values, once)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {_column(model, 'id')}", params)
        return [pk for (pk,) in cursor.fetchall()]


def insert_values(
    model: type[models.Model], fixed: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, once: str = ""
) -> int:
    """Inserts one row of ``model`` for each of ``rows``, in one statement; returns how many were inserted.

    For values that the database cannot make by itself, such as encrypted ones. ``fixed`` are the values that all
    rows have; ``rows`` all have the same names. Fields that are not named get their defaults. ``once`` as in
    ``insert_rows``.
    """
    if not rows:
        return 0
    fields = {field.name: field for field in model._meta.concrete_fields if not field.primary_key}
    each = list(rows[0])
    same = {name: fixed.get(name, field.get_default()) for name, field in fields.items() if name not in each}
    prepared = [[fields[name].get_db_prep_save(row[name], connection) for name in each] for row in rows]
    params = [fields[name].get_db_prep_save(value, connection) for name, value in same.items()]
    if connection.vendor == "postgresql":
        chosen = [f"CAST(%s AS {fields[name].db_type(connection)})" for name in same] + ["given.*"]
        arrays = ", ".join(f"%s::{fields[name].db_type(connection)}[]" for name in each)
        source = f"unnest({arrays}) AS given"
        params += [list(column) for column in zip(*prepared, strict=True)]
    else:
        chosen = ["%s"] * len(same) + [f"json_extract(value, '$[{place}]')" for place in range(len(each))]
        source = "json_each(%s)"
        params.append(json.dumps(prepared))
    columns = ", ".join(_column(model, name) for name in [*same, *each])
    table = connection.ops.quote_name(model._meta.db_table)
    # Without a condition SQLite would read ON as part of a join.
    statement = f"INSERT INTO {table} ({columns}) SELECT {', '.join(chosen)} FROM {source} WHERE true"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {_left_out(model, once)}", params)
        return int(cursor.rowcount)


def keys_in(pks: Sequence[int]) -> RawSQL:
    """Returns these keys for ``filter(pk__in=…)`` as one parameter instead of thousands, which Django and the
    database would each read one by one.
    """
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(pks)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(pks))])


def number_of(column: str, numbers: Mapping[int, int]) -> RawSQL:
    """Returns the number of each row's key, in the column of our own ``column`` (``"fees_bill"."id"``), for an
    UPDATE of rows with a number each.

    The numbers are one parameter. Every row of the statement must have one.
    """
    packed = json.dumps({str(key): value for key, value in numbers.items()})
    if connection.vendor == "postgresql":
        return RawSQL(f"(%s::jsonb ->> {column}::text)::bigint", [packed])  # noqa: S611
    return RawSQL(f"json_extract(%s, '$.\"' || {column} || '\"')", [packed])  # noqa: S611


def _statement(
    model: type[models.Model], rows: "models.QuerySet[Any]", values: Mapping[str, Any], once: str
) -> tuple[str, tuple[Any, ...]]:
    """Returns the statement and its parameters."""
    # The database gives the key.
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    if unknown := set(values) - {field.name for field in fields}:
        raise ValueError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    # Names of their own: an annotation must not be called like a field of the rows' model.
    chosen = {f"new_{field.name}": _expression(field, values) for field in fields}
    select, params = rows.annotate(**chosen).values_list(*chosen).query.sql_with_params()
    columns = ", ".join(_column(model, field.name) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) {select}"
    return f"{statement} {_left_out(model, once)}".strip(), params


def _expression(field: "Field[Any, Any]", values: Mapping[str, Any]) -> Any:
    value = values[field.name] if field.name in values else field.get_default()
    return value if hasattr(value, "resolve_expression") else Value(value, output_field=field)


def _left_out(model: type[models.Model], once: str) -> str:
    """Returns the clause that leaves out second rows of the constraint ``once``; none without it.

    It names columns and condition of the constraint: a bare ``ON CONFLICT DO NOTHING`` would also swallow
    rows that break any other one.
    """
    if not once:
        return ""
    named = (one for one in model._meta.constraints if one.name == once)
    constraint = next((one for one in named if isinstance(one, UniqueConstraint)), None)
    if constraint is None:
        raise ValueError(f"{model.__name__} has no unique constraint {once}")
    target = ", ".join(_column(model, name) for name in constraint.fields)
    # SQLite finds a partial index only by the very text of its condition, as the migration wrote it.
    text_of = constraint._get_condition_sql  # type: ignore[attr-defined]  # noqa: SLF001
    condition = text_of(model, connection.schema_editor())
    where = f" WHERE {condition}" if condition else ""
    return f"ON CONFLICT ({target}){where} DO NOTHING"


def _column(model: type[models.Model], name: str) -> str:
    column: str = model._meta.get_field(name).column  # type: ignore[union-attr, assignment]
    return connection.ops.quote_name(column)
