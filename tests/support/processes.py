"""Real processes for tests that need them: pages and sockets on a port, background workers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests
import uvicorn
from django.conf import settings
from django.db import connection

from community.celery import app as celery
from tests.support import backing

ROOT = Path(__file__).resolve().parent.parent.parent


class Counted:
    """The product, counting the pages and sockets that it is answering."""

    def __init__(self, application: Any) -> None:
        self.application, self.running = application, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.running += 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.running -= 1


@dataclass(frozen=True)
class Serving:
    port: int
    product: Counted


@pytest.fixture(scope="session")
def serving() -> Iterator[Serving]:
    """Starts one uvicorn in a thread of this process, with the test's database and settings."""
    from community.asgi import application  # loads the apps

    product = Counted(application)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            product,
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=2,
            ws_max_size=65536,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "uvicorn did not start"
        time.sleep(0.01)
    yield Serving(listener.getsockname()[1], product)
    server.should_exit = True
    thread.join(timeout=5)


@pytest.fixture(scope="session")
def server_port(serving: Serving) -> int:
    return serving.port


@pytest.fixture
def live_server_url(serving: Serving, transactional_db: None) -> Iterator[str]:
    """Returns the address of the whole product, pages and sockets, on the test database.

    At the end it waits for open requests, which read tables that are about to be emptied.
    """
    yield f"http://127.0.0.1:{serving.port}"
    until = time.monotonic() + 20
    while serving.product.running:
        assert time.monotonic() < until, f"{serving.product.running} pages or sockets go on after the test"
        time.sleep(0.01)


@pytest.fixture
def process_env(transactional_db: None) -> dict[str, str]:
    """Returns the environment of a process that shares the test's database, Redis and files."""
    return environment()


def environment() -> dict[str, str]:
    """Returns the same for a process that several tests use, one after another."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        who = ":".join(quote(database[part], safe="") for part in ("USER", "PASSWORD") if database[part])
        where = ":".join(str(database[part]) for part in ("HOST", "PORT") if database[part])
        options = {name: value for name, value in database["OPTIONS"].items() if isinstance(value, str)}
        url = f"postgres://{who}@{where}/{database['NAME']}?{urlencode(options)}"
    return {**os.environ, "DEMO": "1", "DATABASE_URL": url, "HTTPS": "0"}


def collected(environment: dict[str, str]) -> str:
    """Returns the folder of the static files, which are collected once a run."""
    environment = environment | {"STATIC_ROOT": str(backing.run_folder() / "collected")}
    manage = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0"]
    backing.once("static", lambda: subprocess.run(manage, cwd=ROOT, env=environment, check=True))
    return environment["STATIC_ROOT"]


@contextmanager
def running_web(environment: dict[str, str], folder: Path, *, workers: int = 1) -> Iterator[str]:
    """Starts pages and sockets in a process of their own, as the demo does; returns the address."""
    environment = environment | {"STATIC_ROOT": collected(environment)}
    port = 18_000 + os.getpid() % 10_000
    command = [sys.executable, "-m", "uvicorn", "community.asgi:application", "--port", str(port)]
    command += ["--lifespan", "off", "--log-level", "warning", "--no-access-log", "--workers", str(workers)]
    said = folder / "web.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            # The first page loads everything and may be slow on a busy machine.
            with suppress(requests.ConnectionError, requests.Timeout):
                requests.get(address + "/sign-in/", timeout=10)
                break
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def start_worker(process_env: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts real Celery workers that can be killed: ``start_worker(beat=True)``.

    Until the end of the test, tasks go through the broker.
    """
    started: list[subprocess.Popen[bytes]] = []
    folder = Path(settings.DATA_DIR)

    def start(*, beat: bool = False, concurrency: int = 1, wait: bool = True) -> subprocess.Popen[bytes]:
        number = len(started)
        ready = folder / f"worker-{number}.log"
        command = [sys.executable, "-m", "celery", "-A", "community.celery", "worker", "--loglevel=INFO"]
        command += ["--pool=solo"] if concurrency == 1 else [f"--concurrency={concurrency}"]
        command += ["-n", f"test{number}@%h", "--without-gossip", "--without-mingle"]
        command += ["--queues", "urgent,normal,bulk"]
        if beat:
            command += ["-B", "-s", str(folder / f"beat-{number}")]
        with ready.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=process_env, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        if wait:
            until = time.monotonic() + 30
            while b"ready." not in ready.read_bytes():
                assert process.poll() is None, ready.read_text()
                assert time.monotonic() < until, ready.read_text()
                time.sleep(0.05)
        return process

    celery.conf.task_always_eager = False
    yield start
    celery.conf.task_always_eager = True
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
