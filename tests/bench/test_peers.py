"""Lists, reports and bookings beside two peers on the same database server with as many rows; run by hand.

The peers are no requirement of ours: install ``django-helpdesk``, ``django-appointment`` and ``psycopg[binary]`` in an
environment of their own, and name its interpreter: ``PEERS_PYTHON=/path/bin/python .venv/bin/python -W ignore
tools/on_services.py -n 0 -s tests/bench/test_peers.py -m long``. Skipped without it.
"""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import StaffRole
from community.core import clock
from services.care import actions
from services.repairs.models import Repair
from tests import factories as make
from tests.bench import report
from tests.bench.cloning import clone
from tests.support.at_once import at_once

PYTHON = os.environ.get("PEERS_PYTHON", "")
ROWS, PEOPLE, ROUNDS = int(os.environ.get("ROWS", "10000")), 50, 15
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not PYTHON or connection.vendor != "postgresql",
        reason="PEERS_PYTHON names no interpreter with the peers, or not on PostgreSQL",
    ),
]


@contextmanager
def empty_database() -> Iterator[dict[str, Any]]:
    """Gives a database of the same server to a peer."""
    kept = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    options = {name: one for name, one in connection.settings_dict["OPTIONS"].items() if isinstance(one, str)}
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE linli_peer")
    try:
        yield {"ENGINE": "django.db.backends.postgresql", "NAME": "linli_peer", **kept, "OPTIONS": options}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE linli_peer")


def of_peer(*words: object) -> dict[str, Any]:
    with empty_database() as database:
        done = subprocess.run(
            [PYTHON, Path(__file__).with_name("peers.py"), *map(str, words)],
            env={**os.environ, "PEERS_DATABASE": json.dumps(database)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(client: Client, address: str) -> dict[str, float]:
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
    return {"ms": statistics.median(taken), "least_ms": min(taken), "queries": len(asked)}


def test_pages__of_ten_thousand_rows__beside_a_help_desk() -> None:
    busy, first = os.getloadavg()[0], make.make_repair(status=Repair.Status.CLOSED)
    made = "t.created_at - n * interval '50 minutes'"
    clone(first, ROWS - 1, reference="'R-251123-' || lpad(n::text, 6, '0')", created_at=made)
    client = Client()
    client.force_login(make.make_staff(role=StaffRole.Role.MANAGER, estate=first.estate))
    ours = {"list": measured(client, "/staff/repairs/list/"), "report": measured(client, "/staff/morning/")}
    theirs = of_peer("helpdesk", ROWS)
    lines = [
        f"| {what} | {one['ms']:.0f} | {one['least_ms']:.0f} | {one['queries']} |"
        for whose, pages in (("ours", ours), ("django-helpdesk", theirs))
        for what, one in ((f"{whose}: {name}", page) for name, page in pages.items())
    ]
    body = "\n".join(lines)
    report.write(
        "peers-pages",
        f"""## Beside a help desk, PostgreSQL
{ROWS:,} repairs, and as many tickets of django-helpdesk on the same database server: its list with the first 25 rows
(a page and the call that fills it) beside our list of repairs, its report by queue and status beside our morning page.
In process, {ROUNDS} requests; Python {platform.python_version()}, a load of {busy:.1f} by other work when it began:

| page | ms, the middle | ms, the fastest | queries |
| --- | --- | --- | --- |
{body}""",
    )


def test_place__of_fifty_at_once__beside_a_booking_app() -> None:
    busy = os.getloadavg()[0]
    service = make.make_care_service()
    slot = make.make_slot(resource=service.resource)
    homes = [make.make_home(estate=service.estate) for _number in range(PEOPLE)]
    people = [make.make_resident(home=home) for home in homes]

    def begin(number: int) -> Callable[[], object]:
        chosen = actions.CareChoice(service=service, resident=people[number], home=homes[number], key=uuid4())
        return lambda: actions.begin_booking(chosen, slot=slot, by=people[number], now=clock.now())

    outcomes = at_once(*map(begin, range(PEOPLE)))
    slot.refresh_from_db()
    assert (slot.taken, outcomes.count("slot_full")) == (1, PEOPLE - 1)
    theirs = of_peer("appointment", PEOPLE)
    report.write(
        "peers-places",
        f"""## One place for fifty at once, beside a booking app, PostgreSQL
{PEOPLE} signed-in people take the same half hour of one person at the same moment; Python
{platform.python_version()}, a load of {busy:.1f} by other work when it began:

| | have it | are told that it is taken |
| --- | --- | --- |
| ours (`begin_booking`) | {slot.taken} | {outcomes.count("slot_full")} |
| django-appointment (its two pages) | {theirs["booked"]} | {PEOPLE - theirs["told"]} |""",
    )
