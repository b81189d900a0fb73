"""The end of a run: what could not run is not passed over in silence."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import ending

pytestmark = pytest.mark.once


class Paper:
    """Takes down what a reporter writes."""

    def __init__(self, **stats: list[Any]) -> None:
        self.stats, self.lines = stats, []

    def section(self, title: str, **markup: Any) -> None:
        self.lines.append(title)

    def write_line(self, line: str, **markup: Any) -> None:
        self.lines.append(line)


def skipped(name: str, reason: str) -> Any:
    return SimpleNamespace(
        nodeid=name, longrepr=("a.py", 1, f"Skipped: {reason}"), when="setup", duration=0.0
    )


def test_ending__skipped__each_is_named_with_its_reason_and_pairs_are_counted() -> None:
    pairs = [skipped(f"pair {number}", ending.SERVICES) for number in range(3)]
    paper = Paper(skipped=[skipped("no sound here", "no loudspeaker"), *pairs])
    ending.write(paper)
    text = "\n".join(paper.lines)
    assert "NOT RUN ON THIS MACHINE: 1" in text
    assert "no sound here\n    no loudspeaker" in text
    assert "3 tests are left to `make test-services`" in text
    assert "pair 1" not in text


def test_ending__all_ran__nothing_is_said() -> None:
    paper = Paper(passed=[SimpleNamespace(nodeid="one", when="call", duration=1.0)])
    ending.write(paper)
    assert paper.lines == []


def test_ending__many_tests__the_ten_dearest_with_their_setup_and_teardown() -> None:
    reports = [
        SimpleNamespace(nodeid=f"test {number:02}", when=when, duration=float(number))
        for number in range(60)
        for when in ("setup", "call", "teardown")
    ]
    paper = Paper(passed=reports)
    ending.write(paper)
    title, *lines = paper.lines
    assert title == "The ten dearest tests"
    assert [line.split() for line in lines] == [
        [f"{3 * n}.0", "s", "test", f"{n:02}"] for n in range(59, 49, -1)
    ]
