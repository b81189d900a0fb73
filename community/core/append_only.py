"""Migration operations for triggers with which the database refuses to change or delete rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import migrations


class TriggerSQL(migrations.RunPython):
    """Statements for the database that runs the migration, and those that undo them.

    ``statements`` are kept by vendor, so that ``manage.py check_audit`` can compare the database's triggers
    with those that the migrations create (``community/core/triggers.py``).
    """

    def __init__(
        self,
        sqlite: Sequence[str],
        postgresql: Sequence[str],
        undo_sqlite: Sequence[str],
        undo_postgresql: Sequence[str],
    ) -> None:
        super().__init__(_run(sqlite, postgresql), _run(undo_sqlite, undo_postgresql))
        self.statements = {"sqlite": sqlite, "postgresql": postgresql}


def append_only(prefix: str, tables: Sequence[str], refused: str, *, only_if: str = "") -> TriggerSQL:
    """Refuses UPDATE and DELETE on ``tables`` with the error ``refused``.

    ``prefix`` begins the triggers' names; on PostgreSQL one function serves all of them. ``only_if`` is a
    condition on the row as it was: ``OLD.status = 'signed'``.
    """
    when = f"WHEN ({only_if}) " if only_if else ""
    several = len(tables) > 1

    def named(table: str, what: str) -> str:
        return f"{prefix}_no_{what}_{table}" if several else f"{prefix}_no_{what}"

    sqlite, postgresql = (
        [],
        [
            f"CREATE FUNCTION {prefix}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refused}'; END $$"
        ],
    )
    undo_sqlite, undo_postgresql = [], []
    for table in tables:
        for verb in ("UPDATE", "DELETE"):
            trigger = named(table, verb.lower())
            sqlite.append(
                f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} {when}"
                f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
            )
            undo_sqlite.append(f"DROP TRIGGER {trigger}")
        trigger = named(table, "change")
        postgresql.append(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW {when}EXECUTE FUNCTION {prefix}_refuse()"
        )
        undo_postgresql.append(f"DROP TRIGGER {trigger} ON {table}")
    undo_postgresql.append(f"DROP FUNCTION {prefix}_refuse()")
    return in_sql(sqlite, postgresql, undo_sqlite, undo_postgresql)


def no_replacing(prefix: str, keys: Mapping[str, Sequence[str]], refused: str) -> TriggerSQL:
    """Refuses statements that delete rows without firing the triggers of ``append_only``.

    SQLite's REPLACE fires no DELETE trigger unless the connection enables it, as ours do, so an existing key
    is refused before the insert. PostgreSQL's TRUNCATE fires no row trigger. ``keys`` names the unique
    columns of each table.
    """
    sqlite, undo_sqlite, postgresql, undo_postgresql = [], [], [], []
    for table, columns in keys.items():
        trigger = f"{prefix}_no_replace_{table}"
        same = " OR ".join(f"{column} = NEW.{column}" for column in columns)
        is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  (names of a migration)
        sqlite.append(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} "
            f"WHEN {is_there} BEGIN SELECT RAISE(ABORT, '{refused}'); END"
        )
        undo_sqlite.append(f"DROP TRIGGER {trigger}")
        trigger = f"{prefix}_no_truncate_{table}"
        postgresql.append(
            f"CREATE TRIGGER {trigger} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {prefix}_refuse()"
        )
        undo_postgresql.append(f"DROP TRIGGER {trigger} ON {table}")
    return in_sql(sqlite, postgresql, undo_sqlite, undo_postgresql)


def in_sql(
    sqlite: Sequence[str],
    postgresql: Sequence[str],
    undo_sqlite: Sequence[str],
    undo_postgresql: Sequence[str],
) -> TriggerSQL:
    """Returns an operation of statements for the database that runs it, and those that undo them."""
    return TriggerSQL(sqlite, postgresql, undo_sqlite, undo_postgresql)


def _run(sqlite: Sequence[str], postgresql: Sequence[str]) -> Any:
    def run(apps: Any, schema_editor: Any) -> None:
        for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
            schema_editor.execute(statement)

    return run
