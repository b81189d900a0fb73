"""The database as one file, and back, by the tools of its own maker."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path

from django.db import DatabaseError, connection

NAMES = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}


class BackupFailed(Exception):
    """Raised when a backup cannot be made or read; says what to do about it."""


def file_name() -> str:
    """Returns the name under which this kind of database stands in a backup."""
    return NAMES[connection.vendor]


def dump(path: Path) -> None:
    """Writes the whole database as of one moment to ``path``, and looks whether it can be read again.

    Raises ``BackupFailed``.
    """
    if connection.vendor == "sqlite":
        _copy(Path(_name()), path)
        _must_be_whole(path)
    else:
        _client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")
        _client("pg_restore", "--list", str(path), is_quiet=True)


def load(path: Path) -> None:
    """Loads a dump into the empty database of the settings, whole or not at all. Raises ``BackupFailed``."""
    if connection.vendor == "sqlite":
        _must_be_whole(path)
        connection.close()
        _copy(path, Path(_name()))
    else:
        _client(
            *("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
            *(f"--dbname={_name()}", str(path)),
        )


def is_empty() -> bool:
    """Whether the database of the settings has no table."""
    return not connection.introspection.table_names()


def _copy(source: Path, target: Path) -> None:
    """Copies by SQLite's own way, which includes what only stands in the log so far."""
    with sqlite3.connect(source) as read, sqlite3.connect(target) as written:
        read.backup(written)
    read.close()
    written.close()


def _must_be_whole(path: Path) -> None:
    # A connection of Django's: indexes use its functions.
    found = connection.copy()
    found.settings_dict["NAME"] = str(path)
    try:
        with found.cursor() as cursor:
            said = cursor.execute("PRAGMA integrity_check").fetchone()[0]
    except DatabaseError as error:
        raise BackupFailed(f"{path.name} is no database: {error}") from error
    finally:
        found.close()
    if said != "ok":
        raise BackupFailed(f"{path.name} is damaged: {said}")


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _client(program: str, *options: str, is_quiet: bool = False) -> None:
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PG_BIN", ""), os.environ["PATH"]]))
    if found is None:
        raise BackupFailed(f"{program} is missing: install PostgreSQL's client of the server's version")
    out = subprocess.DEVNULL if is_quiet else None
    environment = {**os.environ, **_libpq(), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([found, *options], env=environment, stdout=out, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise BackupFailed(f"{program}: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _libpq() -> Mapping[str, str]:
    """Returns where the database is, by the environment: a password is not to be seen in a list of processes."""
    parts = connection.settings_dict
    host = parts.get("HOST") or parts.get("OPTIONS", {}).get("host") or ""
    known = {
        "PGDATABASE": parts["NAME"],
        "PGUSER": parts.get("USER"),
        "PGPASSWORD": parts.get("PASSWORD"),
        "PGHOST": host,
        "PGPORT": parts.get("PORT"),
    }
    return {name: str(value) for name, value in known.items() if value}
