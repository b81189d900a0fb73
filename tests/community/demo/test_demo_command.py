"""``make demo`` as a person meets it: it starts, answers, survives a death, and stops clean."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support import database

# The demo is on SQLite, whatever the tests are on.
pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]
# An estate of one person: what the demo loads by itself has tests of its own.
FILL = """
from accounts.models import User
User.objects.create(username="somebody", name="Somebody")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def estate_of_one(django_db_setup: None, tmp_path_factory) -> Path:
    """A migrated database with one person in it, made once for both tests."""
    folder = tmp_path_factory.mktemp("estate")
    shutil.copy(database.original(), folder / "linli.sqlite3")
    env = {**clean_env(), "DATA_DIR": str(folder)}
    command = [sys.executable, "manage.py", "shell", "-c", FILL]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    return folder / "linli.sqlite3"


def clean_env() -> dict[str, str]:
    taken = {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "PUBLIC_URL"}
    return {**{name: value for name, value in os.environ.items() if name not in taken}, "DEMO": "1"}


@pytest.fixture
def demo_env(tmp_path, estate_of_one) -> dict[str, str]:
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(estate_of_one, folder)
    return {**clean_env(), "DATA_DIR": str(folder), "PORT": str(free_port())}


def start(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "community.demo"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    wait_for("Ready after", demo, log)
    return demo


def wait_for(words: str, demo: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while words not in log.read_text():
        assert demo.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def running(env: dict[str, str]) -> dict[str, int]:
    register = json.loads((Path(env["DATA_DIR"]) / "run.json").read_text())
    names = {"uvicorn": "pages", "celery": "work", "valkey-server": "valkey"}
    return {name: int(pid) for pid, cmd in register.items() for word, name in names.items() if word in cmd}


def is_gone(pid: int) -> bool:
    """Whether the process has ended; a machine may take a while to clear away one that was killed."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_demo__start_and_stop__answers_and_leaves_nothing(demo_env, tmp_path):
    demo = start(demo_env, tmp_path / "out.log")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{demo_env['PORT']}/", timeout=10) as page:
            assert page.status == 200
        parts = running(demo_env)
        assert set(parts) == {"pages", "work", "valkey"}
        os.killpg(parts["work"], signal.SIGKILL)
        wait_for("The background work stopped by itself; starting it again", demo, tmp_path / "out.log")
        time.sleep(0.5)
        parts = running(demo_env)
    finally:
        demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=30) == 0
    assert "The data is kept" in (tmp_path / "out.log").read_text()
    assert [name for name, pid in parts.items() if not is_gone(pid)] == []


def test_demo__runner_killed__next_one_starts_all_the_same(demo_env, tmp_path):
    demo = start(demo_env, tmp_path / "first.log")
    orphans = running(demo_env)
    demo.kill()
    demo.wait()
    demo = start(demo_env, tmp_path / "second.log")
    assert [name for name, pid in orphans.items() if not is_gone(pid)] == []
    demo.terminate()
    assert demo.wait(timeout=30) == 0
