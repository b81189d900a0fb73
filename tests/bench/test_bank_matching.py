"""A bank's file of 10,000 lines over 31 days, read by the import and matched.

``make bench`` measures SQLite; PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_bank_matching.py -m 'long or not long'``.
"""

import platform
import time
from datetime import timedelta

import pytest
from django.db import connection

from community.core import clock
from community.estates.import_undo import Journal
from community.estates.sheets.table import Row
from services.fees.matching.imports import BankImport
from services.fees.models import MatchingDifference, MatchingLine, Payment
from tests.bench import report
from tests.factories import make_cashier, make_home, make_resident
from tests.services.fees.matching.statements import many_payments

LINES, PLANTED, DAYS, LIMIT_SECONDS = 10_000, 10, 31, 30
AT = {"day": 0, "came": 1, "number": 2, "party": 3}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_bank_file__10_000_lines__is_matched_in_seconds() -> None:
    home, now = make_home(), clock.now()
    payments = many_payments(home, make_resident(home=home), LINES)
    for number, payment in enumerate(payments):
        payment.channel, payment.slip_number = "transfer", f"S{number}"
        payment.paid_at = now - timedelta(days=number % DAYS)
    Payment.objects.bulk_update(payments, ["channel", "slip_number", "paid_at"], batch_size=500)
    rows = []
    for number, payment in enumerate(payments):
        day, yuan = f"{clock.today(payment.paid_at):%Y-%m-%d}", f"{payment.amount_fen / 100:.2f}"
        cells = {"day": day, "came": yuan, "number": payment.slip_number, "party": "张三"}
        if number < PLANTED:
            cells["number"] = f"unknown-{number}"
        elif number < 2 * PLANTED:
            cells |= {"number": f"nobody-{number}", "came": "1.23"}
        rows.append(Row("", number + 2, cells, AT))
    importer = BankImport(
        home.estate, by=make_cashier(estate=home.estate), answers={"source": "bank"}, known={}, now=now
    )
    begun = time.perf_counter()
    importer.prepare(rows)
    plans, wrong = importer.plans(rows)
    read = time.perf_counter() - begun
    assert not wrong
    importer.write(plans, Journal())
    seconds = time.perf_counter() - begun
    found = MatchingDifference.objects.open()
    assert MatchingLine.objects.exclude(payment=None).count() == LINES - 2 * PLANTED
    assert found.filter(kind="proposed").count() == found.filter(kind="unknown").count() == PLANTED
    assert seconds <= LIMIT_SECONDS
    vendor = connection.vendor
    report.write(
        f"bank file {vendor}",
        f"## A bank's file of 10,000 lines over {DAYS} days ({vendor})\n\n"
        f"Checked in {read:.1f} s, stored and matched in {seconds - read:.1f} s "
        f"(at most {LIMIT_SECONDS} s together). {platform.machine()}.",
    )
