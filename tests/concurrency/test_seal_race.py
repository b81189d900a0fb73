"""Seals made by several tasks at once, beside open transactions, and by one that is killed."""

import signal
import subprocess
import sys
import threading

import pytest
from django.db import connections, transaction

from community.core import clock
from community.core.audit_seals import seal_records
from community.core.models import AuditRecord, AuditSeal
from tests.support.at_once import at_once
from tests.support.draws import few_or
from tests.support.processes import ROOT
from tests.support.tampering import check_audit, make_records

pytestmark = pytest.mark.django_db(transaction=True)


def sealed() -> list[int]:
    """Numbers of all sealed records, as often as seals name them."""
    runs = [run for seal in AuditSeal.objects.order_by("number") for run in seal.runs]
    return sorted(key for first, last in runs for key in range(first, last + 1))


def recorded() -> list[int]:
    return sorted(AuditRecord.objects.values_list("pk", flat=True))


@few_or(20)
def test_seal__several_tasks_and_writers_at_once__each_record_once(rounds: int) -> None:
    for _n in range(rounds):
        make_records(2)
        acts = [lambda: seal_records(now=clock.now())] * 4 + [lambda: make_records(3)] * 2
        assert at_once(*acts) == ["ok"] * 6
    seal_records(now=clock.now())
    assert sealed() == recorded()
    assert len(recorded()) == rounds * 8
    assert check_audit()[0] == 0


@pytest.mark.services
def test_seal__open_transaction_with_a_lower_number__is_sealed_when_it_commits() -> None:
    """SQLite has one writer at a time: there numbers are committed in their order."""
    drawn, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            make_records(1)
            drawn.set()
            may_commit.wait(timeout=20)
        connections.close_all()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert drawn.wait(timeout=20)
    make_records(2)
    assert seal_records(now=clock.now()) == 2
    late = sealed()[0] - 1
    may_commit.set()
    writer.join(timeout=20)
    assert seal_records(now=clock.now()) == 1
    assert AuditSeal.objects.get(number=2).runs == [[late, late]]
    assert check_audit()[0] == 0


@pytest.mark.services
def test_seal__rolled_back_number__is_waited_for_and_never_missed() -> None:
    make_records(1)
    with transaction.atomic():
        make_records(1)
        transaction.set_rollback(True)
    make_records(1)
    assert seal_records(now=clock.now()) == 2
    assert check_audit()[0] == 0


def test_seal__killed_before_its_commit__leaves_nothing_and_the_next_seals_all(process_env) -> None:
    make_records(3)
    command = [sys.executable, "-m", "tests.support.sealer"]
    assert subprocess.run(command, cwd=ROOT, env=process_env, check=False).returncode == -signal.SIGKILL
    assert AuditSeal.objects.count() == 0
    assert seal_records(now=clock.now()) == 3
    assert sealed() == recorded()
    assert check_audit()[0] == 0
