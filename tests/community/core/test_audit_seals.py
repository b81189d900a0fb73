"""Seals of the audit record: what they hold, and how their digests leave the machine."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from community.core import audit_seals, clock, tasks
from community.core.audit_heads import Head, heads_in, send_heads
from community.core.audit_seals import runs_of, seal_records, without
from community.core.models import AuditRecord, AuditSeal, SealSent
from tests.support.tampering import check_audit, in_sql, make_records

NUMBERS = st.sets(st.integers(1, 40))


@given(NUMBERS, NUMBERS)
def test_without__any_keys__leaves_those_of_the_first_alone(keys: set[int], taken: set[int]) -> None:
    left = without(list(runs_of(sorted(keys))), list(runs_of(sorted(taken))))
    assert [key for first, last in left for key in range(first, last + 1)] == sorted(keys - taken)


@pytest.mark.django_db
def test_seal_records__each_record_once__and_each_seal_holds_the_one_before(monkeypatch) -> None:
    monkeypatch.setattr(audit_seals, "BATCH", 2)
    first, *_, last = make_records(5)
    assert seal_records(now=clock.now()) == 5
    seals = list(AuditSeal.objects.order_by("number"))
    assert [seal.runs for seal in seals] == [[[first, first + 1]], [[first + 2, first + 3]], [[last, last]]]
    assert [seal.previous for seal in seals] == ["", seals[0].digest, seals[1].digest]
    assert seal_records(now=clock.now()) == 0
    assert check_audit() == (0, ["3 seals, all records as they were sealed"])


@pytest.mark.django_db
def test_seal_records__lower_number_committed_later__is_in_a_later_seal() -> None:
    first, last = make_records(1)[0], make_records(1)[0] + 10
    _add(last)
    now = clock.now()
    seal_records(now=now)
    _add(first + 3)
    _add(last - 1)
    assert seal_records(now=now) == 2
    second = AuditSeal.objects.get(number=2)
    assert second.runs == [[first + 3, first + 3], [last - 1, last - 1]]
    assert check_audit()[0] == 0


@pytest.mark.django_db
def test_seal_records__gap_of_yesterday__is_not_awaited_any_longer() -> None:
    [first] = make_records(1)
    _add(first + 10)
    now = clock.now()
    seal_records(now=now)
    assert AuditSeal.objects.get().awaited[-1][:2] in ([first + 1, first + 9], [first + 2, first + 9])
    [_next] = make_records(1) if connection.vendor == "sqlite" else [_add(first + 11)]
    seal_records(now=now + timedelta(days=1, minutes=1))
    assert AuditSeal.objects.get(number=2).awaited == []
    _add(first + 5)
    assert seal_records(now=now + timedelta(days=1, minutes=2)) == 0
    _add(first + 12)
    seal_records(now=now + timedelta(days=1, minutes=3))
    assert check_audit() == (1, [f"Added afterwards: record {first + 5}, in no seal."])


def test_hash__sm3__is_that_of_the_standard() -> None:
    """The example of GB/T 32905-2016."""
    digest = audit_seals._hash("sm3", b"abc").finalize().hex()
    assert digest == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.django_db
def test_seal_records__hash_changed__both_seals_verify(settings) -> None:
    for name in ("sm3", "sha256"):
        settings.AUDIT_HASH = name
        make_records(1)
        seal_records(now=clock.now())
    assert list(AuditSeal.objects.values_list("hash_name", flat=True)) == ["sha256", "sm3"]
    assert check_audit()[0] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE core_auditseal SET digest = ''", "DELETE FROM core_auditseal"])
def test_seal__by_raw_sql__is_refused_by_the_database(statement: str) -> None:
    make_records(1)
    seal_records(now=clock.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        in_sql(statement)
    with pytest.raises(TypeError):
        AuditSeal.objects.get().delete()


@pytest.mark.django_db
def test_seal_audit__file__gets_each_head_once_and_what_it_missed_later(settings, tmp_path: Path) -> None:
    file = tmp_path / "mounted" / "heads"
    settings.AUDIT_HEADS = [str(file)]
    make_records(1)
    tasks.seal_audit()
    make_records(1)
    tasks.seal_audit()
    assert SealSent.objects.get().number == 0
    file.parent.mkdir()
    tasks.seal_audit()
    assert send_heads(now=clock.now()) == 0
    expected = [Head(*pair) for pair in AuditSeal.objects.order_by("number").values_list("number", "digest")]
    assert list(heads_in(file.read_text().splitlines())) == expected
    assert len(expected) == 2
    assert check_audit("--heads", str(file))[0] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["udp", "unix"])
def test_seal_audit__syslog__gets_the_head(kind: str, settings, tmp_path: Path) -> None:
    family = socket.AF_INET if kind == "udp" else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0) if kind == "udp" else str(tmp_path / "log"))
        server.settimeout(5)
        name = server.getsockname()
        settings.AUDIT_HEADS = [f"syslog://127.0.0.1:{name[1]}" if kind == "udp" else f"syslog:{name}"]
        make_records(1)
        tasks.seal_audit()
        got = server.recv(2000).decode()
    assert list(heads_in([got])) == [Head(1, AuditSeal.objects.get().digest)]


def _add(pk: int) -> int:
    """A record with this number, as a transaction commits it that drew the number earlier."""
    AuditRecord.objects.create(pk=pk, action="thing.done", outcome="ok", at=clock.now())
    return pk
