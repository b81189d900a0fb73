"""20,000 rows of a sheet through the import pages: readings of meters, and opening balances.

``make bench`` measures SQLite; PostgreSQL: ``.venv/bin/python tools/on_services.py -n 0 -s
tests/bench/test_sheets.py -m 'long or not long'``.
"""

import os
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from community.estates.models import Estate, Home, ImportRun
from community.estates.tasks import carry_on_import
from services.fees.models import Bill, Meter, MeterReading
from tests.bench import report
from tests.community.admin_pages import signed_in
from tests.community.estates.importing import choose
from tests.factories import make_building, make_cashier, make_entrance, make_item, make_meter

ROWS, MONTHS_BEFORE = 20_000, 12
# Bounds of a step in the background, and of a request.
STEP_SECONDS, REQUEST_SECONDS = 120, 3
READINGS = ["表号", "读数", "抄表日期"]
OPENINGS = ["楼栋", "单元", "房号", "收费项目", "所属月份", "欠费金额", "预存金额"]


@pytest.fixture(autouse=True)
def nothing_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the steps of the background to the test, which times them apart from the requests."""
    monkeypatch.setattr("community.core.background.queue", lambda task, calls: True)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_import__20_000_readings__is_checked_and_written_in_the_background() -> None:
    meter = make_meter(serial="M0")
    _furnish_meters(meter)
    rows = [[f"M{number}", 130 + number % 7, date(2025, 1, 31)] for number in range(ROWS)]
    bad = {9: ["M9", "x", None], 9_999: ["nobody", 1, None], 19_998: ["M1", 99, date(2024, 6, 1)]}
    client = signed_in(make_cashier(estate=meter.estate))
    times = _through_the_pages(client, meter.estate, "fees_meterreading", (READINGS, rows, bad), {})
    assert MeterReading.objects.filter(source=MeterReading.Source.EXCEL).count() == ROWS
    _write("readings of meters, each with twelve before", "readings", times)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_import__20_000_openings__is_checked_and_written_in_the_background() -> None:
    estate = make_item(name="物业费").estate
    entrance = make_entrance(building=make_building(estate=estate, name="1号楼"), name="1单元")
    homes = [Home(entrance=entrance, number=str(1000 + n), floor=1, area_dm2=9000) for n in range(ROWS // 20)]
    Home.objects.bulk_create(homes)
    months = [f"{2023 + at // 12}-{at % 12 + 1:02d}" for at in range(20)]
    rows = [["1号楼", "1单元", home.number, "物业费", month, 100, None] for home in homes for month in months]
    bad = {9: [*rows[9][:5], "x", None], 9_999: ["1号楼", "1单元", "9", *rows[0][3:]], 19_998: rows[3]}
    client = signed_in(make_cashier(estate=estate))
    totals = {"arrears_fen": str(100 * ROWS), "prepaid_fen": "0"}
    times = _through_the_pages(client, estate, "fees_opening", (OPENINGS, rows, bad), totals)
    assert Bill.objects.count() == ROWS
    _write("opening balances of 1,000 homes", "openings", times)


def _furnish_meters(like: Meter) -> None:
    entrance = like.home.entrance
    homes = [Home(entrance=entrance, number=str(1000 + n), floor=1, area_dm2=9000) for n in range(1, ROWS)]
    Home.objects.bulk_create(homes, batch_size=2000)
    names = ("estate", "building", "item", "kind", "unit", "installed_on")
    shared = {name: getattr(like, name) for name in names}
    Meter.objects.bulk_create(
        (Meter(serial=f"M{n}", home=home, **shared) for n, home in enumerate(homes, 1)), batch_size=2000
    )
    by, now = make_cashier(), timezone.now()  # noqa: TID251
    MeterReading.objects.bulk_create(
        (
            MeterReading(
                meter_id=key,
                on=date(2024, month, 28),
                value_milli=month * 10_000,
                source="staff",
                by=by,
                created_at=now,
            )
            for key in Meter.objects.exclude(pk=like.pk).values_list("pk", flat=True)
            for month in range(1, MONTHS_BEFORE + 1)
        ),
        batch_size=5000,
    )


def _through_the_pages(
    client: Client,
    estate: Estate,
    model: str,
    sheet: tuple[list[str], list[Any], dict[int, Any]],
    totals: Any,
) -> list[float]:
    """Sends the sheet with three bad rows, then the good one, and confirms; returns the seconds of each part."""
    headings, rows, bad = sheet
    more = {"day": "2025-01-31"} if model == "fees_meterreading" else {}
    spoilt = [bad.get(number, row) for number, row in enumerate(rows)]
    answer = choose(client, model, estate, _file(headings, spoilt), **more)
    carry_on_import(ImportRun.objects.latest("pk").pk)
    named = [one["number"] for one in _page(client, answer)["outcome"]["wrong"]]
    assert named == [number + 2 for number in bad]
    file = _file(headings, rows)
    sent, answer = _timed(lambda: choose(client, model, estate, file, **more))
    run = ImportRun.objects.latest("pk")
    read, _nothing = _timed(lambda: carry_on_import(run.pk))
    shown, page = _timed(lambda: _page(client, answer))
    assert page["outcome"]["count"] == ROWS
    asked, _answer = _timed(lambda: client.post(page["confirm_url"], totals))
    written, _nothing = _timed(lambda: carry_on_import(run.pk))
    run.refresh_from_db()
    assert run.status == ImportRun.Status.DONE
    assert max(sent, shown, asked) <= REQUEST_SECONDS
    assert max(read, written) <= STEP_SECONDS
    return [sent, read, shown, asked, written]


def _page(client: Client, answer: Any) -> dict[str, Any]:
    """Returns the context of the page of a run; this folder's tests do without the client's copies of it."""
    found: Any = client.get(answer["Location"])
    context: dict[str, Any] = found.context_data
    return context


def _file(headings: list[str], rows: list[Any]) -> SimpleUploadedFile:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in (headings, *rows):
        page.append(row)
    packed = BytesIO()
    book.save(packed)
    return SimpleUploadedFile("rows.xlsx", packed.getvalue())


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def _write(what: str, name: str, times: list[float]) -> None:
    sent, read, shown, asked, written = times
    vendor = connection.vendor
    report.write(
        f"sheet of {name} {vendor}",
        f"## A sheet of 20,000 rows: {what} ({vendor})\n\n"
        f"Three bad rows are named by their numbers, and nothing is imported. Requests: upload {sent:.1f} s, "
        f"preview {shown:.1f} s, confirmation {asked:.1f} s. In the background: read and checked in {read:.1f} s, "
        f"checked again and written in {written:.1f} s. 2 cores, a load of {os.getloadavg()[0]:.1f} by other work.",
    )
