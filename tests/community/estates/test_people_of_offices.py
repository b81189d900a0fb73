"""Sheets of people as offices really make them: whom a number, a landline or neither belongs to."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Residency, RosterEntry
from community.estates.models import Estate, Home
from tests import factories as make
from tests.community.estates.importing import ROSTER, answer_questions, check, complaints, confirm, sheet
from tests.community.estates.test_imports import client, estate, manager
from tests.community.estates.test_sheets_of_offices import (
    PEOPLE,
    case,
    in_this_process,
    questions,
    taken,
    third,
)
from tests.support import workbooks

__all__ = ["client", "estate", "in_this_process", "manager", "third"]


@pytest.mark.parametrize(
    ("written", "phone", "landline"),
    [
        ("010-65123456", "", "010-65123456"),
        (None, "", ""),
        ("13812345678.0", "+8613812345678", ""),
    ],
)
def test_import_roster__number__is_kept_as_what_it_is(
    client: Client, estate: Estate, written: Any, phone: str, landline: str
) -> None:
    taken(client, estate, sheet(ROSTER, ["3号楼", "1单元", "101", "王秀英", written, "户主"]), PEOPLE)
    entry = RosterEntry.objects.get()
    assert (entry.phone, entry.landline, entry.kind) == (phone, landline, Residency.Kind.OWNER)


@pytest.mark.parametrize("written", ["13812345678、13912345678"])
def test_import_roster__number_that_is_none_or_two__is_refused_with_its_place(
    client: Client, estate: Estate, written: str
) -> None:
    rows = sheet(ROSTER, ["3号楼", "1单元", "101", "王秀英", written, "户主"])
    assert "第 2 行，E 列" in complaints(check(client, PEOPLE, estate, rows))[2]


def test_import_roster__without_a_column_of_numbers__asks_and_keeps_the_names(
    client: Client, estate: Estate
) -> None:
    headings = ["楼号", "单元", "室号", "户主姓名"]
    asked = check(client, PEOPLE, estate, sheet(headings, ["3号楼", "1单元", "101室", "王秀英"]))
    assert questions(asked) == ["columns"]
    columns = {"column-0": "building", "column-1": "entrance", "column-2": "room", "column-3": "name"}
    confirm(client, PEOPLE, answer_questions(client, asked, **columns, **{"lacking-phone": "on"}))
    assert RosterEntry.objects.get().phone == ""


def test_import_roster__sheet_without_numbers_again__forgets_no_number_and_no_kind(
    client: Client, estate: Estate, third: Home
) -> None:
    make.make_roster_entry(
        home=third, name="王秀英", phone="+8613812345678", kind="tenant", landline="65123456"
    )
    for rows in (
        sheet(ROSTER[:5], ["3号楼", "1单元", "101", "王秀英"]),
        sheet(ROSTER, ["3号楼", "1单元", "101", "王秀英"]),
    ):
        taken(client, estate, rows, PEOPLE)
    entry = RosterEntry.objects.get()
    assert (entry.phone, entry.landline, entry.kind) == ("+8613812345678", "65123456", "tenant")


def test_import_roster__couple_again__changes_nothing(client: Client, estate: Estate) -> None:
    for _time in range(2):
        checked = taken(client, estate, case("one-phone-for-a-couple"), PEOPLE)
    assert checked.context["outcome"]["totals"] == {"skip": 2}
    assert RosterEntry.objects.count() == 2


@pytest.mark.parametrize("name", ["·\u202e", "#N/A"])
def test_import_roster__name_that_is_none__is_refused(client: Client, estate: Estate, name: str) -> None:
    content = workbooks.xls(ROSTER, ["3号楼", "1单元", "101", name, "13812345678", "业主"])
    wrong = check(client, PEOPLE, estate, SimpleUploadedFile("a.xls", content))
    assert "第 2 行，D 列" in complaints(wrong)[2]


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("name-two-characters-padded", [("王芳", "+8613812345678"), ("王芳", "+8613812345679")]),
        ("one-phone-for-a-couple", [("王大爷", "+8613812345678"), ("李奶奶", "+8613812345678")]),
        ("phone-zero-width-space", [("张三", "+8613812345678")]),
    ],
)
def test_import_roster__file_of_an_office__is_understood(
    client: Client, estate: Estate, name: str, people: list[tuple[str, str]]
) -> None:
    taken(client, estate, case(name), PEOPLE)
    assert [(one.name, one.phone) for one in RosterEntry.objects.order_by("pk")] == people


def test_import_roster__headings_in_two_lines__are_understood(client: Client, estate: Estate) -> None:
    content = workbooks.sheets(
        {
            "表": [
                ["业主信息登记表"],
                ["序号", "房屋", None, None, "人员", None],
                [None, "楼栋", "单元", "房号", "姓名", "联系电话"],
                [1, "3号楼", "1单元", 101, "王秀英", "138 1234 5678"],
            ]
        },
        merged=["A1:F1", "A2:A3", "B2:D2", "E2:F2"],
    )
    taken(client, estate, SimpleUploadedFile("a.xlsx", content), PEOPLE)
    assert RosterEntry.objects.get().phone == "+8613812345678"
