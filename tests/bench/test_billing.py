"""The bills of an estate of 3,000 homes for one month, and the check of its books.

``make bench`` measures on SQLite; on PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_runs.py -m 'long or not long'``.
"""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Residency, User
from community.core import clock
from community.estates.models import Home
from community.notifications import live
from community.notifications.models import OutboxMessage
from services.fees import actions, tasks
from services.fees.models import Bill, BillingRun, FeeItem
from services.fees.reconciliation import differences
from tests.bench import report
from tests.factories import make_building, make_cashier, make_entrance, make_item

HOMES = 3000
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_bills__of_3000_homes__as_fast_as_they_were() -> None:
    item = make_item()
    _people(item)
    busy, cashier = os.getloadavg()[0], make_cashier(estate=item.estate)
    period = clock.today(clock.now()).replace(day=1)
    began = time.perf_counter()
    run = actions.preview_run(item=item, period=period, by=cashier, now=clock.now())
    actions.forecast_run(run)
    looked = time.perf_counter() - began
    BillingRun.objects.update(status=BillingRun.Status.RUNNING, progressed_at=clock.now())
    reverse("fees")  # the first address that a process builds reads all of them
    with _another_writer() as waits:
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            tasks.make_bills(run.pk)
        made = time.perf_counter() - began
    began = time.perf_counter()
    assert list(differences()) == []
    checked = time.perf_counter() - began
    assert Bill.objects.count() == OutboxMessage.objects.count() == HOMES
    report.write(
        f"billing-{connection.vendor}",
        f"""## The bills of a month, {NAMES[connection.vendor]}
{HOMES:,} homes, somebody to be told in each; bills, their history, the books (one transaction and two entries a
bill) and the messages. One process, Python {platform.python_version()}, a load of {busy:.1f} by other work when it
began:

| | |
| --- | --- |
| preview | {looked:.2f} s |
| making the bills | {made:.1f} s |
| bills a second | {HOMES / made:,.0f} |
| queries | {len(queries)} |
| longest that another write waited meanwhile | {max(waits):.2f} s |
| `check_ledger` over them | {checked:.2f} s |""",
    )
    # What falls below this has begun to ask for each home.
    assert HOMES / made > 100


@contextmanager
def _another_writer() -> Iterator[list[float]]:
    """Somebody who reports, pays or calls for help meanwhile: how long each small write took."""
    waits: list[float] = []
    is_over = Event()

    def write() -> None:
        try:
            while not is_over.wait(0.05):
                began = time.perf_counter()
                live.notify_open_pages("board:0")
                waits.append(time.perf_counter() - began)
        finally:
            connections.close_all()

    writer = Thread(target=write)
    writer.start()
    yield waits
    is_over.set()
    writer.join()


def _people(item: FeeItem) -> None:
    """3,000 homes, each with its owner."""
    entrance = make_entrance(building=make_building(estate=item.estate))
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=5000 + number)
        for number in range(HOMES)
    )
    people = User.objects.bulk_create(User(name="住户", password="!") for _n in range(HOMES))
    now = clock.now()
    Residency.objects.bulk_create(
        Residency(
            user=person,
            home=home,
            kind=Residency.Kind.OWNER,
            status=Residency.Status.ACTIVE,
            status_changed_at=now,
            created_at=now,
        )
        for person, home in zip(people, homes, strict=True)
    )
