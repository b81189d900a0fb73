"""The parts of the demo: kept alive, stopped whole, none left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from community.demo.processes import (
    RESTARTS_A_MINUTE,
    AlreadyRunning,
    CannotRestart,
    ManagedProcess,
    ProcessGroup,
    _command_of,
)
from community.demo.runner import CannotStart, check_port

SLEEPER = [sys.executable, "-c", "import time; time.sleep(300)"]
# A process that has started one of its own, as Celery does with its beat, and tells its number.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print(child.pid, flush=True)
time.sleep(300)
"""


def is_alive(pid: int) -> bool:
    state = subprocess.run(["cat", f"/proc/{pid}/stat"], capture_output=True, text=True, check=False).stdout
    if state:
        return state.rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self").exists()


def wait_until(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def part(tmp_path):
    made = ManagedProcess("The part", SLEEPER, tmp_path / "part.log")
    yield made
    made.stop()


def test_stop__part_with_a_child__ends_both(tmp_path):
    part = ManagedProcess("The parent", [sys.executable, "-c", PARENT], tmp_path / "parent.log")
    part.start()
    wait_until(lambda: part.log.read_text().strip())
    child = int(part.log.read_text())
    part.stop()
    wait_until(lambda: not is_alive(child))


def test_restart__killed_part__runs_again(part):
    part.start()
    os.kill(part.process.pid, signal.SIGKILL)
    part.process.wait()
    assert not part.is_alive
    part.restart()
    assert part.is_alive


def test_restart__part_that_keeps_dying__gives_up_and_says_why(tmp_path):
    part = ManagedProcess(
        "The part", [sys.executable, "-c", "print('no such table', flush=True)"], tmp_path / "part.log"
    )
    part.start()
    part.process.wait()
    for _ in range(RESTARTS_A_MINUTE):
        part.restart()
        part.process.wait()
    with pytest.raises(CannotRestart, match="no such table"):
        part.restart()


def test_take__folder_in_use__refused(tmp_path):
    first, second = ProcessGroup(tmp_path), ProcessGroup(tmp_path)
    first.take()
    with pytest.raises(AlreadyRunning):
        second.take()
    first.stop()
    second.take()
    second.stop()


def test_take__runner_was_killed__its_parts_are_ended(tmp_path, part):
    killed = ProcessGroup(tmp_path)
    killed.take()
    killed.start(part)
    # A moment after the start the system does not know the command yet.
    wait_until(lambda: _command_of(part.process.pid))
    killed._lock.close()  # as the system does when a process is killed
    following = ProcessGroup(tmp_path)
    following.take()
    wait_until(lambda: not part.is_alive)
    following.stop()


def test_take__number_now_somebody_elses__left_alone(tmp_path, part):
    part.start()
    wait_until(lambda: _command_of(part.process.pid))
    (tmp_path / "run.json").write_text(f'{{"{part.process.pid}": "valkey-server --port 0"}}')
    household = ProcessGroup(tmp_path)
    household.take()
    assert part.is_alive
    household.stop()


def test_check_port__taken__names_another(server_port):
    with pytest.raises(CannotStart, match=f"PORT={server_port + 1} make demo"):
        check_port(server_port)
