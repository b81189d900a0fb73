"""Runs a function on an untrusted file in a separate process with hard limits.

Decoders of pictures and spreadsheets are large C parsers, and a small file can make them use gigabytes. Here
it costs at most one short-lived process; the page process neither grows nor crashes.

The function's module imports only the standard library and installed packages, never Django, to start
quickly. It is called with keyword arguments in an empty folder and returns JSON data::

    answer = run_in_sandbox("community.core.sheets.reading", {"path": path})

Files that it writes are read inside a ``workplace()``::

    with workplace() as place:
        place.keep(upload, "upload")
        answer = place.run("community.core.picture_decoding", {"path": "upload"})
        made = (place.folder / "large.jpg").read_bytes()
"""

import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

logger = logging.getLogger(__name__)

MEMORY = 700 * 1024 * 1024
SECONDS = 20
# Larger answers and log lines are errors of the function.
MAX_ANSWER = 32 * 1024 * 1024
MAX_ERRORS = 4000
CHUNK = 64 * 1024
CHILD = Path(__file__).with_name("sandbox_child.py")
ROOT = Path(__file__).resolve().parents[2]


class Limited(Exception):
    """Raised when the function gave no answer; subclasses say why."""


class TooMuch(Limited):
    """Raised when it exceeded its memory."""


class TooSlow(Limited):
    """Raised when it exceeded its time."""


class Broken(Limited):
    """Raised when it failed or crashed; the text is for the log."""


class Busy(Limited):
    """Raised when no workplace became free in time."""


@dataclass(frozen=True)
class Workplace:
    """A workplace on this server, with a folder that is deleted afterwards."""

    folder: Path

    def keep(self, file: IO[bytes], name: str) -> Path:
        """Copies a file into the folder in small pieces."""
        file.seek(0)
        with (self.folder / name).open("wb") as kept:
            shutil.copyfileobj(file, kept, CHUNK)
        return self.folder / name

    def run(
        self,
        module: str,
        arguments: Mapping[str, Any],
        *,
        function: str = "run",
        memory: int = MEMORY,
        seconds: int = SECONDS,
    ) -> dict[str, Any]:
        """Calls ``module.function(**arguments)``. Raises a subclass of ``Limited``.

        ``memory`` is in bytes; ``seconds`` limits CPU time and wall-clock time.
        """
        given, answer, errors = (self.folder / name for name in (".arguments", ".answer", ".errors"))
        given.write_text(json.dumps(dict(arguments)))
        with given.open("rb") as stdin, answer.open("wb") as stdout, errors.open("wb") as stderr:
            process = subprocess.Popen(
                _command(module, function, memory, seconds),
                cwd=self.folder,
                env=_environment(self.folder),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            code = _ended(process, seconds)
        return _answer(module, code, answer, errors)


def run_in_sandbox(
    module: str,
    arguments: Mapping[str, Any],
    *,
    function: str = "run",
    memory: int = MEMORY,
    seconds: int = SECONDS,
) -> dict[str, Any]:
    """Calls ``module.function(**arguments)`` in a separate process. Raises a subclass of ``Limited``.

    Paths in the arguments must be absolute, since the process runs in an empty folder.
    """
    with workplace(seconds=seconds) as place:
        return place.run(module, arguments, function=function, memory=memory, seconds=seconds)


@contextmanager
def workplace(*, seconds: float = SECONDS) -> Iterator[Workplace]:
    """Yields one of ``LIMITED_AT_ONCE`` workplaces of this server. Raises ``Busy`` after ``seconds``."""
    slots = Path(settings.DATA_DIR) / "limited"
    slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, lock = _take_slot(slots, time.monotonic() + seconds)
    folder = slots / str(number)
    try:
        # Removes files of a killed process.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        yield Workplace(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        # Unlocked explicitly, because a process forked meanwhile would keep a merely closed lock.
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _take_slot(slots: Path, deadline: float) -> tuple[int, int]:
    while True:
        for number in range(settings.LIMITED_AT_ONCE):
            lock = os.open(slots / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return number, lock
        if time.monotonic() >= deadline:
            raise Busy
        time.sleep(0.05)


def _command(module: str, function: str, memory: int, seconds: int) -> list[str]:
    return [sys.executable, "-I", str(CHILD), str(memory), str(seconds), str(ROOT), module, function]


def _environment(folder: Path) -> dict[str, str]:
    """Returns an environment without secrets. Each further malloc arena would take 64 MB of address space."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
    }


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Returns the exit code; the process and its children are gone afterwards."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TooSlow from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answer(module: str, code: int, answer: Path, errors: Path) -> dict[str, Any]:
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        raise TooSlow
    if code == -signal.SIGKILL:  # killed by the system for lack of memory
        raise TooMuch
    said: dict[str, Any] = {}
    if code == 0 and answer.stat().st_size <= MAX_ANSWER:
        with suppress(ValueError):
            said = json.loads(answer.read_bytes())
    if "answer" in said:
        return dict(said["answer"])
    if said.get("error") == "memory":
        raise TooMuch
    with errors.open("rb") as file:
        words = file.read(MAX_ERRORS).decode(errors="replace")
    logger.warning("%s ended with %s: %s %s", module, code, said.get("error", ""), words)
    raise Broken(said.get("error") or f"exit {code}")
