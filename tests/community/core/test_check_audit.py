"""``check_audit`` finds whatever somebody who owns the tables does to the audit record."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from community.core import clock, tasks
from community.core.audit_seals import seal_records
from community.core.models import AuditSeal
from community.core.triggers import TRIGGER, declared
from tests.support.tampering import check_audit, in_sql, make_records, triggers_off

pytestmark = pytest.mark.django_db
RECORDS, SEALS = "core_auditrecord", "core_auditseal"
ROW = "(id, action, target, outcome, detail, at) VALUES (%s, 'x', '', 'other', '{}', '2026-01-01 00:00:00+00:00')"


@pytest.fixture
def rows() -> list[int]:
    """Numbers of six records in two seals."""
    numbers = make_records(3)
    seal_records(now=clock.now())
    numbers += make_records(3)
    seal_records(now=clock.now())
    assert check_audit()[0] == 0
    return numbers


def test_record__altered__named(rows: list[int]) -> None:
    with triggers_off():
        in_sql(f"UPDATE {RECORDS} SET outcome = 'other' WHERE id = %s", rows[1])
    assert check_audit() == (1, [f"Altered: record {rows[1]}, of seal 1."])


def test_record__deleted__named(rows: list[int]) -> None:
    with triggers_off():
        in_sql(f"DELETE FROM {RECORDS} WHERE id IN (%s, %s, %s)", rows[0], rows[1], rows[4])
    missing = [f"Missing: records {rows[0]}–{rows[1]}, of seal 1.", f"Missing: record {rows[4]}, of seal 2."]
    assert check_audit() == (1, missing)


def test_records__all_deleted__named(rows: list[int]) -> None:
    with triggers_off():
        in_sql(f"TRUNCATE {RECORDS}" if connection.vendor == "postgresql" else f"DELETE FROM {RECORDS}")
    missing = [
        f"Missing: records {rows[0]}–{rows[2]}, of seal 1.",
        f"Missing: records {rows[3]}–{rows[5]}, of seal 2.",
    ]
    assert check_audit() == (1, missing)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE is SQLite's")
def test_record__replaced_by_another_program__named(rows: list[int]) -> None:
    with triggers_off():
        in_sql("PRAGMA recursive_triggers = OFF")
        in_sql(f"INSERT OR REPLACE INTO {RECORDS} {ROW}", rows[2])
        in_sql("PRAGMA recursive_triggers = ON")
    assert check_audit() == (1, [f"Altered: record {rows[2]}, of seal 1."])


def test_record__never_sealed__named_after_a_while(rows: list[int]) -> None:
    in_sql(f"INSERT INTO {RECORDS} {ROW}", rows[5] + 5)
    assert check_audit() == (1, [f"Not sealed for 10 minutes: record {rows[5] + 5}."])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("digest = 'x'", ["Seal 1 was altered.", "Seal 2 does not continue the seal before it."]),
        ("count = 2", ["Seal 1 was altered."]),
        ("previous = 'x'", ["Seal 1 does not continue the seal before it.", "Seal 1 was altered."]),
    ],
)
def test_seal__altered__found(change: str, found: list[str], rows: list[int]) -> None:
    with triggers_off(SEALS):
        in_sql(f"UPDATE {SEALS} SET {change} WHERE number = 1")
    assert check_audit() == (1, found)


def test_seal__removed_with_its_records__found(rows: list[int]) -> None:
    with triggers_off(), triggers_off(SEALS):
        in_sql(f"DELETE FROM {RECORDS} WHERE id <= %s", rows[2])
        in_sql(f"DELETE FROM {SEALS} WHERE number = 1")
    assert check_audit() == (1, ["Missing: seal 1."])


def test_last_seals__removed_or_made_anew__found_by_the_heads(rows, settings, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    settings.AUDIT_HEADS = [str(file)]
    tasks.seal_audit()
    with triggers_off(), triggers_off(SEALS):
        in_sql(f"DELETE FROM {RECORDS} WHERE id = %s", rows[4])
        in_sql(f"DELETE FROM {SEALS} WHERE number = 2")
    gone = f"Seal 2 was sent to {file} and is missing."
    assert check_audit("--heads", str(file))[1] == [gone, "Seal 2 is in the heads and missing here."]
    seal_records(now=clock.now())
    assert check_audit() == (0, ["2 seals, all records as they were sealed"])
    assert check_audit("--heads", str(file)) == (1, ["Seal 2 is another than the one in the heads."])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite cannot disable a trigger")
@pytest.mark.parametrize("table", [RECORDS, "fees_entry"])
def test_trigger__disabled__found(table: str) -> None:
    in_sql(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
    code, lines = check_audit()
    assert code == 1
    assert lines
    assert all(line.endswith(f" of {table} is disabled.") for line in lines)


def _drop(name: str, table: str) -> str:
    return f"DROP TRIGGER {name} ON {table}" if connection.vendor == "postgresql" else f"DROP TRIGGER {name}"


NAMES = {"postgresql": "audit_no_change", "sqlite": "audit_no_update"}


def test_trigger__dropped__found() -> None:
    name = NAMES[connection.vendor]
    in_sql(_drop(name, RECORDS))
    assert check_audit() == (1, [f"Trigger {name} of {RECORDS} is missing."])


def _never_on_postgresql(name: str) -> None:
    in_sql(
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {RECORDS} FOR EACH ROW "
        "WHEN (OLD.id < 0) EXECUTE FUNCTION audit_refuse()"
    )


def _never_on_sqlite(name: str) -> None:
    in_sql(
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {RECORDS} WHEN OLD.id < 0 "
        "BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END"
    )


NEVER: dict[str, Callable[[str], None]] = {"postgresql": _never_on_postgresql, "sqlite": _never_on_sqlite}


def test_trigger__another_of_its_name__found() -> None:
    name = NAMES[connection.vendor]
    in_sql(_drop(name, RECORDS))
    NEVER[connection.vendor](name)
    assert check_audit() == (1, [f"Trigger {name} of {RECORDS} was changed."])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="functions are PostgreSQL's")
def test_function_of_triggers__emptied__found() -> None:
    in_sql(
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"
    )
    found = [
        f"Trigger {name} of {RECORDS} was changed."
        for name in ("audit_no_change", f"audit_no_truncate_{RECORDS}")
    ]
    assert check_audit() == (1, found)


def test_trigger__that_swallows_new_records__found() -> None:
    if connection.vendor == "postgresql":
        in_sql("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
        in_sql(f"CREATE TRIGGER quiet BEFORE INSERT ON {RECORDS} FOR EACH ROW EXECUTE FUNCTION swallow()")
    else:
        in_sql(f"CREATE TRIGGER quiet BEFORE INSERT ON {RECORDS} BEGIN SELECT RAISE(IGNORE); END")
    assert check_audit() == (1, [f"Trigger quiet of {RECORDS} is none of ours."])


def test_check__nothing_recorded__says_so() -> None:
    assert check_audit() == (0, ["0 seals, all records as they were sealed"])
    assert not AuditSeal.objects.exists()


def test_append_only_tables__each__cannot_be_emptied_or_replaced() -> None:
    """Every table whose rows are never deleted has the trigger for the way around that."""
    found = {(found["table"], found["name"]) for found in map(TRIGGER.search, declared()) if found}
    kept = {table for table, name in found if "_no_change" in name or "_no_delete" in name}
    guarded = {table for table, name in found if "_no_truncate_" in name or "_no_replace_" in name}
    assert kept == guarded >= {RECORDS, SEALS, "fees_entry", "fees_ledgertransaction", "fees_closingsheet"}
