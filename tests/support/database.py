"""Test database: migrated once, cached by the hash of its migrations, and copied for each process of a run.

Migrating takes half a minute, copying the file (or ``CREATE DATABASE … TEMPLATE``) a moment. The cache is in
``LINLI_TEST_CACHE``, else in the user's cache folder: on SQLite the file, on PostgreSQL a dump.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from tests.support import backing

KEPT_AT_MOST = 4


def make() -> None:
    """Creates this process's own database."""
    backing.once("database", _migrate)
    _use(original())
    connection.creation.clone_test_db(_suffix(), verbosity=0, autoclobber=True)
    _use(connection.creation.get_test_db_clone_settings(_suffix())["NAME"])


def drop() -> None:
    """Drops this process's own database."""
    _use(original())
    _cut_others_off(connection.creation.get_test_db_clone_settings(_suffix())["NAME"])
    connection.creation.destroy_test_db(suffix=_suffix(), verbosity=0)


@contextmanager
def demo_estate() -> Iterator[None]:
    """Runs tests on a copy of the demo estate, which is loaded once a run; restores the own database
    afterwards.
    """
    own = connection.settings_dict["NAME"]
    backing.once("demo", _load_demo)
    demo = _use_demo()
    connection.creation.clone_test_db(_suffix(), verbosity=0, autoclobber=True)
    copy = connection.creation.get_test_db_clone_settings(_suffix())["NAME"]
    shutil.copytree(_demo_media(), settings.STORAGES["default"]["OPTIONS"]["location"], dirs_exist_ok=True)
    _use(copy)
    try:
        yield
    finally:
        _use(demo)
        _cut_others_off(copy)
        connection.creation.destroy_test_db(suffix=_suffix(), verbosity=0)
        _use(own)


def _load_demo() -> None:
    _use(original())
    connection.creation.clone_test_db("demo", verbosity=0, autoclobber=True)
    _use_demo()
    media = settings.STORAGES["default"] | {"OPTIONS": {"location": str(_demo_media()), "base_url": None}}
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        asked.append(sql)
        return execute(sql, *given)

    there = override_settings(DEMO=True, STORAGES=settings.STORAGES | {"default": media})
    with there, connection.execute_wrapper(count):
        call_command("load_demo")
    (backing.run_folder() / "demo.statements").write_text(str(len(asked)))
    connection.close()


def demo_statements() -> int:
    """Returns the number of statements that loading the demo estate took."""
    return int((backing.run_folder() / "demo.statements").read_text())


def _use_demo() -> str:
    """Connects to the database with the demo estate; returns its name, on SQLite its file."""
    _use(original())
    _use(str(connection.creation.get_test_db_clone_settings("demo")["NAME"]))
    return str(connection.settings_dict["NAME"])


def _demo_media() -> Path:
    return backing.run_folder() / "demo-media"


@contextmanager
def empty() -> Iterator[None]:
    """Runs a block on a database without a table; restores the own one afterwards."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_empty"
    if connection.vendor == "postgresql":
        quoted = connection.ops.quote_name(name)
        connection.close()
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
            cursor.execute(f"CREATE DATABASE {quoted}")
    _use(name)
    try:
        yield
    finally:
        _use(own)
        if connection.vendor == "postgresql":
            _cut_others_off(name)
            with connection.creation._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {quoted}")
        else:
            Path(name).unlink(missing_ok=True)


def rows() -> dict[str, list[str]]:
    """Returns every row of every table, written out, in an order of their own."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def drop_original() -> None:
    """Drops the database that the processes have copied."""
    if (backing.run_folder() / "demo.made").exists():
        _use_demo()
        connection.creation.destroy_test_db(verbosity=0)
    if (backing.run_folder() / "database.made").exists():
        _use(original())
        connection.creation.destroy_test_db(verbosity=0)


def _cut_others_off(name: str) -> None:
    """Ends other connections to the database: PostgreSQL drops none in use, for example by a socket's last
    query.
    """
    if connection.vendor == "postgresql":
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )


def _migrate() -> None:
    """Restores the cached database for these migrations, or migrates and caches a new one.

    ``migrate`` runs in either case, so that content types and rights are those of the present code.
    """
    file = kept()
    restored = file.exists() and _restore(file)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=restored)
    connection.close()
    if not restored:
        _keep(file)
    _keep_statistics_still()
    connection.close()


def kept() -> Path:
    """Returns the cached copy of the migrated database: on SQLite its file, on PostgreSQL a dump."""
    return _cache_folder() / f"{connection.vendor}-{_hash_of_migrations()}"


def _cache_folder() -> Path:
    named = os.environ.get("LINLI_TEST_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "linli-tests"


def _hash_of_migrations() -> str:
    """Returns a hash of all migrations, those of packages included, and of the database's version."""
    digest = hashlib.sha256(str(connection.get_database_version()).encode())
    for path in _migrations():
        digest.update(path.parent.parent.name.encode() + path.name.encode() + path.read_bytes())
    connection.close()
    return digest.hexdigest()[:16]


def _migrations() -> Iterator[Path]:
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        yield from sorted((Path(config.path) / "migrations").glob("*.py"))


def _keep(kept: Path) -> None:
    """Caches the migrated database atomically and deletes the oldest caches."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    being_written = kept.with_suffix(f".{os.getpid()}")
    if connection.vendor == "sqlite":
        shutil.copyfile(original(), being_written)
    elif not _run_client("pg_dump", "--format=custom", f"--file={being_written}", original()):
        being_written.unlink(missing_ok=True)
        return
    being_written.replace(kept)
    of_this_kind = kept.parent.glob(f"{connection.vendor}-*")
    for old in sorted(of_this_kind, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_AT_MOST:]:
        old.unlink(missing_ok=True)


def _restore(kept: Path) -> bool:
    os.utime(kept)
    if connection.vendor == "sqlite":
        shutil.copyfile(kept, original())
        return True
    with connection.creation._nodb_cursor() as cursor:
        quoted = connection.ops.quote_name(original())
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted}")
    return _run_client("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={original()}", str(kept))


def _run_client(program: str, *arguments: str) -> bool:
    """Runs a client program of PostgreSQL, from the wheel or installed; returns False if there is none that
    works.
    """
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PG_BIN", ""), os.environ["PATH"]]))
    if found is None:
        return False
    database = connection.settings_dict
    names = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"]}
    names |= {
        "PGPASSWORD": database["PASSWORD"],
        "PGHOST": database["OPTIONS"].get("host") or database["HOST"],
    }
    environment = os.environ | {name: str(value) for name, value in names.items() if value}
    return subprocess.run([found, *arguments], env=environment, capture_output=True).returncode == 0


def _keep_statistics_still() -> None:
    """Disables autovacuum on PostgreSQL's tables, here and in the copies.

    Between two tests it counts pages full of rolled-back rows, so estimates tables as empty and plans the
    next test's joins row by row: a search among 1,000 homes took minutes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(
                    f"ALTER TABLE {connection.ops.quote_name(table)} SET (autovacuum_enabled = off)"
                )


def original() -> str:
    """Returns the name of the database that the processes have copied; on SQLite its file."""
    return str(settings.DATABASES["default"]["TEST"]["NAME"])


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _suffix() -> str:
    return backing.WORKER or "main"
