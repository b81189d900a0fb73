"""Alters append-only tables as somebody who owns them can, for tests of what is found afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from community.core import audit
from community.core.models import AuditRecord


def make_records(count: int) -> list[int]:
    """Records so many acts; returns their numbers, ascending."""
    for number in range(count):
        audit.record("thing.done", by=None, number=number)
    return sorted(AuditRecord.objects.order_by("-pk").values_list("pk", flat=True)[:count])


def in_sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@contextmanager
def triggers_off(table: str = "core_auditrecord") -> Iterator[None]:
    """Puts the table's triggers aside and back again, so that nothing but the rows tells of it."""
    if connection.vendor == "postgresql":
        # Pending checks of foreign keys would block changing the table.
        in_sql(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        in_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    with connection.cursor() as cursor:
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        triggers = cursor.execute(asked, [table]).fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _name, sql in triggers:
        in_sql(sql)


def check_audit(*arguments: str) -> tuple[int, list[str]]:
    """Runs the command; returns its exit code and the lines that it printed."""
    out, code = StringIO(), 0
    try:
        call_command("check_audit", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, out.getvalue().splitlines()
