"""Takes a second on one hot slot, by processes of their own, beside the same rows by bare statements.

``make bench`` measures on SQLite; on PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_places.py -m 'long or not long'``. ``BENCH_ROUNDS`` is another number of rounds.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from django.db import connection

from accounts.models import Residency, User
from community.core import clock
from community.estates.models import Entrance, Home
from services.renovation.models import Campaign
from services.scheduling.models import Place, Resource, Slot
from tests import factories as make
from tests.bench import report
from tests.factories.renovation import Site, make_crew, make_work_item
from tests.support.processes import ROOT

# Tries of each process: of places, and of whole bookings.
PROCESSES, TRIES, WHOLE = 8, 100, 10
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@pytest.mark.long
def test_take__on_one_hot_slot__holds_what_it_counts(process_env: dict[str, str]) -> None:
    site, busy = Site(), os.getloadavg()[0]
    _people(site.home.entrance)
    service = make.make_care_service(estate=site.estate)
    rates: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        day = clock.today(clock.now()) + timedelta(days=2 + number)
        slots = {
            "protected": (make.make_slot(capacity=PROCESSES * TRIES), TRIES),
            "bare": (make.make_slot(capacity=PROCESSES * TRIES), TRIES),
            "care": (make.make_slot(resource=service.resource, day=day, capacity=PROCESSES * WHOLE), WHOLE),
            "renovation": (make.make_slot(resource=_campaign(site), capacity=PROCESSES * WHOLE), WHOLE),
            "full": (make.make_slot(capacity=1), TRIES),
        }
        for kind, (slot, tries) in slots.items():
            way = "protected" if kind == "full" else kind
            rates.setdefault(kind, []).append(_rate(process_env, way, slot, tries))
            print(f"{number + 1} {kind:<12} {rates[kind][-1]:8,.0f} a second", flush=True)
    for slot in Slot.objects.all():
        assert slot.taken == Place.objects.live().filter(slot=slot).count() == slot.capacity
    shares = [ours / bare for ours, bare in zip(rates["protected"], rates["bare"], strict=True)]
    report.write(
        f"places-{connection.vendor}",
        f"""## Taking a place, {NAMES[connection.vendor]}
{PROCESSES} processes after one slot, each with a connection of its own, {PROCESSES * TRIES:,} tries, the median
of {ROUNDS} rounds in turn; {os.cpu_count()} cores shared with the database and with other work (a load of
{busy:.1f} when it began), Python {platform.python_version()}:

| | a second |
| --- | --- |
| places booked (`book_place`: place, history, counter) | {median(rates["protected"]):,.0f} |
| the same three rows by bare statements | {median(rates["bare"]):,.0f} |
| share, the median of the rounds | {median(shares):.2f} |
| share, the lowest and the highest | {min(shares):.2f} to {max(shares):.2f} |
| refusals by a full slot | {median(rates["full"]):,.0f} |
| whole visits of carers (`begin_booking`, `book`) | {median(rates["care"]):,.0f} |
| whole appointments for a renovation (`book_appointment`) | {median(rates["renovation"]):,.0f} |""",
    )


def _people(entrance: Entrance) -> None:
    """As many people as there are tries, each with a home."""
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{number + 1000}", floor=1, area_dm2=5000)
        for number in range(PROCESSES * TRIES)
    )
    people = User.objects.bulk_create(User(name="抢号", password="!") for _home in homes)
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


def _campaign(site: Site) -> Resource:
    """Returns the crew's resource of a new work item that all homes of the building can book."""
    crew = make_crew(estate=site.estate)
    item = make_work_item(project=site.project)
    Campaign.objects.create(
        project=site.project,
        item=item,
        building=site.building,
        crew=crew,
        opens_at=clock.now() - timedelta(days=1),
    )
    return crew.resource


def _rate(environment: dict[str, str], way: str, slot: Slot, tries: int = TRIES) -> float:
    """Outcomes a second."""
    words = ["race", way, PROCESSES, tries, slot.pk]
    command = [sys.executable, "-m", "tests.support.takers", *map(str, words)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "TAKERS_NICE": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["outcomes"].get("taken", 0) == slot.capacity, told
    return PROCESSES * tries / float(told["seconds"])
