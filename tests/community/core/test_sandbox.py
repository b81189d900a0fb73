"""Reading files of unknown origin in a process of its own."""

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from community.core import sandbox
from community.core.sandbox import Broken, Busy, TooMuch, TooSlow, run_in_sandbox, workplace

pytestmark = pytest.mark.once
CASES = "tests.community.core.sandbox_cases"


def left_behind() -> list[str]:
    folder = Path(settings.DATA_DIR) / "limited"
    return [path.name for path in folder.rglob("*") if path.suffix != ".lock"]


def test_run_limited__a_function__answers() -> None:
    words = {"words": "电梯坏了", "rows": [[1, None], ["a", 2.5]]}
    began = time.monotonic()
    assert run_in_sandbox(CASES, words, function="echo") == words
    assert time.monotonic() - began < 1


def test_run_limited__the_process__has_nothing_of_ours_and_leaves_nothing() -> None:
    os.environ["SECRET_OF_OURS"] = "secret"
    try:
        seen = run_in_sandbox(CASES, {}, function="look_around")
    finally:
        del os.environ["SECRET_OF_OURS"]
    assert not seen["django"]
    assert "SECRET_OF_OURS" not in seen["environment"]
    assert len(seen["descriptors"]) <= 1, "its way to answer, and nothing inherited"
    assert seen["folder"] == seen["written"]
    assert not Path(seen["folder"]).exists()
    assert not left_behind()


@pytest.mark.parametrize(
    ("module", "decoder"),
    [("community.core.picture_decoding", "PIL.Image"), ("community.core.sheets.reading", "python_calamine")],
)
def test_what_reads_uploads__starts__with_its_decoder_only(module: str, decoder: str, tmp_path: Path) -> None:
    python, *child = sandbox._command(module, "run", sandbox.MEMORY, sandbox.SECONDS)
    command = [python, "-X", "importtime", *child]
    ended = subprocess.run(command, cwd=tmp_path, input="{}", capture_output=True, text=True, timeout=30)
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert decoder in loaded
    assert not loaded & {"django", "celery", "community.celery"}


def test_run_limited__more_memory_than_allowed__too_much() -> None:
    assert run_in_sandbox(CASES, {"megabytes": 300}, function="take") == {"taken": 300 * 1024 * 1024}
    with pytest.raises(TooMuch):
        run_in_sandbox(CASES, {"megabytes": 700}, function="take")
    with pytest.raises(TooMuch):
        run_in_sandbox(CASES, {"megabytes": 300}, function="take", memory=200 * 1024 * 1024)
    assert not left_behind()


def test_run_limited__computes_for_ever__too_slow() -> None:
    with pytest.raises(TooSlow):
        run_in_sandbox(CASES, {}, function="spin", seconds=1)
    assert not left_behind()


def test_run_limited__waits_for_ever__it_and_its_children_are_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    began = time.monotonic()
    with pytest.raises(TooSlow):
        run_in_sandbox(CASES, {"pid_file": str(pid_file)}, function="sleep_with_a_child", seconds=1)
    assert time.monotonic() - began < 3
    status = Path(f"/proc/{pid_file.read_text()}/status")
    time.sleep(0.05)
    assert not status.exists() or "zombie" in status.read_text()


@pytest.mark.parametrize("function", ["raise_an_error", "crash", "write_much", "not_there"])
def test_run_limited__goes_wrong__broken_and_nothing_is_left(function: str) -> None:
    with pytest.raises(Broken):
        run_in_sandbox(CASES, {}, function=function)
    assert not left_behind()


def test_run_limited__all_places_taken__waits_and_then_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LIMITED_AT_ONCE", 1)
    with workplace(), pytest.raises(Busy):
        run_in_sandbox(CASES, {"a": 1}, function="echo", seconds=0)

    begun = threading.Event()

    def hold() -> None:
        with workplace():
            begun.set()
            time.sleep(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(5)
    assert run_in_sandbox(CASES, {"a": 1}, function="echo", seconds=5) == {"a": 1}
    holder.join()


def test_workplace__left_by_a_killed_process__is_empty_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LIMITED_AT_ONCE", 1)
    with workplace() as place:
        folder = place.folder
    folder.mkdir()
    (folder / "upload").write_bytes(b"of a process that was killed")
    with workplace() as place:
        assert list(place.folder.iterdir()) == []
