import pytest
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
def test_record__by_replace__is_refused_by_the_database(record: AuditRecord) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(
                "REPLACE INTO core_auditrecord (id, action, target, outcome, detail, at) "
                "VALUES (%s, 'x', '', 'other', '{}', '2026-01-01')",
                [record.pk],
            )
    assert AuditRecord.objects.get().outcome == "ok"
