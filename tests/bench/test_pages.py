"""What a page of the demo estate costs, beside a bare view that loads the session and the person.

In this process, and on PostgreSQL through HTTP too, with two workers. On PostgreSQL: ``.venv/bin/python -W ignore
tools/on_services.py -n 0 -s tests/bench/test_pages.py -m long``.
"""

import os
import platform
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from community.demo.people import PEOPLE
from tests.bench import report
from tests.support import backing, database
from tests.support.browser import session_cookie
from tests.support.processes import environment, running_web

ROUNDS = int(os.environ.get("ROUNDS", "30"))
SECONDS, AT_ONCE = float(os.environ.get("SECONDS", "5")), 8
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Page:
    """A page and its aims: bare views, and queries."""

    what: str
    who: str
    address: str
    aim: int
    queries: int = 12
    mode: str = "standard"
    # Whether nothing is kept of the page when it is asked for.
    is_anew: bool = False


PAGES = [
    Page("home", "owner", "/", 12, is_anew=True),
    Page("home, large type", "elder", "/", 12, mode="large", is_anew=True),
    Page("home, unchanged", "owner", "/", 3),
    Page("fees", "owner", "/fees/", 6),
    Page("care", "owner", "/care/", 6),
    Page("notices", "owner", "/notices/", 6),
    Page("my repairs", "owner", "/repairs/", 6),
    Page("report", "owner", "/repairs/new/", 6),
    Page("help", "elder", "/help/", 6, mode="large"),
    Page("renovation", "owner", "/renovation/1/", 6),
    Page("staff start", "frontdesk", "/staff/", 8),
    Page("counter", "cashier", "/staff/fees/", 8),
    Page("residents", "frontdesk", "/staff/residents/", 8),
    Page("bills", "cashier", "/staff/fees/bills/", 8),
    Page("list of repairs", "dispatcher", "/staff/repairs/list/", 14),
    Page("board", "dispatcher", "/staff/repairs/", 25, 20),
    Page("week of care", "care", "/staff/care/", 25),
    Page("morning page", "manager", "/staff/morning/", 35, 20),
    Page("back office: repairs", "admin", "/admin/repairs/repair/", 35, 20),
    Page("back office: bills", "admin", "/admin/fees/bill/", 35, 20),
    Page("back office: bookings", "admin", "/admin/care/carebooking/", 35, 20),
]
SERVED = ("home, unchanged", "my repairs", "board", "morning page")


@pytest.fixture
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock(), database.demo_estate():  # type: ignore[attr-defined]
        call_command("migrate", verbosity=0)
        yield


def person(key: str) -> User:
    name = next(one.name for one in PEOPLE if one.key == key)
    return User.objects.named(name).get(is_active=True)


def signed_in(page: Page) -> Client:
    client = Client()
    client.force_login(person(page.who))
    client.cookies["mode"] = page.mode
    return client


def measure(page: Page) -> tuple[float, float, int, float]:
    """Milliseconds of the page and of the bare view, asked in turn; its queries, and their milliseconds."""
    client = signed_in(page)
    for _warm in range(2):
        answer = client.get(page.address)
        assert answer.status_code == 200, (page, answer.status_code, answer.headers.get("Location"))
        client.get("/bare/")
    if page.is_anew:
        backing.forget_kept()
    with CaptureQueriesContext(connection) as asked:
        client.get(page.address)
        in_sql = sum(float(query["time"]) for query in asked.captured_queries) * 1000
        queries = len(asked)
    taken: dict[str, list[float]] = {page.address: [], "/bare/": []}
    for _round in range(ROUNDS):
        for address, times in taken.items():
            if page.is_anew:
                backing.forget_kept()
            began = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[page.address]), statistics.median(taken["/bare/"]), queries, in_sql


@pytest.mark.long
@pytest.mark.timeout(900)
def test_pages__beside_a_bare_view(demo: None) -> None:
    busy, lines = os.getloadavg()[0], []
    with override_settings(ROOT_URLCONF="tests.bench.bare_urls"):
        for page in PAGES:
            ms, bare, queries, in_sql = measure(page)
            lines.append(
                f"| {page.what} | {ms:.1f} | {ms / bare:.0f} | {page.aim} | {queries} | {in_sql:.0f} |"
            )
            print(lines[-1], flush=True)
    body = "\n".join(lines)
    report.write(
        f"pages-{connection.vendor}",
        f"""## Pages, {NAMES[connection.vendor]}
Pages of the demo estate in this process, the middle of {ROUNDS} requests, asked in turn with a bare view that loads the
session and the person and answers 14 KB; Python {platform.python_version()}, a load of {busy:.1f} by other work when it
began:

| page | ms | bare views | aim | queries | ms in the database |
| --- | --- | --- | --- | --- | --- |
{body}""",
    )


def serve(address: str, cookies: dict[str, str]) -> tuple[float, float]:
    """Requests a second of eight readers at once, and the milliseconds that 99 % of the requests keep."""
    until, taken = time.monotonic() + SECONDS, []

    def read(_reader: int) -> None:
        session = requests.Session()
        session.cookies.update(cookies)
        while time.monotonic() < until:
            began = time.perf_counter()
            answer = session.get(address, timeout=30)
            assert answer.status_code == 200
            taken.append((time.perf_counter() - began) * 1000)

    with ThreadPoolExecutor(AT_ONCE) as readers:
        list(readers.map(read, range(AT_ONCE)))
    return len(taken) / SECONDS, sorted(taken)[int(len(taken) * 0.99) - 1]


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="served from PostgreSQL only")
def test_pages__through_http__with_two_workers(demo: None, tmp_path: Path) -> None:
    busy, lines = os.getloadavg()[0], []
    with running_web(environment(), tmp_path, workers=2) as address:
        for page in PAGES:
            if page.what not in SERVED:
                continue
            cookies = {settings.SESSION_COOKIE_NAME: session_cookie(person(page.who)), "mode": page.mode}
            serve(address + page.address, cookies)
            rate, p99 = serve(address + page.address, cookies)
            lines.append(f"| {page.what} | {rate:.0f} | {p99:.0f} |")
            print(lines[-1], flush=True)
    body = "\n".join(lines)
    report.write(
        "pages-http",
        f"""## Pages through HTTP, PostgreSQL
Two workers of uvicorn, {AT_ONCE} readers at once for {SECONDS:.0f} seconds, on the same two processors; a load of
{busy:.1f} by other work when it began:

| page | requests a second | ms that 99 % keep |
| --- | --- | --- |
{body}""",
    )
