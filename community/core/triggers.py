"""Compares the triggers of append-only tables in the database with those that the migrations create."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from community.core.append_only import TriggerSQL

TRIGGER = re.compile(
    r"CREATE TRIGGER (?P<name>\w+)\s+(?P<when>BEFORE|AFTER)\s+(?P<events>\w+(?:\s+OR\s+\w+)*)\s+ON\s+(?P<table>\w+)"
)
FUNCTION = re.compile(r"CREATE FUNCTION (?P<name>\w+)\(\).*?\$\$(?P<body>.*)\$\$", re.DOTALL)
CALLED = re.compile(r"EXECUTE FUNCTION (\w+)\(\)")
CONDITION = re.compile(r"\bWHEN\s+(.*?)\s*EXECUTE FUNCTION", re.DOTALL)
# Bits of ``pg_trigger.tgtype``.
BITS = {"ROW": 1, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
# Those that fire in an ordinary session: "origin" and "always".
ENABLED = ("O", "A")
FOUND = """
    SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype, p.proname, p.prosrc, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relname = ANY(%s) AND pg_table_is_visible(c.oid)
"""
SETTINGS = """
    SELECT unnest(setconfig) FROM pg_db_role_setting
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class Key(NamedTuple):
    table: str
    name: str


def wrong_triggers() -> Iterator[str]:
    """Returns what is wrong with the triggers, a sentence each: missing, changed, disabled or not ours."""
    statements = declared()
    yield from _on_postgresql(statements) if connection.vendor == "postgresql" else _on_sqlite(statements)


def declared() -> list[str]:
    """Returns the statements about triggers in all migrations, in the order of their names."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return [
        statement
        for key in sorted(loader.disk_migrations)
        for operation in loader.disk_migrations[key].operations
        if isinstance(operation, TriggerSQL)
        for statement in operation.statements[connection.vendor]
    ]


def _on_sqlite(statements: list[str]) -> Iterator[str]:
    expected = {_key(found): statement for statement, found in _triggers(statements)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = {Key(table, name): sql for table, name, sql in cursor.fetchall()}
    yield from _missing(set(expected), set(there))
    for key in sorted(expected.keys() & there.keys()):
        if _bare(expected[key]) != _bare(there[key]):
            yield f"Trigger {key.name} of {key.table} was changed."


def _on_postgresql(statements: list[str]) -> Iterator[str]:
    expected = {_key(found): (statement, found) for statement, found in _triggers(statements)}
    bodies = {found["name"]: found["body"] for found in map(FUNCTION.search, statements) if found is not None}
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [sorted({key.table for key in expected})])
        there = {Key(row[0], row[1]): row[2:] for row in cursor.fetchall()}
        cursor.execute(SETTINGS)
        settings = [value for (value,) in cursor.fetchall()]
    yield from _missing(set(expected), set(there))
    for key in sorted(expected.keys() & there.keys()):
        enabled, kind, function, body, definition = there[key]
        statement, found = expected[key]
        called = CALLED.search(statement)
        if enabled not in ENABLED:
            yield f"Trigger {key.name} of {key.table} is disabled."
        elif (
            kind != _bits(statement, found)
            or called is None
            or function != called[1]
            or body != bodies.get(function)
            or _condition(definition) != _condition(statement)
            or " UPDATE OF " in definition
        ):
            yield f"Trigger {key.name} of {key.table} was changed."
    for value in settings:
        if value.startswith("session_replication_role=") and not value.endswith("=origin"):
            yield f"Triggers do not fire with the setting {value} of a role or the database."


def _missing(expected: set[Key], there: set[Key]) -> Iterator[str]:
    tables = {key.table for key in expected}
    for key in sorted(expected - there):
        yield f"Trigger {key.name} of {key.table} is missing."
    for key in sorted(there - expected):
        if key.table in tables:
            yield f"Trigger {key.name} of {key.table} is none of ours."


def _triggers(statements: list[str]) -> Iterator[tuple[str, "re.Match[str]"]]:
    return ((statement, found) for statement in statements if (found := TRIGGER.search(statement)))


def _key(found: "re.Match[str]") -> Key:
    return Key(found["table"], found["name"])


def _bits(statement: str, found: "re.Match[str]") -> int:
    words = [found["when"], *re.split(r"\s+OR\s+", found["events"])]
    if "FOR EACH ROW" in statement:
        words.append("ROW")
    return reduce(lambda bits, word: bits | BITS.get(word, 0), words, 0)


def _condition(definition: str) -> str:
    """Returns the condition of a trigger without the brackets and types that the database adds."""
    found = CONDITION.search(definition)
    return _bare(re.sub(r"::\w+|[()]", "", found[1])) if found else ""


def _bare(text: str) -> str:
    return re.sub(r'[\s"]+', " ", text).strip().lower()
