"""From an act to another person's open page, in the demo's set-up: uvicorn, Celery and Valkey as
processes of their own, ten sockets, four of which lose their connection all the time."""

import asyncio
import json
import os
import platform
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import websockets
from django.conf import settings
from django.db import connection, connections

from accounts.models import StaffRole, User
from community.core import clock
from community.notifications import live
from services.common.actions import board_topic
from services.repairs import actions
from services.repairs.models import Repair
from tests.bench import report
from tests.factories import make_repair, make_staff
from tests.support.browser import session_cookie
from tests.support.processes import running_web

SOCKETS, RESTLESS = 10, 4
REPAIRS = 50
# A page without a socket polls within this time: later than that is lost.
LOST_SECONDS = 15.0


@dataclass
class Watcher:
    """One open page: when it knew which number."""

    is_restless: bool
    known: list[tuple[float, int]] = field(default_factory=list)
    connections: int = 0

    def knew(self, number: int) -> float | None:
        return next((at for at, told in self.known if told >= number), None)


@dataclass
class Act:
    began: float
    number: int
    seen: float | None = None


@pytest.fixture
def server(process_env: dict[str, str], tmp_path: Any) -> Iterator[str]:
    """The pages and sockets as the demo starts them."""
    with running_web(process_env, tmp_path) as address:
        yield address


@pytest.mark.parametrize("number_of_acts", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_live__acts_of_others__none_is_lost(
    number_of_acts: int, server: str, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    busy = os.getloadavg()[0]
    first = make_repair(status=Repair.Status.IN_WORK)
    repairs = [first] + [
        make_repair(
            status=Repair.Status.IN_WORK, home=first.home, worker=first.worker, category=first.category
        )
        for _number in range(REPAIRS - 1)
    ]
    watching = make_staff(role=StaffRole.Role.DISPATCHER, estate=first.estate)
    start_worker(beat=True)

    watchers, acts = asyncio.run(_measure(server, watching, repairs, number_of_acts))
    lost, steady, restless = [], [], []
    for act in acts:
        for watcher in watchers:
            at = watcher.knew(act.number)
            if at is None or at - act.began > LOST_SECONDS:
                lost.append(act)
            else:
                (restless if watcher.is_restless else steady).append(at - act.began)
    assert lost == []
    assert all(watcher.connections > number_of_acts / 100 for watcher in watchers if watcher.is_restless)
    content = [act.seen - act.began for act in acts if act.seen]
    assert content
    if number_of_acts >= 1000:
        _write_down(len(acts), busy, watchers, steady, restless, content)


async def _measure(
    server: str, user: User, repairs: list[Repair], number_of_acts: int
) -> tuple[list[Watcher], list[Act]]:
    watchers = [Watcher(number < RESTLESS) for number in range(SOCKETS)]
    cookie = {settings.SESSION_COOKIE_NAME: await asyncio.to_thread(_elsewhere, session_cookie, user)}
    token = await asyncio.to_thread(_elsewhere, _token, user, repairs[0].estate_id)
    acts: list[Act] = []
    over = asyncio.Event()
    pages = [asyncio.create_task(_watch(server, cookie, token, watcher, over)) for watcher in watchers]
    async with asyncio.timeout(60):
        while not all(watcher.known for watcher in watchers):
            await asyncio.sleep(0.05)
    reading = threading.Thread(target=_read, args=(server, cookie, repairs, acts, over))
    reading.start()
    await asyncio.to_thread(_elsewhere, _act, repairs, number_of_acts, acts)
    until = time.perf_counter() + LOST_SECONDS
    while time.perf_counter() < until and not all(w.knew(acts[-1].number) for w in watchers):
        await asyncio.sleep(0.05)
    over.set()
    await asyncio.gather(*pages)
    reading.join()
    return watchers, acts


def _token(user: User, estate_id: int) -> str:
    """As a page of theirs has it: their role has given the number of their rights a start."""
    access = live.access_topic(user.pk)
    return live.sign([board_topic(estate_id)], user.pk, live.numbers_of([access])[access])


def _elsewhere(work: Callable[..., Any], *args: Any) -> Any:
    try:
        return work(*args)
    finally:
        connections.close_all()


def _act(repairs: list[Repair], number_of_acts: int, acts: list[Act]) -> None:
    """The worker's acts, one after another: on each the resident is told, and the board changes."""
    topic = board_topic(repairs[0].estate_id)
    for number in range(number_of_acts):
        repair = repairs[number % len(repairs)]
        worker = repair.worker
        assert worker is not None
        began = time.perf_counter()
        actions.add_words(repair=repair, by=worker, words=f"act {number}.", now=clock.now())
        acts.append(Act(began, live.numbers_of([topic])[topic]))
        time.sleep(random.random() * 0.05)


async def _watch(
    server: str, cookie: dict[str, str], token: str, watcher: Watcher, over: asyncio.Event
) -> None:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookie.items())}
    address = server.replace("http", "ws") + "/live/"
    while not over.is_set():
        stay = time.perf_counter() + (random.uniform(0.2, 1.0) if watcher.is_restless else 3600)
        # A line that is cut, or too slow to open, is tried again, as a page does.
        with suppress(websockets.WebSocketException, OSError):
            async with websockets.connect(address, additional_headers=headers, origin=server) as socket:
                watcher.connections += 1
                await socket.send(json.dumps({"watch": [token]}))
                while not over.is_set() and time.perf_counter() < stay:
                    with suppress(TimeoutError):
                        told = json.loads(await asyncio.wait_for(socket.recv(), 0.2))
                        watcher.known.append((time.perf_counter(), told["numbers"][token]))
                if watcher.is_restless:
                    socket.transport.abort()


