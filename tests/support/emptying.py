"""Empties the tables after a test that commits, much faster than Django's flush.

A flush empties each of a hundred tables and creates content types and rights again. The first one of a
process is Django's own; its result is stored, and later ones restore it.
"""

import sqlite3
from typing import Any

from django.db import connection
from django.test import TransactionTestCase

# Size in bytes above which a PostgreSQL table is truncated: deleted rows stay in its files.
LARGEST = 2 * 1024 * 1024
_django_empties = TransactionTestCase._fixture_teardown


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty


def _empty(test: TransactionTestCase) -> None:
    connection.ensure_connection()
    kept = KEPT[connection.vendor]
    if not kept.put_back():
        _django_empties(test)
        kept.remember()


class _Copy:
    """Copy of the whole SQLite file in memory: restoring it only writes pages and fires no triggers."""

    def __init__(self) -> None:
        self.copy: sqlite3.Connection | None = None

    def remember(self) -> None:
        self.copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(self.copy)

    def put_back(self) -> bool:
        if self.copy is None:
            return False
        # Sequences are not reset, so that cached values of one test never match rows of another.
        numbers = "SELECT seq, name FROM sqlite_sequence"
        with connection.cursor() as cursor:
            used = cursor.execute(numbers).fetchall()
        self.copy.backup(connection.connection)
        with connection.cursor() as cursor:
            known = {name for _seq, name in cursor.execute(numbers).fetchall()}
            cursor.executemany("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", used)
            fresh = [pair for pair in used if pair[1] not in known]
            cursor.executemany("INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", fresh)
        return True


class _Rows:
    """Rows of the PostgreSQL tables that are not empty; all other tables are emptied.

    Restores without the triggers that protect the ledger and the audit record, which only a superuser may
    disable.
    """

    def __init__(self) -> None:
        self.hashes: dict[str, str] = {}

    def remember(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone()[0]:
                self.hashes = self._hashes(cursor, self._filled(cursor))

    def put_back(self) -> bool:
        if not self.hashes:
            return False
        with connection.cursor() as cursor:
            dirty = self._filled(cursor) - set(self.hashes)
            if (
                self._hashes(cursor, set(self.hashes)) != self.hashes
                or self._largest(cursor, dirty) > LARGEST
            ):
                return False
            if dirty:
                deletes = "".join(f"DELETE FROM {connection.ops.quote_name(name)};" for name in sorted(dirty))
                cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT;")
        return True

    def _filled(self, cursor: Any) -> set[str]:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        asked = " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(name)})"
            for name in names
        )
        cursor.execute(asked)
        return {name for (name,) in cursor.fetchall()}

    def _hashes(self, cursor: Any, names: set[str]) -> dict[str, str]:
        """Returns a hash of all rows in these tables."""
        asked = " UNION ALL ".join(
            f"SELECT '{name}', coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '')"
            f" FROM {connection.ops.quote_name(name)} t"
            for name in sorted(names)
        )
        cursor.execute(asked)
        return dict(cursor.fetchall())

    def _largest(self, cursor: Any, names: set[str]) -> int:
        cursor.execute(
            "SELECT coalesce(max(pg_total_relation_size(oid)), 0) FROM pg_class"
            " WHERE relkind = 'r' AND relname = ANY(%s)",
            [list(names)],
        )
        return int(cursor.fetchone()[0])


KEPT: dict[str, _Copy | _Rows] = {"sqlite": _Copy(), "postgresql": _Rows()}
