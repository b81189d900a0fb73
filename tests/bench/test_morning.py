"""The morning page after a month and after a year of figures: it opens as fast.

``make bench`` measures on SQLite; on PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_morning.py -m 'long or not long'``.
"""

import os
import platform
import time

import pytest
from django.db import connection
from django.test import Client

from accounts.models import StaffRole
from community.desk.models import DayFigure
from tests import factories as make
from tests.bench import report
from tests.factories.figures import make_figures

ESTATES, ROUNDS = 5, 7
MONTH, YEAR = 35, 366
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PAGES = {"30d": "the last 30 days", "3m": "three months", "1y": "a year"}


def seconds(client: Client, path: str) -> float:
    """The fastest of some rounds: what the page costs, whatever else the machine is doing."""
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        assert client.get(path).status_code == 200
        taken.append(time.perf_counter() - began)
    return min(taken)


@pytest.mark.long
@pytest.mark.django_db
def test_morning__after_a_year__opens_as_fast_as_after_a_month() -> None:
    estates = [make.make_estate() for _n in range(ESTATES)]
    client = Client()
    client.force_login(make.make_staff(role=StaffRole.Role.MANAGER, estate=estates[0]))
    busy, measured, rows = os.getloadavg()[0], {}, {}
    for days in (MONTH, YEAR):
        DayFigure.objects.all().delete()
        for estate in estates:
            make_figures(estate=estate, days=days)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE desk_dayfigure")
        rows[days] = DayFigure.objects.count()
        for period in PAGES:
            measured[days, period] = seconds(client, f"/staff/morning/?period={period}")
    lines = "\n".join(
        f"| {words} | {measured[MONTH, period] * 1000:.0f} | {measured[YEAR, period] * 1000:.0f} |"
        for period, words in PAGES.items()
    )
    report.write(
        f"morning-{connection.vendor}",
        f"""## The morning page, {NAMES[connection.vendor]}
With the figures of {ESTATES} estates, of a month ({rows[MONTH]:,} rows) and of a year ({rows[YEAR]:,} rows). The whole
page, in milliseconds, the fastest of {ROUNDS}; Python {platform.python_version()}, a load of {busy:.1f} by other work
when it began:

| charts of | after a month | after a year |
| --- | --- | --- |
{lines}""",
    )
    # The page that a manager opens reads the same rows; what is asked of a year are more of them.
    assert measured[YEAR, "30d"] < 1.5 * measured[MONTH, "30d"]