def _read(
    server: str, cookie: dict[str, str], repairs: list[Repair], acts: list[Act], over: asyncio.Event
) -> None:
    """One page that fetches what it is told of: when the newest act's words stood in it."""
    session = requests.Session()
    session.cookies.update(cookie)
    seen = -1
    while not over.is_set():
        newest = len(acts) - 1
        if newest == seen:
            time.sleep(0.002)
            continue
        seen = newest
        page = session.get(f"{server}/repairs/{repairs[seen % len(repairs)].pk}/live/", timeout=10)
        page.raise_for_status()
        if f"act {seen}." in page.text:
            acts[seen].seen = time.perf_counter()


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _write_down(
    acts: int,
    busy: float,
    watchers: list[Watcher],
    steady: list[float],
    restless: list[float],
    content: list[float],
) -> None:
    def line(name: str, values: list[float]) -> str:
        figures = [f"{_percentile(values, percent) * 1000:.0f}" for percent in (50, 95, 99)]
        return f"| {name} | {' | '.join(figures)} | {max(values) * 1000:.0f} |"

    reconnects = sum(watcher.connections for watcher in watchers if watcher.is_restless)
    report.write(
        "live",
        "\n".join(
            [
                "## Live updates",
                "",
                f"{acts:,} acts of a worker, {SOCKETS} sockets of other people, {RESTLESS} of them cut off and "
                f"reconnecting all the time ({reconnects:,} connections): **0 lost**. The demo's set-up: uvicorn, a "
                f"Celery worker with beat and Valkey as processes of their own, {connection.vendor}, "
                f"{os.cpu_count()} cores, Python {platform.python_version()}, a load of {busy:.1f} by other work "
                "when it began. From the beginning of the act's transaction, in milliseconds:",
                "",
                "| to | p50 | p95 | p99 | longest |",
                "| --- | --- | --- | --- | --- |",
                line("the notice on an open socket", steady),
                line("the notice on a socket that keeps losing its connection", restless),
                line("the new content in a page fetched", content),
            ]
        ),
    )
    print((report.PAGE).read_text())
