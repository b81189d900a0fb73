import asyncio
import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import websockets
from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.core.backoff import Backoff
from community.notifications import consumers, live
from community.notifications.models import LiveTopic
from tests.support.browser import session_cookie

# -- Numbers.


@pytest.mark.django_db
def test_changed__counts_every_topic_up() -> None:
    live.notify_open_pages("repair:1", "board:1")
    live.notify_open_pages("repair:1")
    assert live.numbers_of(["repair:1", "board:1", "never"]) == {"repair:1": 2, "board:1": 1, "never": 0}


@pytest.mark.django_db(transaction=True)
def test_changed__rolled_back__did_not_happen_and_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, int]] = []
    monkeypatch.setattr(live, "_send_numbers", told.append)

    def change_ones_mind() -> None:
        with transaction.atomic():
            live.notify_open_pages("repair:1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_ones_mind()
    assert live.numbers_of(["repair:1"]) == {"repair:1": 0}
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_changed__by_many_at_once__loses_no_number_and_never_deadlocks() -> None:
    def change(number: int) -> None:
        try:
            for _act in range(10):
                with transaction.atomic():
                    live.notify_open_pages(*(["b", "a", "c"] if number % 2 else ["c", "a", "b"]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live.numbers_of(["a", "b", "c"]) == {"a": 60, "b": 60, "c": 60}


@pytest.mark.django_db(transaction=True)
def test_changed__redis_gone__costs_little_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(numbers: dict[str, int]) -> None:
        async with asyncio.timeout(live.SEND_SECONDS):
            await asyncio.sleep(60)

    monkeypatch.setattr(live, "_send", hang)
    monkeypatch.setattr(live, "_backoff", Backoff())
    began = time.monotonic()
    for _act in range(5):
        live.notify_open_pages("repair:1")
    assert time.monotonic() - began < 2
    assert live.numbers_of(["repair:1"]) == {"repair:1": 5}


def shown(*names: str, now: datetime) -> int:
    return live.number_to_show(live.read_topics(names).values(), now)


@pytest.mark.django_db
def test_number_to_show__just_changed__lets_the_page_look_again() -> None:
    now = clock.now()
    live.notify_open_pages("a", "b")
    assert shown("a", "b", now=now) == 1
    LiveTopic.objects.update(changed_at=now - timedelta(minutes=5))
    assert shown("a", "b", now=now) == 2
    assert shown("never", now=now) == 0


# -- Tokens and polling.


def test_token__of_somebody_else_or_forged__is_not_read() -> None:
    token = live.sign(["repair:1"], 7, 2)
    assert live.read_token(token, 7) == (2, ["repair:1"])
    assert live.read_token(token, 8) is None
    assert live.read_token(token[:-2] + "xx", 7) is None
    assert live.read_token("", 7) is None


def test_token__older_than_a_day__is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    token = live.sign(["repair:1"], 7)
    monkeypatch.setattr(live, "TOKEN_AGE", timedelta(seconds=-1))
    assert live.read_token(token, 7) is None


@pytest.mark.django_db
def test_numbers__by_polling__are_those_of_the_token(person: User, client: Client) -> None:
    live.notify_open_pages("repair:1", "board:1")
    live.notify_open_pages("repair:1")
    token, foreign = live.sign(["repair:1", "board:1"], person.pk), live.sign(["repair:1"], person.pk + 1)
    assert client.get(reverse("live_numbers"), {"t": token}).status_code == 403
    client.force_login(person)
    answer = client.get(reverse("live_numbers"), {"t": [token, foreign]})
    assert answer.json() == {"numbers": {token: 3, foreign: None}}


# -- Sockets, on the real server.


@pytest.fixture
def socket_of(live_server_url: str) -> Callable[[User | None], Any]:
    def connect(user: User | None) -> Any:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_cookie(user)}"} if user else {}
        return websockets.connect(
            live_server_url.replace("http", "ws") + "/live/",
            additional_headers=headers,
            origin=live_server_url,
        )

    return connect


def change_elsewhere(*topics: str) -> None:
    """Another person's act, in another thread."""
    live.notify_open_pages(*topics)
    connections.close_all()


async def numbers(socket: Any) -> dict[str, int | None]:
    answer = json.loads(await asyncio.wait_for(socket.recv(), 5))
    return answer["numbers"]


def test_socket__watching__is_told_at_once_and_at_every_change(
    resident: User, socket_of: Callable[[User | None], Any]
) -> None:
    token, foreign = live.sign(["repair:1", "board:1"], resident.pk), live.sign(["repair:1"], 999)
    live.notify_open_pages("board:1")

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(json.dumps({"watch": [token, foreign]}))
            assert await numbers(socket) == {token: 1, foreign: None}
            began = time.monotonic()
            await asyncio.to_thread(change_elsewhere, "repair:1")
            assert (await numbers(socket))[token] == 2
            assert time.monotonic() - began < 1
            await asyncio.to_thread(change_elsewhere, "repair:2")
            await asyncio.to_thread(change_elsewhere, "repair:1")
            assert (await numbers(socket))[token] == 3

    asyncio.run(run())


@pytest.mark.parametrize(
    "frame",
    [b"\x00\xff", b'{"watch": []}', "[" * 60_000, "", "null"],
    ids=["bytes", "bytes of JSON", "deep", "empty", "null"],
)
def test_socket__frame_that_no_page_sends__is_left_unread(
    resident: User, socket_of: Callable[[User | None], Any], frame: bytes | str
) -> None:
    token = live.sign(["repair:1"], resident.pk)

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(frame)
            await socket.send(json.dumps({"watch": [token]}))
            assert await numbers(socket) == {token: 0}

    asyncio.run(run())


def test_socket__of_a_stranger__is_closed(socket_of: Callable[[User | None], Any]) -> None:
    async def run() -> None:
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with socket_of(None):
                pass

    asyncio.run(run())


def test_socket__from_another_site__is_refused(resident: User, live_server_url: str) -> None:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_cookie(resident)}"

    async def run() -> None:
        with pytest.raises(websockets.exceptions.InvalidStatus):
            async with websockets.connect(
                live_server_url.replace("http", "ws") + "/live/",
                additional_headers={"Cookie": cookie},
                origin="https://evil.example",
            ):
                pass

    asyncio.run(run())


def test_socket__message_lost__is_told_by_the_heartbeat(
    resident: User, socket_of: Callable[[User | None], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.3)
    monkeypatch.setattr(live, "RENEWED_AFTER", timedelta(hours=-1))
    token = live.sign(["repair:1"], resident.pk)

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(json.dumps({"watch": [token]}))
            assert await numbers(socket) == {token: 0}
            monkeypatch.setattr(live, "_send_numbers", lambda told: None)
            await asyncio.to_thread(change_elsewhere, "repair:1")
            assert await numbers(socket) == {token: 1}
            renewed = json.loads(await asyncio.wait_for(socket.recv(), 5))["renew"]
            assert live.read_token(renewed[token], resident.pk) == (0, ["repair:1"])

    asyncio.run(run())


@pytest.mark.parametrize("sent", ["nonsense", "[]", '{"watch": 7}', '{"watch": [1, null]}'])
def test_socket__nonsense__does_no_harm(
    resident: User, socket_of: Callable[[User | None], Any], sent: str
) -> None:
    token = live.sign(["repair:1"], resident.pk)

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(sent)
            await socket.send(json.dumps({"watch": [token]}))
            while token not in await numbers(socket):
                pass

    asyncio.run(run())


def test_socket__refused_token__is_answered_once_and_forgotten(
    resident: User, socket_of: Callable[[User | None], Any]
) -> None:
    token, foreign = live.sign(["repair:1"], resident.pk), live.sign(["repair:1"], 999)

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(json.dumps({"watch": [token, foreign, "x" * 1025]}))
            assert await numbers(socket) == {token: 0, foreign: None}
            await socket.send(json.dumps({"watch": []}))
            assert await numbers(socket) == {token: 0}

    asyncio.run(run())


def test_socket__too_many_topics__are_refused(
    resident: User, socket_of: Callable[[User | None], Any]
) -> None:
    most = live.sign([f"repair:{number}" for number in range(40)], resident.pk)
    more = live.sign(["repair:40"], resident.pk)

    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(json.dumps({"watch": [most, more]}))
            assert await numbers(socket) == {most: 0, more: None}

    asyncio.run(run())


@pytest.mark.parametrize(
    "message",
    [json.dumps({"watch": [f"nonsense-{number}" for number in range(20)]}), "x" * 70_000],
    ids=["20 refusals", "more than 64 KB"],
)
def test_socket__that_goes_on_with_nonsense__is_closed(
    resident: User, socket_of: Callable[[User | None], Any], message: str
) -> None:
    async def run() -> None:
        async with socket_of(resident) as socket:
            await socket.send(message)
            await asyncio.wait_for(socket.wait_closed(), 5)

    asyncio.run(run())
