"""The bills of a month for all homes of an estate, beside the same rows by bare statements.

``make bench`` measures 10,000 homes on SQLite; 100,000 on PostgreSQL: ``.venv/bin/python
tools/on_services.py -n 0 -s tests/bench/test_billing.py -m 'long or not long'``. ``BENCH_HOMES`` is another
number of homes.
"""

import gc
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Residency, User
from community.core import clock
from community.estates.models import Estate, Home
from community.notifications.models import OutboxMessage
from services.fees import tasks
from services.fees.billing import actions
from services.fees.models import Bill, BillChange, BillingRun, Entry, FeeItem, LedgerTransaction
from services.fees.reconciliation import differences
from tests.bench import report
from tests.factories import make_building, make_cashier, make_entrance, make_estate, make_item
from tests.support.bare_bills import make_bare_bills

ITEMS, HOMES_OF_ENTRANCE = 3, 50
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
USUAL = {"sqlite": 10_000, "postgresql": 100_000}
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_bills__of_a_month__beside_the_bare_rows() -> None:
    homes = int(os.environ.get("BENCH_HOMES", USUAL[connection.vendor]))
    busy, ours, bare = os.getloadavg()[0], _estate(homes), _estate(homes)
    _analyze()
    reverse("fees")  # the first address that a process builds reads all of them
    looks, made, limit, queries = 0.0, 0.0, 0.0, 0
    with _memory() as growth:
        for number in range(ITEMS):
            run, seconds = _preview(make_item(estate=ours, name=f"物业费{number}"))
            looks = max(looks, seconds)
            with CaptureQueriesContext(connection) as asked:
                made += _seconds(lambda run=run: tasks.make_bills(run.pk))
            queries += len(asked)
            item = make_item(estate=bare, name=f"物业费{number}")
            limit += _seconds(lambda item=item: make_bare_bills(item))
        run, _seconds_of_look = _preview(make_item(estate=ours, name="电梯费"))
        with _another_cashier(ours) as waits:
            tasks.make_bills(run.pk)
    _let_the_planner_know()
    checked = _seconds(lambda: _check(homes))
    report.write(
        f"billing-{connection.vendor}",
        f"""## The bills of a month, {NAMES[connection.vendor]}
{ITEMS} fees for {homes:,} homes, somebody to be told in each: bills, their history, the books (one transaction
and two entries a bill) and the messages. In turn with the same rows by bare `INSERT … SELECT` statements, one
transaction a fee, into the same tables for another estate of that size. One process, {os.cpu_count()} cores
shared with the database and with other work (a load of {busy:.1f} when it began), Python
{platform.python_version()}.

| | |
| --- | --- |
| preview, the slowest | {looks:.2f} s |
| making the bills | {made:.1f} s |
| the bare statements | {limit:.1f} s |
| times the bare statements | {made / limit:.2f} |
| bills a second | {ITEMS * homes / made:,.0f} |
| queries | {queries:,} |
| memory above rest, at most | {growth[0] / 2**20:.0f} MB |
| longest that another cashier waited meanwhile for a bill made by hand | {max(waits):.2f} s |
| the middle of {len(waits)} such waits | {sorted(waits)[len(waits) // 2]:.3f} s |
| `check_ledger` over all of them | {checked:.1f} s |""",
    )


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _preview(item: FeeItem) -> tuple[BillingRun, float]:
    """Returns a run that is to be made, and the seconds of its preview."""
    period = clock.today(clock.now()).replace(day=1)
    cashier = make_cashier(estate=item.estate)
    began = time.perf_counter()
    run = actions.preview_run(item=item, period=period, by=cashier, now=clock.now())
    seconds = time.perf_counter() - began
    BillingRun.objects.filter(pk=run.pk).update(status="running", progressed_at=clock.now())
    return run, seconds


def _check(homes: int) -> None:
    """The books agree, and the bare rows were the same rows."""
    assert list(differences()) == []
    by_run = Bill.objects.exclude(run=None)
    assert by_run.count() == (ITEMS + 1) * homes
    assert Bill.objects.filter(run=None, subject="").count() == ITEMS * homes
    assert BillChange.objects.count() == LedgerTransaction.objects.count() == Bill.objects.count()
    assert Entry.objects.count() == 2 * Bill.objects.count()
    assert OutboxMessage.objects.filter(key__startswith="billing:").count() == (2 * ITEMS + 1) * homes
    assert not BillingRun.objects.exclude(status="done").exists()


@contextmanager
def _memory() -> Iterator[list[int]]:
    """By how many bytes the process grew at most."""
    gc.collect()
    rest, growth, is_over = _resident_bytes(), [0], Event()

    def watch() -> None:
        while not is_over.wait(0.05):
            growth[0] = max(growth[0], _resident_bytes() - rest)

    watcher = Thread(target=watch)
    watcher.start()
    yield growth
    is_over.set()
    watcher.join()


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES


@contextmanager
def _another_cashier(estate: Estate) -> Iterator[list[float]]:
    """Somebody who makes single bills in the same estate meanwhile: how long each took."""
    homes = list(Home.objects.of_estate(estate).order_by("?")[:2000])
    waits: list[float] = []
    is_over = Event()

    def write() -> None:
        try:
            while not is_over.wait(0.05):
                home = homes[len(waits) % len(homes)]
                waits.append(_seconds(lambda home=home: _charge(estate, home, len(waits))))
        finally:
            connections.close_all()

    writer = Thread(target=write)
    writer.start()
    yield waits
    is_over.set()
    writer.join()


def _charge(estate: Estate, home: Home, number: int) -> None:
    actions.charge(
        actions.Charge(
            item_kind=FeeItem.Kind.OTHER,
            estate=estate,
            home=home,
            subject=f"bench:{number}",
            period=clock.today(clock.now()),
            amount_fen=1000,
            words="换锁",
            charged_to=None,
        ),
        by=None,
        now=clock.now(),
    )


@transaction.atomic
def _estate(homes: int) -> Estate:
    """An estate of so many homes, each with its owner."""
    estate = make_estate()
    building, rows = make_building(estate=estate), []
    for number in range(homes):
        if number % HOMES_OF_ENTRANCE == 0:
            entrance = make_entrance(building=building, name=f"{number // HOMES_OF_ENTRANCE}")
        rows.append(Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=5000 + number % 9000))
    made = Home.objects.bulk_create(rows, batch_size=2000)
    people = User.objects.bulk_create(
        (User(name="住户", password="!") for _n in range(homes)), batch_size=2000
    )
    now = clock.now()
    Residency.objects.bulk_create(
        (
            Residency(
                user=person,
                home=home,
                kind=Residency.Kind.OWNER,
                status=Residency.Status.ACTIVE,
                status_changed_at=now,
                created_at=now,
            )
            for person, home in zip(people, made, strict=True)
        ),
        batch_size=2000,
    )
    return estate


def _let_the_planner_know() -> None:
    """Counts the new rows, as the database does by itself in production."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _analyze() -> None:
    """Lets the planner know the homes; not the empty tables, whose checks of foreign keys would then be
    planned without an index.
    """
    with connection.cursor() as cursor:
        for table in ("estates_home", "estates_entrance", "estates_building", "accounts_residency"):
            cursor.execute(f"ANALYZE {table}")
