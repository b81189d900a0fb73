"""Many rows from one: a factory makes the first, the database copies it (PostgreSQL)."""

from django.db import connection, models


def clone(row: models.Model, times: int, *, source: str = "", **expressions: str) -> int:
    """Copies ``row`` ``times`` times in one statement and returns how many rows were written.

    An expression of SQL replaces the value of a column; in it, ``n`` is the number of the copy, from 1.
    ``source`` joins further tables: ``JOIN pairs ON pairs.i = n % 100``.
    """
    table, fields = row._meta.db_table, row._meta.concrete_fields
    key = row._meta.pk
    columns = [field.column for field in fields if field is not key or field.column in expressions]
    taken = [expressions.get(column, f"t.{connection.ops.quote_name(column)}") for column in columns]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        # Foreign keys of copies point where those of the row do, or to rows that were just read.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(taken)} FROM {table} t "
            f"CROSS JOIN generate_series(1, {times}) AS numbers(n) {source} "
            f"WHERE t.{key.column} = '{row.pk}'"
        )
        written = cursor.rowcount
        cursor.execute("SET session_replication_role = DEFAULT")
        return written
