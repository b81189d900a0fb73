"""A campaign opens, and everybody taps in the same second: through HTTP, a real server, real sessions."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests
from django.db import connections
from django.test import Client

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.renovation.models import Appointment, Campaign
from services.scheduling.models import Place, Slot
from tests.factories import make_home, make_resident
from tests.factories.renovation import Site

SLOTS = 5
TOKEN = "a" * 32
Asker = tuple[Home, requests.Session]


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
