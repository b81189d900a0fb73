"""A day of 10,000 lines with 50 planted differences, fetched and matched.

``make bench`` measures SQLite; PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_matching.py -m 'long or not long'``.
"""

import platform
import time

import pytest
from django.db import connection

from community.core import clock
from services.fees import providers
from services.fees.matching import actions
from services.fees.models import MatchingDay, Payment
from services.fees.providers.base import LineKind, StatementLine
from tests.bench import report
from tests.factories import make_home, make_resident
from tests.services.fees.matching.statements import Written, many_payments, new_day, paid_line

LINES, PLANTED, LIMIT_SECONDS = 10_000, 10, 10


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_match__10_000_lines__finds_the_50_planted_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written()
    monkeypatch.setitem(providers.KNOWN, "sandbox", written)
    home = make_home()
    rows = many_payments(home, make_resident(home=home), LINES)
    written.lines = [paid_line(one) for one in rows]
    for number in range(PLANTED):
        written.lines[number] = paid_line(rows[number], 1)
        unknown, other = 100 + number, 200 + number
        written.lines[unknown] = StatementLine(LineKind.PAYMENT, f"other-{number}", f"X{number}", 100)
        written.lines[other] = paid_line(rows[other])
        written.lines.append(paid_line(rows[300 + number]))
    waiting = [one.pk for one in rows[200 : 200 + PLANTED]]
    Payment.objects.filter(pk__in=waiting).update(status="pending", paid_at=None, provider_number="")
    day = new_day()
    begun = time.perf_counter()
    assert actions.fetch_day(day=day, now=clock.now())
    fetched = time.perf_counter() - begun
    # Ten of each: another amount, unknown, not here, twice; and the payments whose lines are of unknown ones.
    assert actions.match_day(day=MatchingDay.objects.get(pk=day.pk), now=clock.now()) == 5 * PLANTED
    seconds = time.perf_counter() - begun
    assert seconds <= LIMIT_SECONDS
    vendor = connection.vendor
    report.write(
        f"matching {vendor}",
        f"## A provider's statement of 10,000 lines ({vendor})\n\n"
        f"Stored in {fetched:.1f} s and matched in {seconds - fetched:.1f} s: all 50 planted differences found, "
        f"none invented (at most {LIMIT_SECONDS} s together). {platform.machine()}.",
    )
