"""SIGKILL in the middle of a billing run: what was made is whole, what is missing is made afterwards."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from community.core import clock
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees import tasks
from services.fees.billing import actions
from services.fees.models import Bill, BillChange, BillingRun, Entry, LedgerTransaction
from tests.factories import (
    make_building,
    make_cashier,
    make_entrance,
    make_item,
    make_residency,
    make_user,
)
from tests.support.books import assert_in_balance
from tests.support.processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 20


def running(homes: int) -> BillingRun:
    """A run that is to be made, in an estate where somebody lives in every tenth home."""
    item = make_item()
    entrance = make_entrance(building=make_building(estate=item.estate))
    made = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=9850) for number in range(homes)
    )
    for home in made[::10]:
        make_residency(user=make_user(), home=home)
    cashier = make_cashier(estate=item.estate)
    period = clock.today(clock.now()).replace(day=1)
    run = actions.preview_run(item=item, period=period, by=cashier, now=clock.now())
    BillingRun.objects.filter(pk=run.pk).update(status="running", progressed_at=clock.now())
    return run


def assert_complete(run: BillingRun, homes: int) -> None:
    run.refresh_from_db()
    assert (run.status, run.seen, run.made) == ("done", homes, homes)
    assert Bill.objects.values("home").distinct().count() == Bill.objects.count() == homes
    assert LedgerTransaction.objects.count() == homes
    assert Entry.objects.count() == 2 * homes
    told = OutboxMessage.objects.filter(template="bill_made")
    assert told.count() == told.values("recipient").distinct().count() == homes // 10
    assert_in_balance()


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.long)])
def test_run__killed_in_the_middle__is_whole_after_each_and_complete_in_the_end(
    kills: int, process_env: dict[str, str]
) -> None:
    homes, chance, midway = kills * 160, random.Random(kills), 0
    run = running(homes)
    for _kill in range(kills):
        command = [sys.executable, "-m", "tests.support.biller", str(run.pk), str(SIZE)]
        process = subprocess.Popen(command, cwd=ROOT, env=process_env, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        before = Bill.objects.count()
        _until(lambda before=before: Bill.objects.count() > before)
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Each batch is there whole, with its books and its messages, or not at all.
        assert Bill.objects.count() % SIZE == 0
        assert_in_balance()
        run.refresh_from_db()
        assert run.made == Bill.objects.count()
        midway += run.status == "running"
    assert midway == kills, "a run was over before it could be killed: this proves little"

    BillingRun.objects.update(progressed_at=clock.now() - timedelta(minutes=2))
    tasks.resume_billing()
    assert_complete(run, homes)


def test_run__killed_between_the_statements_of_a_batch__leaves_nothing_of_that_batch(
    process_env: dict[str, str],
) -> None:
    """The last statement of a batch is done, its commit is not."""
    homes = 3 * SIZE
    run = running(homes)
    command = [sys.executable, "-m", "tests.support.biller", str(run.pk), str(SIZE)]
    command.append('INSERT INTO "notifications_outboxmessage"')
    assert subprocess.run(command, cwd=ROOT, env=process_env, check=False).returncode == -signal.SIGKILL
    run.refresh_from_db()
    assert (run.status, run.made, run.seen, Bill.objects.count()) == ("running", SIZE, SIZE, SIZE)
    assert (BillChange.objects.count(), LedgerTransaction.objects.count()) == (SIZE, SIZE)
    assert OutboxMessage.objects.filter(template="bill_made").count() == SIZE // 10
    assert_in_balance()

    BillingRun.objects.update(progressed_at=clock.now() - timedelta(minutes=2))
    tasks.resume_billing()
    assert_complete(run, homes)


def test_run__worker_killed__the_clock_begins_it_again(
    start_worker: Callable[..., subprocess.Popen[bytes]],
) -> None:
    homes = 1200
    run = running(homes)
    tasks.make_bills.delay(run.pk)
    worker = start_worker(wait=False)
    _until(lambda: Bill.objects.exists())
    worker.kill()
    worker.wait()
    run.refresh_from_db()
    assert run.status == "running"
    assert_in_balance()

    BillingRun.objects.update(progressed_at=clock.now() - timedelta(minutes=2))
    start_worker()
    tasks.resume_billing.delay()
    _until(lambda: BillingRun.objects.get().status == "done")
    assert_complete(run, homes)


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until, list(BillingRun.objects.values("status", "seen", "made"))
        time.sleep(0.005)
