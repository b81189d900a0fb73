from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from community.core import audit
from community.core.models import AuditRecord
from tests.factories import make_user


@pytest.fixture
def record(db: None) -> AuditRecord:
    person = make_user()
    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3")
    audit.record("thing.done", by=person, target=person, estate_id=7, request=request, number=1)
    return AuditRecord.objects.get()


def test_record__says_who_what_when_from_where_and_the_outcome(record: AuditRecord) -> None:
    assert record.actor is not None
    assert record.target == f"accounts.user:{record.actor.pk}"
    assert (record.action, record.outcome, record.address) == ("thing.done", "ok", "10.1.2.3")
    assert (record.estate_id_number, record.detail) == (7, {"number": 1})
    assert record.at is not None


def test_record__by_the_application__cannot_be_changed_or_removed(record: AuditRecord) -> None:
    record.outcome = "other"
    with pytest.raises(TypeError):
        record.save()
    with pytest.raises(TypeError):
        record.delete()
    with pytest.raises(TypeError):
        AuditRecord.objects.update(outcome="other")
    with pytest.raises(TypeError):
        AuditRecord.objects.filter(pk=record.pk).delete()
    with pytest.raises(TypeError):
        AuditRecord.objects.bulk_update([record], ["outcome"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditrecord SET outcome = 'other'",
        "DELETE FROM core_auditrecord",
        "DELETE FROM core_auditrecord WHERE id = (SELECT min(id) FROM core_auditrecord)",
    ],
)
def test_record__by_raw_sql__is_refused_by_the_database(record: AuditRecord, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditRecord.objects.get().outcome == "ok"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE is SQLite's")
@pytest.mark.parametrize("program", ["ours", "another"])
def test_record__by_replace__is_refused_by_the_database(record: AuditRecord, program: str) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA recursive_triggers").fetchone() == (1,)
        if program == "another":
            cursor.execute("PRAGMA recursive_triggers = OFF")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(
                "REPLACE INTO core_auditrecord (id, action, target, outcome, detail, at) "
                "VALUES (%s, 'x', '', 'other', '{}', '2026-01-01')",
                [record.pk],
            )
        cursor.execute("PRAGMA recursive_triggers = ON")
    assert AuditRecord.objects.get().outcome == "ok"


def test_record__by_on_conflict_do_update__is_refused_by_the_database(record: AuditRecord) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        cursor.execute(
            "INSERT INTO core_auditrecord (id, action, target, outcome, detail, at) "
            "VALUES (%s, 'x', '', 'other', '{}', '2026-01-01') "
            "ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome",
            [record.pk],
        )
    assert AuditRecord.objects.get().outcome == "ok"


@pytest.mark.services
@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["core_auditrecord", "fees_ledgertransaction", "fees_entry", "accounts_user"]
)
def test_record_and_books__by_truncate__are_refused_by_the_database(record: AuditRecord, table: str) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        # Without the first it is the rows just written, whose keys are to be checked, that are in the way.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE")
    assert AuditRecord.objects.get().outcome == "ok"


@pytest.mark.django_db
def test_no_replacing__undone_and_done_again__refuses_as_before() -> None:
    """Forward, back and forward: the operation of the migration itself."""
    operation = import_module("community.core.migrations.0003_audit_no_replacing").Migration.operations[0]
    added = {"sqlite": "audit_no_replace_", "postgresql": "audit_no_truncate_"}[connection.vendor]
    with connection.cursor() as cursor:
        # SQLite's own editor cannot be used inside the test's transaction.
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        assert added in _triggers()
        operation.reverse_code(apps, editor)
        assert added not in _triggers()
        operation.code(apps, editor)
    assert added in _triggers()


def _triggers() -> str:
    """The names of the triggers on the audit record."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'core_auditrecord'"
    postgresql = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'core_auditrecord'::regclass"
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgresql)
        return " ".join(name for (name,) in cursor.fetchall())
