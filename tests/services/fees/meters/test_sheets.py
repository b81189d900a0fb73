"""Readings from Excel: all rows are checked, bad rows named, nothing imported while one is bad."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from community.core import clock
from community.core.errors import ActionError
from community.core.models import AuditRecord
from community.estates.models import Estate, ImportRun
from services.fees.meters.actions import NewReading, import_readings
from services.fees.meters.imports import ReadingImport
from services.fees.meters.queries import usual_by_meter
from services.fees.models import Meter, MeterReading
from tests.community.admin_pages import signed_in
from tests.community.estates.importing import check as checked_page
from tests.community.estates.importing import complaints, confirm, sheet, undo
from tests.factories import make_cashier, make_home, make_meter, make_staff, read_meter
from tests.services.fees.test_openings import checked_rows

pytestmark = pytest.mark.django_db
HEADINGS = ["表号", "读数", "抄表日期"]
MODEL = "fees_meterreading"
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
def estate(meters: list[Meter]) -> Estate:
    return meters[0].estate


@pytest.fixture
def client(estate: Estate) -> Client:
    return signed_in(make_cashier(estate=estate))


def check(client: Client, estate: Estate, *rows: list[Any], headings: list[str] = HEADINGS) -> Any:
    return checked_page(client, MODEL, estate, sheet(["三月抄表"], headings, *rows), day=DAY.isoformat())


def test_sheet__good_and_odd_rows__are_taken_once_the_odd_one_waits(client: Client, estate: Estate) -> None:
    sent = read_meter(Meter.objects.get(serial="A2"), date(2024, 3, 1), 21)
    MeterReading.objects.filter(pk=sent.pk).update(status="waiting", source="resident")
    shown = check(
        client, estate, ["A1", 31.5, "2024-03-30"], ["a2", 12, None], ["A3", "30", date(2024, 3, 29)]
    )
    outcome = shown.context["outcome"]
    assert (outcome["count"], outcome["notes"]) == (3, ["1 个异常读数要等办公室核对后才生效。"])
    # The odd one stands first.
    assert "比上次的 20 m³ 低" in outcome["rows"][0]["words"]
    assert outcome["sums"] == [["水表 (m³)", 3, "21.5"]]
    done = confirm(client, MODEL, shown)
    confirm(client, MODEL, shown)
    taken = MeterReading.objects.filter(source=MeterReading.Source.EXCEL).order_by("pk")
    assert [(one.meter.serial, one.on.day, one.value_milli, one.status) for one in taken] == [
        ("A1", 30, 31_500, "accepted"),
        ("A2", 31, 12_000, "waiting"),
        ("A3", 29, 30_000, "accepted"),
    ]
    assert AuditRecord.objects.filter(action="fees.readings_imported").count() == 1
    sent.refresh_from_db()
    assert sent.status == "replaced"
    # It was the wrong file: the values are gone, and the resident's waits again.
    assert undo(client, done).context["run"].status == ImportRun.Status.UNDONE
    sent.refresh_from_db()
    assert (sent.status, taken.all().count()) == ("waiting", 0)


def test_sheet__undone_after_a_later_reading__stays(client: Client, estate: Estate) -> None:
    done = confirm(client, MODEL, check(client, estate, ["A1", 31]))
    read_meter(Meter.objects.get(serial="A1"), date(2024, 4, 28), 40)
    answer = undo(client, done)
    assert answer.context["outcome"]["reasons"] == ["之后又有 1 次读数。"]
    assert MeterReading.objects.filter(source=MeterReading.Source.EXCEL).count() == 1


BAD_ROWS = {
    "a word": ("B", ["A1", "三十"]),
    "no such meter": ("A", ["XX", 5]),
    "too many digits": ("B", ["A2", 123456]),
    "before the last": ("C", ["A3", 30, "2024-02-01"]),
    "twice": ("第 6 行", ["A3", 32]),
    "four places": ("B", ["A4", 1.2345]),
    "read on this day": ("C", ["A5", 25, "2024-02-28"]),
    "no day": ("C", ["A6", 25, "2024-02-31"]),
}


def test_sheet__bad_rows__are_named_and_nothing_is_imported(
    client: Client, estate: Estate, meters: list[Meter]
) -> None:
    for number in (4, 5, 6, 7):
        meter = make_meter(home=make_home(entrance=meters[0].home.entrance), serial=f"A{number}")
        read_meter(meter, date(2024, 2, 28), 20)
    good = ["A7", 31]
    found = complaints(check(client, estate, *(row for _place, row in BAD_ROWS.values()), good))
    assert list(found) == list(range(3, 11))
    for said, (name, (place, _row)) in zip(found.values(), BAD_ROWS.items(), strict=False):
        assert place in said, name
    assert not MeterReading.objects.filter(source=MeterReading.Source.EXCEL).exists()


def test_sheet__read_meanwhile__imports_nothing(client: Client, estate: Estate) -> None:
    shown = check(client, estate, ["A1", 31], ["A2", 31])
    read_meter(Meter.objects.get(serial="A2"), DAY, 30)
    answer = confirm(client, MODEL, shown)
    assert answer.context["run"].status == ImportRun.Status.WRONG
    assert list(complaints(answer)) == [4]
    assert not MeterReading.objects.filter(source=MeterReading.Source.EXCEL).exists()


def test_sheet__3_bad_rows_of_many__are_named(estate: Estate, meters: list[Meter]) -> None:
    _many(meters[0], 300)
    rows: list[list[Any]] = [[f"M{n}", n % 50, None] for n in range(300)]
    for bad, value in ((17, "x"), (100, None), (299, -1)):
        rows[bad][1] = value
    checker = ReadingImport(estate, by=None, answers={"day": "2024-03-31"}, known={}, now=clock.now())
    wrong = checked_rows(checker, rows)
    assert [(one.number, error.key) for one, error in wrong] == [
        (19, "value"),
        (102, "value"),
        (301, "value"),
    ]


def _many(like: Meter, count: int) -> None:
    names = ("estate", "building", "home", "item", "kind", "unit", "installed_on")
    shared = {name: getattr(like, name) for name in names}
    Meter.objects.bulk_create(Meter(serial=f"M{n}", **shared) for n in range(count))


def test_sheet__without_its_columns__asks_which(client: Client, estate: Estate) -> None:
    answer = check(client, estate, ["A1", 31], headings=["房号", "金额", "日期"])
    assert answer.context["run"].status == ImportRun.Status.ASKING


def test_sheet__by_an_auditor__is_refused_and_the_front_desk_may(estate: Estate) -> None:
    asked = f"/admin/{MODEL.replace('_', '/')}/import/"
    assert signed_in(make_staff(role="auditor", estate=estate)).get(asked).status_code == 403
    assert signed_in(make_staff(role="front_desk", estate=estate)).get(asked).status_code == 200


@pytest.mark.parametrize("on", [date(2024, 2, 28), date(2024, 2, 1)])
def test_import__a_day_on_or_before_the_last_reading__refused_whole(meters: list[Meter], on: date) -> None:
    cashier = make_cashier(estate=meters[0].estate)
    news = [
        NewReading(meter, day, 30_000, MeterReading.Source.EXCEL, is_sure=True)
        for meter, day in zip(meters, (DAY, on), strict=False)
    ]
    before = MeterReading.objects.count()
    with pytest.raises(ActionError, match="read_meanwhile"):
        import_readings(news, usual=usual_by_meter(meters), by=cashier, now=clock.now())
    assert MeterReading.objects.count() == before
