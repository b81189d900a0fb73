"""The test database: migrated once a run, and copied for each process of it.

Migrating takes half a minute, copying the file (or ``CREATE DATABASE … TEMPLATE``) a moment.
"""

from django.conf import settings
from django.db import connection

from tests.support import backing


def make() -> None:
    """This process's own database."""
    backing.once("database", _migrate)
    _use(original())
    connection.creation.clone_test_db(_suffix(), verbosity=0, autoclobber=True)
    _use(connection.creation.get_test_db_clone_settings(_suffix())["NAME"])


def drop() -> None:
    """Drop this process's own."""
    _use(original())
    _cut_others_off(connection.creation.get_test_db_clone_settings(_suffix())["NAME"])
    connection.creation.destroy_test_db(suffix=_suffix(), verbosity=0)


def drop_original() -> None:
    """Drop what the processes have copied."""
    if (backing.run_folder() / "database.made").exists():
        _use(original())
        connection.creation.destroy_test_db(verbosity=0)


def _cut_others_off(name: str) -> None:
    """PostgreSQL drops nothing that somebody is connected to: a socket's last query, say."""
    if connection.vendor == "postgresql":
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )


def _migrate() -> None:
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    _keep_statistics_still()
    connection.close()


def _keep_statistics_still() -> None:
    """No autovacuum on PostgreSQL's tables, here and in the copies.

    Between two tests it counts a table's pages as full of rows taken back, so of no row at all, and
    plans each join of the next test row by row: a search among 1,000 homes took minutes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(
                    f"ALTER TABLE {connection.ops.quote_name(table)} SET (autovacuum_enabled = off)"
                )


def original() -> str:
    """The name of what the processes have copied; on SQLite its file."""
    return str(settings.DATABASES["default"]["TEST"]["NAME"])


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _suffix() -> str:
    return backing.WORKER or "main"
