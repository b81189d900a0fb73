"""Readings from Excel: all rows are checked, bad rows named, nothing imported while one is bad."""

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from services.fees.meters import actions
from services.fees.meters.sheets import MOST_ROWS
from services.fees.models import Meter, MeterReading, ReadingSheet
from tests.factories import make_cashier, make_home, make_meter, read_meter

pytestmark = pytest.mark.django_db
DAY = date(2024, 3, 31)


@pytest.fixture
def meters() -> list[Meter]:
    first = make_meter(serial="A1")
    homes = [make_home(entrance=first.home.entrance) for _n in range(2)]
    others = [make_meter(home=home, item=first.item, serial=f"A{n}") for n, home in enumerate(homes, 2)]
    meters = [first, *others]
    for meter in meters:
        for month in (1, 2):
            read_meter(meter, date(2024, month, 28), 10 * month)
    return meters


@pytest.fixture
def cashier(meters: list[Meter]) -> User:
    return make_cashier(estate=meters[0].estate)


def workbook(rows: list[list[Any]], headings: tuple[str, ...] = ("表号", "读数", "抄表日期")) -> io.BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (["三月抄表"], headings, *rows):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def check(rows: list[list[Any]], cashier: User, meters: list[Meter], **more: Any) -> ReadingSheet:
    return actions.check_sheet(
        file=workbook(rows, **more),
        name="三月.xlsx",
        estate=meters[0].estate,
        day=DAY,
        by=cashier,
        now=clock.now(),
    )


def test_sheet__good_and_odd_rows__are_taken_once_the_odd_one_waits(
    meters: list[Meter], cashier: User
) -> None:
    sheet = check(
        [["A1", 31.5, "2024-03-30"], ["a2", 12, None], ["A3", "30", date(2024, 3, 29)]], cashier, meters
    )
    assert (sheet.wrong, sheet.odd_count, len(sheet.rows)) == ([], 1, 3)
    assert sheet.odd[0][0] == 4
    assert "比上次的 20 m³ 低" in sheet.odd[0][1]
    assert actions.take_sheet(sheet=sheet, by=cashier, now=clock.now()) == 3
    assert actions.take_sheet(sheet=sheet, by=cashier, now=clock.now()) == 3
    taken = MeterReading.objects.filter(source=MeterReading.Source.EXCEL).order_by("pk")
    assert [(one.meter.serial, one.on.day, one.value_milli, one.status) for one in taken] == [
        ("A1", 30, 31_500, "accepted"),
        ("A2", 31, 12_000, "waiting"),
        ("A3", 29, 30_000, "accepted"),
    ]


def test_sheet__bad_rows__are_named_and_nothing_is_imported(meters: list[Meter], cashier: User) -> None:
    sheet = check(
        [["A1", 31], ["A2", "三十"], ["XX", 5], ["A3", 123456], ["A3", 30, "2024-02-01"], ["A1", 1.2345]],
        cashier,
        meters,
    )
    assert sheet.wrong_count == 6
    assert [line for line, _words in sheet.wrong] == [3, 4, 5, 6, 7, 8]
    assert all("(A)" in words or "(B)" in words or "(C)" in words for _line, words in sheet.wrong)
    assert sheet.rows == []
    with pytest.raises(ActionError):
        actions.take_sheet(sheet=sheet, by=cashier, now=clock.now())
    assert not MeterReading.objects.filter(source=MeterReading.Source.EXCEL).exists()


def test_sheet__read_meanwhile__imports_nothing(meters: list[Meter], cashier: User) -> None:
    sheet = check([["A1", 31], ["A2", 31]], cashier, meters)
    read_meter(meters[1], DAY, 30)
    with pytest.raises(ActionError, match="read_meanwhile"):
        actions.take_sheet(sheet=sheet, by=cashier, now=clock.now())
    assert not MeterReading.objects.filter(source=MeterReading.Source.EXCEL).exists()


@pytest.mark.parametrize("count", [200, pytest.param(MOST_ROWS, marks=pytest.mark.long)])
def test_sheet__three_bad_rows_of_many__are_named_on_the_page(
    meters: list[Meter], cashier: User, count: int
) -> None:
    _many(meters[0], count)
    rows: list[list[Any]] = [[f"M{n}", n % 50] for n in range(count)]
    for bad, value in ((17, "x"), (100, None), (count - 1, -1)):
        rows[bad][1] = value
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    given = {"day": DAY.isoformat(), "import_file": _named(workbook(rows))}
    response = client.post("/staff/fees/readings/sheets/", given)
    assert response.status_code == 302, response.content.decode()
    page = client.get(response["Location"]).content.decode()
    sheet = ReadingSheet.objects.get()
    assert [line for line, _words in sheet.wrong] == [20, 103, count + 2]
    assert "不是读数" in page
    assert "有一行出错就整批不导入" in page
    client.post(f"{response['Location']}take/")
    assert not MeterReading.objects.filter(source=MeterReading.Source.EXCEL).exists()


def _many(like: Meter, count: int) -> None:
    Meter.objects.bulk_create(
        Meter(
            estate=like.estate,
            building=like.building,
            home=like.home,
            item=like.item,
            kind=like.kind,
            unit=like.unit,
            serial=f"M{n}",
            installed_on=like.installed_on,
        )
        for n in range(count)
    )


def _named(file: io.BytesIO) -> io.BytesIO:
    file.name = "readings.xlsx"
    return file


def test_sheet__without_its_columns__says_which(meters: list[Meter], cashier: User) -> None:
    with pytest.raises(ActionError, match="no_columns"):
        check([["A1", 31]], cashier, meters, headings=("房号", "金额", "日期"))
