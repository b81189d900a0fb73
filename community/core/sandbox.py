"""Runs a function on a file of unknown origin in a process of its own, with hard limits.

A decoder of pictures or spreadsheets is a large parser in C, and a small file can ask it for gigabytes.
Here such a file costs at most one short-lived process: the page process neither grows nor crashes.

The function lies in a module that imports the standard library and installed packages only (never
Django: the process must start quickly). It is called with the arguments as keywords, in an empty folder of
its own, and returns what JSON can hold::

    answer = run_limited("services.common.sheet_reading", {"path": path})

Files that it writes are taken over inside a ``workplace()``::

    with workplace() as place:
        place.keep(upload, "upload")
        answer = place.run("community.core.decoding", {"path": "upload"})
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
# An answer or a log line beyond this is a fault of the function.
MAX_ANSWER = 32 * 1024 * 1024
MAX_ERRORS = 4000
CHUNK = 64 * 1024
CHILD = Path(__file__).with_name("sandbox_child.py")
ROOT = Path(__file__).resolve().parents[2]


class Limited(Exception):
    """The function gave no answer; the subclass says why."""


class TooMuch(Limited):
    """It needed more memory than it may have."""


class TooSlow(Limited):
    """It needed more time than it may have."""


class Broken(Limited):
    """It raised an error or crashed; the text is for the log."""


class Busy(Limited):
    """All places were taken for as long as the caller was ready to wait."""


@dataclass(frozen=True)
class Workplace:
    """A place among the few that work at once, and its folder, which is removed afterwards."""

    folder: Path

    def keep(self, file: IO[bytes], name: str) -> Path:
        """Copy a file into the folder, in small pieces."""
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
        """Call ``module.function(**arguments)``. Raises a subclass of ``Limited``.

        ``memory`` is in bytes, ``seconds`` bounds both the processor's time and the wall clock's.
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
    """Call ``module.function(**arguments)`` in a process of its own. Raises a subclass of ``Limited``.

    Paths in the arguments are absolute: the process stands in an empty folder, which is removed.
    """
    with workplace(seconds=seconds) as place:
        return place.run(module, arguments, function=function, memory=memory, seconds=seconds)


@contextmanager
def workplace(*, seconds: float = SECONDS) -> Iterator[Workplace]:
    """One of ``LIMITED_AT_ONCE`` places of this server; raises ``Busy`` after waiting for ``seconds``."""
    slots = Path(settings.DATA_DIR) / "limited"
    slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, lock = _take_slot(slots, time.monotonic() + seconds)
    folder = slots / str(number)
    try:
        # Whatever a process that was killed has left behind.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        yield Workplace(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        # Said aloud: a process forked meanwhile would hold a lock that is only closed.
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
    """No secret of ours. One arena: each further one would take 64 MB of the address space."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
    }


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Its exit code. Whatever happens here, it and what it started are gone afterwards."""
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
    if code == -signal.SIGKILL:  # by the system, when the whole server lacks memory
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
