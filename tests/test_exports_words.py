"""Every sheet that leaves the product: dates and numbers as such, in the estate's time, in Chinese words."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from community.core import audit, audit_words, exports
from community.core.encryption import Encrypted
from community.core.exports import ExportAdmin, _cell, harmless
from community.core.models import AuditRecord
from services.fees import actions as fees
from services.repairs.models import Repair
from tests.community.admin_pages import signed_in
from tests.factories import make_bill, make_home, make_payment, make_staff
from tests.support.world import World

SHEETS = (
    ("fees_takings_sheet", "cashier", lambda world: {}),
    ("fees_arrears_sheet", "cashier", lambda world: {}),
    ("measure_sheet", "manager", lambda world: {"key": "first_answer"}),
    ("measure_sheet", "manager", lambda world: {"key": "collection"}),
    ("measure_rows_sheet", "manager", lambda world: {"key": "first_answer"}),
    ("measure_rows_sheet", "manager", lambda world: {"key": "collection"}),
    ("staff_notice_sheet", "manager", lambda world: {"pk": world.more["announcement"].pk}),
)
# Numbers of things, codes of signs, and the address that somebody came from.
NO_WORDS = re.compile(r"[A-Z]-\d+-\d+\w*|[0-9A-HJ-NP-Z]{7}|\d+\.\d+\.\d+\.\d+|S\d+R?")
# What a cell holds for a program: a date as text, a time of another zone, a code, a word of English.
RAW = re.compile(
    r"\d{4}-\d\d-\d\d|T\d\d:\d\d|\+00:00|UTC|\b[a-z]+_[a-z_]+\b|\b[A-Za-z]{3,}\b|\bTrue\b|[{}\[\]]"
)

RECORDED = re.compile(r'\b(?:audit\.record|record_failure|_record|record_residency)\(\s*"([a-z_.]+)"')


@pytest.fixture(autouse=True)
def _nothing_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_AT_ONCE", 100_000)


def lists() -> list[Any]:
    return [one for one in admin.site._registry.values() if isinstance(one, ExportAdmin)]


def exported(client: Client, address: str) -> Worksheet:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert not re.search(
        "[a-z]{3,}", unquote(answer["Content-Disposition"].partition("''")[2]).removesuffix(".xlsx")
    )
    sheet = load_workbook(BytesIO(answer.content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def every_sheet(world: World) -> Iterator[tuple[str, Worksheet]]:
    root = signed_in(world.people["superuser"])
    for office in lists():
        name = f"{office.opts.app_label}_{office.opts.model_name}"
        yield name, exported(root, reverse(f"admin:{name}_export"))
    for name, standing, kwargs in SHEETS:
        yield name, exported(signed_in(world.people[standing]), reverse(name, kwargs=kwargs(world)))


def faults_of(sheet: Worksheet) -> Iterator[str]:
    rows = list(sheet.iter_rows())
    # A line above the columns says what it is about.
    heads = next(row for row in rows if len(row) == 1 or row[1].value is not None)
    names = [str(cell.value) for cell in heads]
    yield from (f"heading {name}" for name in names if re.search("[A-Za-z_]", name.replace("m²", "")))
    for row in rows[heads[0].row :]:
        for name, cell in zip(names, row, strict=True):
            if fault := fault_of(name, cell):
                yield f"{name}: {cell.value!r} {fault}"


def fault_of(name: str, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if re.search("时间|日期|期限|开始于|月份$|截止", name):
        return "" if isinstance(value, datetime) and cell.is_date else "is no date"
    if re.search("[（(](元|m²)", name):
        return "" if isinstance(value, int | float) and cell.number_format == "0.00" else "is no amount"
    if isinstance(value, str) and RAW.search(NO_WORDS.sub("", value)):
        return "is raw"
    return ""


def test_exports__every_one__is_in_chinese_with_real_dates_and_numbers(
    world: World, every_right: None
) -> None:
    _furnish(world)
    wrong, seen = [], 0
    with translation.override("zh-hans"):
        for name, sheet in every_sheet(world):
            wrong += [f"{name}: {fault}" for fault in faults_of(sheet)]
            seen += sheet.max_row > 1
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert seen > 18


def _furnish(world: World) -> None:
    bill = make_bill(home=world.home)
    make_payment(bills=[bill], paid=True, payer=world.people["owner"])
    Repair.objects.filter(pk=world.repair.pk).update(quote_fen=12345)
    by = world.people["manager"]
    audit.record("number_read", by=by, target=world.people["owner"], estate_id=world.estate.pk)
    audit.record("export.repairs.repair", by=by, rows=3, filters=["status"], estate_id=world.estate.pk)
    audit.record("office.changed", by=by, target=world.repair, fields=["description", "quote_fen"])
    audit.record("sign_in", by=None, outcome="wrong", way="password")


def test_takings__cash_of_the_first_hour__stands_under_its_own_day(db: None) -> None:
    home = make_home()
    paid = make_payment(bills=[make_bill(home=home)])
    # 30 November, 01:01 in the estate.
    at = datetime(2026, 11, 29, 17, 1, 2, 3, tzinfo=UTC)
    fees.credit(payment=paid, provider_number="N1", amount_fen=paid.amount_fen, now=at)
    client = signed_in(make_staff(role="cashier", estate=home.estate))
    for address in (reverse("fees_takings_sheet") + "?day=2026-11-30", reverse("admin:fees_payment_export")):
        sheet = exported(client, address)
        moments = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.is_date]
        assert [cell.value for cell in moments] == [datetime(2026, 11, 30, 1, 1, 2)], address
        assert moments[0].number_format == "yyyy-mm-dd hh:mm"


# -- What was stored before texts were cleaned


def test_exports__rows_with_control_characters_and_turns__are_made_and_show_neither(
    world: World, every_right: None
) -> None:
    _furnish(world)
    evil = "王\x07\u202e\ud7ff\ufffe秀\u200b英"
    for office in lists():
        fields = [one for one in office.model._meta.fields if _is_text(one)]
        for field in fields:
            with suppress(IntegrityError), transaction.atomic():
                office.model._base_manager.all().update(**{field.name: evil})
    User.objects.all().update(name=evil)
    for name, sheet in every_sheet(world):
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert not re.search("[\x00-\x08\x0e-\x1f\u202e\ufffe\u200b]", "".join(texts)), name


def _is_text(field: "models.Field[Any, Any]") -> bool:
    kinds = (models.CharField, models.TextField)
    is_free = isinstance(field, kinds) and not field.choices and not field.unique
    return (
        is_free
        and (isinstance(field, Encrypted) or (field.max_length or 99) >= 20)
        and (
            field.model is not AuditRecord
            and "index" not in field.name
            and field.name not in ("service", "measure", "password")
        )
    )


def page() -> Any:
    return Workbook(write_only=True).create_sheet("sheet")


@pytest.mark.parametrize(
    "evil", ["=1+1", "\x00=1+1", "\u200b=1+1", "＝1+1", "@SUM(A1)", "-1", "+1", "\x07-1"]
)
def test_cell__text_like_a_formula_behind_what_is_unseen__is_defused(evil: str) -> None:
    held = _cell(page(), evil)
    assert held.startswith("'")
    assert harmless(held) == held


@pytest.mark.parametrize(
    ("value", "held", "number_format"),
    [
        (Decimal("231.48"), Decimal("231.48"), "0.00"),
        (date(2026, 11, 30), date(2026, 11, 30), "yyyy-mm-dd"),
        (datetime(2026, 11, 29, 17, 1, tzinfo=UTC), datetime(2026, 11, 30, 1, 1), "yyyy-mm-dd hh:mm"),
        (7, 7, "General"),
    ],
)
def test_cell__dates_and_numbers__stay_what_they_are(value: Any, held: Any, number_format: str) -> None:
    cell = _cell(page(), value)
    assert (cell.value, cell.number_format) == (held, number_format)


# -- The record


def acts_in_the_source() -> set[str]:
    files = [
        path for package in ("accounts", "community", "services") for path in Path(package).rglob("*.py")
    ]
    return {code for path in files for code in RECORDED.findall(path.read_text())}


def test_audit_words__every_act_of_the_source__has_its_words() -> None:
    acts = acts_in_the_source()
    assert len(acts) > 35
    with translation.override("zh-hans"):
        assert [code for code in sorted(acts) if re.search("[A-Za-z]", audit_words.act(code))] == []


def test_audit_words__of_an_export_a_thing_and_its_fields__name_them(world: World) -> None:
    with translation.override("zh-hans"):
        assert audit_words.act("export.repairs.repair").startswith("导出")
        assert audit_words.target(f"repairs.repair:{world.repair.pk}") == f"报修 {world.repair.pk}"
        assert audit_words.detail({"fields": ["description"]}, "repairs.repair:1") == "字段：文字说明"
        assert (
            audit_words.detail({"filters": ["status__exact", "q"]}, "export.repairs.repair")
            == "筛选条件：状态、搜索词"
        )
        assert audit_words.act("made_up") == "made_up"
