"""A campaign opens, and everybody taps in the same second: through HTTP, a real server, real sessions."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.db import connections
from django.test import Client

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.renovation.models import Appointment, AppointmentWaiting, Campaign
from services.scheduling.models import Place, Slot
from tests.bench import report
from tests.factories import make_home, make_resident
from tests.factories.renovation import Site
from tests.support.processes import running_web

pytestmark = pytest.mark.django_db(transaction=True)
SLOTS = 5
TOKEN = "a" * 32
Asker = tuple[Home, requests.Session]


@pytest.fixture
def web(process_env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    environment = {**process_env, "STATIC_ROOT": str(tmp_path / "static")}
    with running_web(environment, tmp_path) as address:
        yield address


def make_askers(site: Site, count: int) -> list[Asker]:
    """So many homes of the building, each with a resident who is signed in."""
    askers = [(site.home, signed_in(site.resident))]
    for number in range(1, count):
        home = make_home(entrance=site.home.entrance, number=f"{number + 1000}")
        askers.append((home, signed_in(make_resident(home=home))))
    return askers


def signed_in(user: User) -> requests.Session:
    client = Client()
    client.force_login(user)
    session = requests.Session()
    session.cookies.set("sessionid", client.cookies["sessionid"].value)
    session.cookies.set("csrftoken", TOKEN)
    session.headers["X-CSRFToken"] = TOKEN
    return session


@dataclass
class Race:
    """What they were told, and when: in seconds from the minute in which booking opened."""

    told: Counter[Any]
    answered: list[float]
    places_gone: float
    waiting: float


def race(count: int, places: int, web: str) -> Race:
    """All tap at the minute in which booking opens."""
    site = Site()
    slots = [site.slot(at=clock_time(8 + number), capacity=places // SLOTS) for number in range(SLOTS)]
    askers = make_askers(site, count)
    for _home, session in askers[:2]:
        session.get(f"{web}/renovation/{site.project.pk}/", timeout=60)
    opens_at = clock.now() + timedelta(seconds=3 + count / 100)
    Campaign.objects.update(opens_at=opens_at)
    gate = threading.Barrier(count)

    answered = [0.0] * count

    def tap(number: int) -> requests.Response:
        home, session = askers[number]
        address = f"{web}/renovation/{site.project.pk}/home/{home.pk}/work/{site.item.pk}/"
        gate.wait(120)
        time.sleep(max(0, (opens_at - clock.now()).total_seconds()))
        slot = slots[number % SLOTS]
        answer = session.post(
            address, {"key": str(uuid4()), "slot": slot.pk}, allow_redirects=False, timeout=300
        )
        answered[number] = (clock.now() - opens_at).total_seconds()
        return answer

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(tap, range(count)))
    told = Counter(answer.status_code for answer in answers)
    check_books(places)
    refused = [number for number, answer in enumerate(answers) if answer.status_code == 409]
    for number in refused:
        home, session = askers[number]
        address = f"/renovation/{site.project.pk}/home/{home.pk}/work/{site.item.pk}/wait/"
        assert address in answers[number].text, "nobody offered the waiting list"
    begun = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda number: wait(web, site, askers[number], slots[number % SLOTS]), refused))
    assert set(waits) <= {302}
    waiting = time.monotonic() - begun
    connections.close_all()
    booked = [answered[number] for number, answer in enumerate(answers) if answer.status_code == 302]
    return Race(told, sorted(answered), max(booked), waiting)


def wait(web: str, site: Site, asker: Asker, slot: Slot) -> int:
    home, session = asker
    address = f"{web}/renovation/{site.project.pk}/home/{home.pk}/work/{site.item.pk}/wait/"
    return session.post(address, {"slot": slot.pk}, allow_redirects=False, timeout=300).status_code


def check_books(places: int) -> None:
    """Every place once, no home and no reference twice, and the counters say the same."""
    homes = Appointment.objects.values_list("home", flat=True)
    assert len(homes) == len(set(homes)) == places
    assert len(set(Appointment.objects.values_list("reference", flat=True))) == places
    assert Place.objects.live().count() == places
    assert all(slot.taken == slot.capacity == slot.places.live().count() for slot in Slot.objects.all())  # type: ignore[attr-defined]


def test_campaign__60_homes_for_10_places_at_once__nobody_twice_nobody_in_error(web: str) -> None:
    assert race(60, 10, web).told == {302: 10, 409: 50}
    assert AppointmentWaiting.objects.count() == 50


@pytest.mark.long
@pytest.mark.services
def test_campaign__300_homes_for_60_places_at_once__240_are_told(web: str) -> None:
    load = os.getloadavg()[0]
    race_of_300 = race(300, 60, web)
    assert race_of_300.told == {302: 60, 409: 240}
    assert AppointmentWaiting.objects.count() == 240
    answered = race_of_300.answered
    report.write(
        "campaign",
        f"""## A campaign opens
300 signed-in households tap the same second for 60 places of five times, through HTTP against uvicorn
on PostgreSQL, with 300 connections from the same 2 cores and a load of {load:.1f} by other work when it
began: 60 booked, 240 told that it is full and offered the waiting list, none twice, none in error.

| from the minute in which booking opens, in seconds | |
| --- | --- |
| the first answer | {answered[0]:.1f} |
| the last place is gone | {race_of_300.places_gone:.1f} |
| half are answered | {answered[149]:.1f} |
| everybody is answered | {answered[-1]:.1f} |
| then 240 join the waiting list, 20 at a time | {race_of_300.waiting:.1f} |
""",
    )
