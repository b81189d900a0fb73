"""Every list, search and board of an estate with a thousand repairs and with a million: they cost the same.

PostgreSQL only: ``.venv/bin/python -W ignore tools/on_services.py -n 0 -s tests/bench/test_million.py -m long``.
"""

import os
import platform
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import StaffRole, User
from community.core import clock
from community.core.paging import EPOCH
from tests import factories as make
from tests.bench import report
from tests.bench.ten_years import TenYears, make_ten_years

SMALL, BIG = 1_000, int(os.environ.get("MILLION", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
# Parts of a page that are empty among few rows, and not asked for what they show.
PARTS = 4


def deep() -> str:
    """The key of a page five years back."""
    at = clock.now() - timedelta(days=5 * 365)
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-0"


def pages(world: TenYears) -> dict[str, list[tuple[str, str]]]:
    """Addresses by who opens them: (what, address)."""
    key, rare = deep(), world.rare.pk
    return {
        "resident": [
            ("home", "/"),
            ("my repairs", "/repairs/"),
            ("my repairs, deep", f"/repairs/?before={key}"),
            ("my bills", "/fees/"),
            ("my payments", "/fees/history/"),
            ("my bookings", "/care/bookings/"),
        ],
        "manager": [
            ("start page", "/staff/"),
            ("morning page", "/staff/morning/"),
            ("board of repairs", "/staff/repairs/"),
            ("board of a rare building", f"/staff/repairs/?building={rare}"),
            ("list of repairs", "/staff/repairs/list/"),
            ("list of repairs, deep", f"/staff/repairs/list/?before={key}"),
            ("list of finished repairs", "/staff/repairs/list/?column=finished"),
            ("list of a rare building", f"/staff/repairs/list/?building={rare}"),
            ("repairs by name", "/staff/repairs/list/?words=王建芳"),
            ("repairs by reference", f"/staff/repairs/list/?words={world.repair.reference}"),
            ("repairs by home", "/staff/repairs/list/?words=3号楼 2单元 402"),
            ("bills", "/staff/fees/bills/"),
            ("bills, deep", f"/staff/fees/bills/?before={key}"),
            ("arrears", "/staff/fees/arrears/"),
            ("week of care", "/staff/care/"),
            ("list of care", "/staff/care/list/"),
            ("residents", "/staff/residents/"),
            ("residents by name", "/staff/residents/?words=王建芳"),
        ],
        "admin": [
            ("admin: repairs", "/admin/repairs/repair/"),
            ("admin: repairs, deep", "/admin/repairs/repair/?p=9"),
            ("admin: repairs by reference", f"/admin/repairs/repair/?q={world.repair.reference}"),
            ("admin: repairs by name", "/admin/repairs/repair/?q=王建芳"),
            ("admin: bills", "/admin/fees/bill/"),
            ("admin: bills by name", "/admin/fees/bill/?q=王建芳"),
            ("admin: open bills", "/admin/fees/bill/?status__exact=open"),
            ("admin: bookings", "/admin/care/carebooking/"),
        ],
    }


def readers(world: TenYears) -> dict[str, User]:
    admin = make.make_staff(role="auditor", estate=world.estate)
    manager = make.make_staff(role="manager", estate=world.estate)
    for role in ("care_coordinator", "cashier"):
        StaffRole.objects.create(user=manager, estate=world.estate, role=role)
    return {"resident": world.resident, "manager": manager, "admin": admin}


def p95(client: Client, address: str) -> tuple[float, int]:
    """Milliseconds that 95 % of the requests keep, and the number of queries of one."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        queries = len(asked)
    assert answer.status_code == 200, (address, answer.status_code)
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        taken.append(time.perf_counter() - began)
    return sorted(taken)[int(len(taken) * 0.95) - 1] * 1000, queries


def measure(repairs: int) -> dict[str, tuple[float, int]]:
    world = make_ten_years(repairs=repairs)
    found = {}
    people = readers(world)
    for who, addresses in pages(world).items():
        client = Client()
        client.force_login(people[who])
        for what, address in addresses:
            found[what] = p95(client, address)
            print(f"{repairs:>8} {what:<30} {found[what][0]:8.1f} ms {found[what][1]:3} queries", flush=True)
    return found


def empty() -> None:
    """Everything is thrown away, to be filled anew."""
    with connection.cursor() as cursor:
        tables = ", ".join(connection.introspection.django_table_names(only_existing=True))
        # Past the triggers that keep the books append-only.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="ten years are filled in by PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_million__of_repairs__every_list_costs_what_it_costs_of_a_thousand() -> None:
    busy = os.getloadavg()[0]
    few = measure(SMALL)
    empty()
    many = measure(BIG)
    lines = "\n".join(
        f"| {what} | {few[what][0]:.0f} | {many[what][0]:.0f} | {many[what][0] / few[what][0]:.1f} | {many[what][1]} |"
        for what in few
    )
    report.write(
        "million-postgresql",
        f"""## A million repairs, PostgreSQL
One estate of 10,000 homes after ten years: {SMALL:,} repairs, three times as many bills and a third as many
bookings, and {BIG:,} of them. The whole page in milliseconds, which 95 % of {ROUNDS} requests keep; Python
{platform.python_version()}, a load of {busy:.1f} by other work when it began:

| page | {SMALL:,} | {BIG:,} | factor | queries |
| --- | --- | --- | --- | --- |
{lines}""",
    )
    more = {
        what: (few[what][1], count) for what, (_ms, count) in many.items() if count > few[what][1] + PARTS
    }
    assert not more, "queries with few and with many rows"
