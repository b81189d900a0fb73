"""Takes a second on one hot slot, by processes of their own, beside the same rows by bare statements.

``make bench`` measures on SQLite; on PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_places.py -m 'long or not long'``.
"""

import json
import os
import platform
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from services.scheduling.models import Place, Slot
from tests import factories as make
from tests.bench import report
from tests.support.processes import ROOT

PROCESSES, TRIES, ROUNDS = 8, 100, 3
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@pytest.mark.long
def test_take__on_one_hot_slot__holds_what_it_counts(process_env: dict[str, str]) -> None:
    User.objects.bulk_create(User(name="抢号", password="!") for _n in range(PROCESSES * TRIES))
    busy = os.getloadavg()[0]

    def rate(way: str, *, capacity: int) -> float:
        """Outcomes a second: the middle one of a few rounds, each on a slot of its own."""
        seconds = sorted(_race(process_env, way, capacity)["seconds"] for _round in range(ROUNDS))
        return PROCESSES * TRIES / float(seconds[ROUNDS // 2])

    enough = PROCESSES * TRIES
    ours, bare = rate("protected", capacity=enough), rate("bare", capacity=enough)
    refused = rate("protected", capacity=1)
    for slot in Slot.objects.all():
        assert slot.taken == Place.objects.live().filter(slot=slot).count() == slot.capacity
    share = ours / bare
    report.write(
        f"places-{connection.vendor}",
        f"""## Taking a place, {NAMES[connection.vendor]}
{PROCESSES} processes after one slot, each with a connection of its own, {PROCESSES * TRIES:,} tries, the middle
of {ROUNDS} rounds; {os.cpu_count()} cores shared with the database, Python {platform.python_version()}, a load of
{busy:.1f} by other work when it began:

| | a second |
| --- | --- |
| places booked (`book_place`: place, history, counter) | {ours:,.0f} |
| the same three rows by bare statements | {bare:,.0f} |
| share | {share:.2f} |
| refusals by a full slot | {refused:,.0f} |""",
    )


def _race(process_env: dict[str, str], way: str, capacity: int) -> dict[str, Any]:
    slot = make.make_slot(capacity=capacity)
    words = ["race", way, PROCESSES, TRIES, slot.pk]
    command = [sys.executable, "-m", "tests.support.takers", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, env=process_env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["outcomes"].get("taken", 0) == capacity
    return told
