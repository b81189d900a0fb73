"""A whole town: database, Valkey, pages, workers and the clock, each a process of its own that can be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from tests.faults.servers import Postgres, Redis, SqliteFile
from tests.support.processes import ROOT, collected

STARTS_WITHIN = 90.0
HOTLINE = "02788880000"
UVICORN = ["-m", "uvicorn", "community.asgi:application", "--lifespan", "off", "--no-access-log"]
CELERY = ["-m", "celery", "-A", "community.celery"]
WORKER = ["worker", "--pool=solo", "--without-gossip", "--without-mingle", "--queues", "urgent,normal,bulk"]


class Town:
    """``start`` and ``kill`` take names of parts: ``database``, ``redis``, ``web``, ``worker``, ``beat``, ``beat2``."""

    def __init__(self, folder: Path, vendor: str) -> None:
        self.folder = folder
        self.database = SqliteFile(folder) if vendor == "sqlite" else Postgres(folder)
        self.redis = Redis(folder)
        self.static = str(folder / "static")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._teller: subprocess.Popen[str] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DEMO": "1",
            "HTTPS": "0",
            "DATA_DIR": str(self.folder),
            "MEDIA_DIR": str(self.folder / "media"),
            "STATIC_ROOT": self.static,
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.redis.url,
            "REDIS_PREFIX": "town",
            "SMS_BACKEND": "console",
            "HOTLINE": HOTLINE,
        }

    def start(self, *parts: str) -> None:
        for part in parts:
            if part in ("database", "redis"):
                getattr(self, part).start()
            else:
                self.processes[part] = self._run(part, self._command(part))
        if "web" in parts:
            self.wait_for_pages()

    def _command(self, part: str) -> list[str]:
        if part == "web":
            return [*UVICORN, "--port", str(self.port), "--workers", "2"]
        if part == "worker":
            return [*CELERY, *WORKER, "-n", f"{part}@town"]
        return [*CELERY, "beat", "-s", str(self.folder / part), "--pidfile="]

    def _run(self, part: str, arguments: list[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{part}.log").open("ab") as log:
            command = [sys.executable, *arguments]
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, *parts: str) -> None:
        """Ends these parts at once, by SIGKILL."""
        self._end(signal.SIGKILL, *parts)

    def _end(self, how: signal.Signals, *parts: str) -> None:
        for part in parts:
            if part in ("database", "redis"):
                getattr(self, part).kill()
                continue
            process = self.processes.pop(part, None)
            if process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, how)
                process.wait(30)

    def restart_web(self) -> None:
        """Restarts the pages as an update does: those that are being answered are answered."""
        self._end(signal.SIGTERM, "web")
        self.start("web")

    def wait_for_pages(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while True:
            assert time.monotonic() < until, self.last_words("web")
            with suppress(requests.RequestException):
                if requests.get(f"{self.url}/sign-in/", timeout=10).status_code == requests.codes.ok:
                    return
            time.sleep(0.1)

    def last_words(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text(errors="replace")[-3000:]

    def ask(self, *words: Any) -> Any:
        """Asks ``tests.faults.town``, which runs from the first question on, and returns its answer."""
        if self._teller is None:
            command = [sys.executable, "-m", "tests.faults.town"]
            with (self.folder / "town.log").open("ab") as log:
                self._teller = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        assert self._teller.stdin
        assert self._teller.stdout
        self._teller.stdin.write(json.dumps(words) + "\n")
        self._teller.stdin.flush()
        answer = self._teller.stdout.readline()
        assert answer, self.last_words("town")
        return json.loads(answer)

    def close(self) -> None:
        """Ends every process of the town."""
        self.kill(*self.processes, "redis", "database")
        if self._teller:
            self._teller.kill()
            self._teller.wait()

    def wait_until_sent(self) -> None:
        """Waits until every message that has been written by now is sent."""
        newest, until = self.ask("newest"), time.monotonic() + STARTS_WITHIN
        while self.ask("unsent", newest):
            assert time.monotonic() < until, self.last_words("worker")
            time.sleep(0.2)


@contextmanager
def running_town(folder: Path, vendor: str) -> Iterator[Town]:
    """Starts a town; ends every process of it at the end."""
    town = Town(folder, vendor)
    try:
        town.start("database", "redis")
        town.static = collected(town.environment)
        town.start("worker", "beat", "web")
        yield town
    finally:
        town.close()
