"""Report at the end of a run: tests that could not run on this machine, and the slowest tests."""

from collections import Counter
from typing import Any

# Reasons for skipping a test in one of two runs that the other run has.
ONCE = "the same on every database"
SERVICES = "says something on PostgreSQL only"
ELSEWHERE = {ONCE: "make test", SERVICES: "make test-services", "REPLACE is SQLite's": "make test"}
DEAREST, FEW = 10, 50


def reasons(skipped: list[Any]) -> list[tuple[str, str]]:
    """Returns each skipped test or file with its reason."""
    found = []
    for report in skipped:
        told = report.longrepr
        why = str(told[2]) if isinstance(told, tuple) else str(told)
        found.append((report.nodeid, why.removeprefix("Skipped: ")))
    return found


def seconds(stats: dict[str, list[Any]]) -> Counter[str]:
    """Returns the seconds of each test with its fixtures."""
    took: Counter[str] = Counter()
    for reports in stats.values():
        for report in reports:
            if getattr(report, "when", None) and hasattr(report, "duration"):
                took[report.nodeid] += report.duration
    return took


def write(reporter: Any) -> None:
    """Writes both lists. Under xdist it runs in the controller, which has the reports of all processes."""
    _write_skipped(reporter, reasons(reporter.stats.get("skipped", [])))
    took = seconds(reporter.stats)
    if len(took) > FEW:
        reporter.section("The ten dearest tests", sep="=")
        for name, cost in took.most_common(DEAREST):
            reporter.write_line(f"{cost:7.1f} s  {name}")


def _write_skipped(reporter: Any, skipped: list[tuple[str, str]]) -> None:
    left = [(name, why) for name, why in skipped if why not in ELSEWHERE]
    if left:
        reporter.section(f"NOT RUN ON THIS MACHINE: {len(left)}", sep="!", red=True, bold=True)
        for name, why in left:
            reporter.write_line(f"{name}\n    {why}", red=True)
    for reason, command in ELSEWHERE.items():
        if number := sum(why == reason for _name, why in skipped):
            reporter.write_line(f"{number} tests are left to `{command}`: {reason}.")
