"""Processes of the demo: started, watched and stopped together."""

import fcntl
import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

STOP_SECONDS = 8
# Crashes within a minute after which a process counts as broken.
RESTARTS_A_MINUTE = 5


class AlreadyRunning(Exception):
    """Raised when another demo uses this data folder."""


class CannotRestart(Exception):
    """Raised when a process cannot be kept alive; the message ends with its last output."""


@dataclass
class ManagedProcess:
    """A process in a group of its own, so that Ctrl-C reaches only the runner.

    The runner stops the processes in order: pages before workers, the broker last.
    """

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is None:
            return
        _signal_group(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        # Signalled even if it has ended: its children may still run.
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def restart(self) -> None:
        """Restarts the process after a crash. Raises ``KeepsDying`` after repeated crashes."""
        now = time.monotonic()
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        if len(self.deaths) > RESTARTS_A_MINUTE:
            raise CannotRestart(f"{self.name} keeps stopping. The end of {self.log}:\n{self.last_words()}")
        self.stop()
        self.start()

    def last_words(self, lines: int = 15) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class ProcessGroup:
    """Processes of a data folder, which only one runner at a time may use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: list[ManagedProcess] = []
        self._register = folder / "run.json"
        self._lock: IO[str] | None = None

    def take(self) -> bool:
        """Locks the folder and ends processes left by a killed runner; returns whether there were any.

        The kernel releases their port a moment later.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "demo.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"The demo is running already, on {self.folder}.") from error
        return self._end_leftovers()

    def start(self, *parts: ManagedProcess) -> None:
        for part in parts:
            self.parts.append(part)
            part.start()
        self._note()

    def restart(self, part: ManagedProcess) -> None:
        part.restart()
        self._note()

    def stop(self) -> None:
        """Stops the processes in reverse order."""
        for part in reversed(self.parts):
            part.stop()
        self.parts.clear()
        self._register.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()

    def _note(self) -> None:
        running = {str(p.process.pid): " ".join(p.command) for p in self.parts if p.process}
        self._register.write_text(json.dumps(running))

    def _end_leftovers(self) -> bool:
        if not self._register.exists():
            return False
        for pid, command in json.loads(self._register.read_text() or "{}").items():
            # The pid may be reused: only a process with our command is ended.
            if command in _command_of(int(pid)):
                _signal_group(int(pid), signal.SIGKILL)
        self._register.unlink()
        return True


def _command_of(pid: int) -> str:
    """Returns the command line of a process; a slim Debian has no ps, macOS no /proc."""
    command_line = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        return (
            command_line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command_line.exists()
            else ""
        )
    command = ["ps", "-ww", "-p", str(pid), "-o", "command="]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
