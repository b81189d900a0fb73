"""What recording and sealing cost a page of the desk that shows a whole number, and what a check takes.

``make bench`` measures on SQLite; on PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_audit.py -m 'long or not long'``.
"""

import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from community.core import audit, audit_check, clock
from community.core.audit_seals import seal_records
from community.core.models import AuditRecord, AuditSeal
from tests import factories as make
from tests.bench import report
from tests.support.processes import ROOT

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
ROUNDS, EACH, A_SECOND, LONG = 12, 15, 20, 200_000
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def sealing(environment: dict[str, str]) -> Iterator[None]:
    """A process that seals each second what comes in twenty, sixty times as often as the product does."""
    command = [sys.executable, "-m", "tests.support.sealer", str(A_SECOND)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def times(page: Callable[[], object]) -> list[float]:
    taken = []
    for _n in range(EACH):
        began = time.perf_counter()
        page()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def test_page__recorded_and_sealed__costs_little(process_env: dict[str, str], monkeypatch) -> None:
    busy = os.getloadavg()[0]
    home = make.make_home()
    resident = make.make_resident(home=home)
    client = Client()
    client.force_login(
        make.make_staff(estate=home.estate), backend="django.contrib.auth.backends.ModelBackend"
    )
    address = reverse("desk_resident", args=[resident.pk])

    def page() -> None:
        assert client.get(address).status_code == 200

    for _n in range(20):
        page()
    plain: list[float] = []
    recorded: list[float] = []
    sealed: list[float] = []
    for _n in range(ROUNDS):
        with monkeypatch.context() as off:
            off.setattr(audit, "record", lambda *args, **kwargs: None)
            plain += times(page)
        recorded += times(page)
        with sealing(process_env):
            sealed += times(page)
    assert AuditRecord.objects.filter(action="number_read").count() >= 2 * ROUNDS * EACH
    seal_records(now=clock.now())
    base, with_record, with_seals = (statistics.median(one) for one in (plain, recorded, sealed))
    rows = "\n".join(
        f"| {way} | {median:.1f} | {(median / base - 1) * 100:+.1f} % |"
        for way, median in (
            ("without the record", base),
            ("with its record", with_record),
            ("with its record, and a seal made every second instead of every minute", with_seals),
        )
    )
    rate, checked = _check_a_long_record()
    report.write(
        f"audit-{connection.vendor}",
        f"""## The audit record on {NAMES[connection.vendor]}
The desk's page of a resident, which shows a whole number and so writes a record; {ROUNDS * EACH} times each way in
turns, {platform.machine()}, Python {platform.python_version()}, a load of {busy:.1f} by other work when it began.

| the page | median ms | more |
| --- | --- | --- |
{rows}

That is {(with_seals / with_record - 1) * 100:+.1f} % for the sealing alone, sixty times as often as it is done.
Sealing {LONG:,} records at once took {LONG / rate:.0f} s ({rate:,.0f} a second);
`manage.py check_audit` read them all in {checked:.0f} s.""",
    )


def _check_a_long_record() -> tuple[float, float]:
    """Returns the records that are sealed a second, and the seconds of a check."""
    now = clock.now()
    for _n in range(LONG // 10_000):
        AuditRecord.objects.bulk_create(
            AuditRecord(action="sign_in", outcome="ok", detail={"way": "code", "n": n}, at=now)
            for n in range(10_000)
        )
    began = time.perf_counter()
    assert seal_records(now=now) == LONG
    rate = LONG / (time.perf_counter() - began)
    began = time.perf_counter()
    assert list(audit_check.problems(now=now)) == []
    assert AuditSeal.objects.count() >= LONG // 2000
    return rate, time.perf_counter() - began
