"""Sheets as offices really make them: understood where they are clear, asked about or refused where not."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from community.core import sandbox
from community.core.sheets import reading
from community.estates import actions
from community.estates.models import Building, Estate, Home, ImportRun
from tests import factories as make
from tests.community.estates.importing import (
    HOMES,
    answer_questions,
    check,
    complaints,
    confirm,
    sheet,
)
from tests.community.estates.test_imports import client, estate, manager
from tests.support import workbooks

__all__ = ["client", "estate", "manager"]

CASES = Path(__file__).parents[2] / "cases" / "xlsx"
PEOPLE = "accounts_rosterentry"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader without its process, which costs more than all else; other tests go through it."""

    def run(place: sandbox.Workplace, _module: str, arguments: Any, **_limits: Any) -> Any:
        return json.loads(json.dumps(reading.run(**{**arguments, "path": str(place.folder / "sheet")})))

    monkeypatch.setattr(sandbox.Workplace, "run", run)


@pytest.fixture(autouse=True)
def third(estate: Estate) -> Home:
    """3号楼 1单元 101, which the files of the offices are about."""
    building = make.make_building(estate=estate, name="3号楼")
    return make.make_home(entrance=make.make_entrance(building=building, name="1单元"), number="101")


def case(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.xlsx", (CASES / f"{name}.xlsx").read_bytes())


def numbers(estate: Estate) -> list[str]:
    homes = Home.objects.of_estate(estate).exclude(number="101").order_by("number")
    return [home.number for home in homes]


def taken(client: Client, estate: Estate, upload: SimpleUploadedFile, model: str = "estates_home") -> Any:
    """The page of a sheet that is understood at once, after the yes."""
    checked = check(client, model, estate, upload)
    assert checked.context["run"].status == ImportRun.Status.READY, checked.context["outcome"]
    done = confirm(client, model, checked)
    assert done.context["run"].status == ImportRun.Status.DONE
    return checked


def questions(checked: Any) -> list[str]:
    assert checked.context["run"].status == ImportRun.Status.ASKING, checked.context["outcome"]
    return [question["kind"] for question in checked.context["outcome"]["questions"]]


# -- The files of the offices


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("area-float-noise", ["9901"]),
        ("dimension-says-A1-only", ["9901", "9902"]),
        ("last-row-1048576-formatted", ["9901", "9902"]),
        ("merged-building-cells", ["9901", "9902", "9903"]),
        ("title-row-above-headings", ["9901"]),
        ("trailing-blank-formatted-rows", ["9901"]),
    ],
)
def test_import_homes__file_of_an_office__is_understood(
    client: Client, estate: Estate, name: str, made: list[str]
) -> None:
    taken(client, estate, case(name))
    assert numbers(estate) == made
    assert Building.objects.get().name == "3号楼"
    area = 9840 if name == "area-float-noise" else 9850
    assert {home.area_dm2 for home in Home.objects.exclude(number="101")} == {area}


def test_import_homes__room_that_became_a_day__is_asked_about_and_never_a_room(
    client: Client, estate: Estate
) -> None:
    asked = check(client, "estates_home", estate, case("room-number-became-date"))
    assert questions(asked) == ["days"]
    assert "第 2 行，C 列: 2026-03-01 → <b>3-1?</b>" in asked.content.decode()
    ready = answer_questions(client, asked, **{"question-0": "yes"})
    confirm(client, "estates_home", ready)
    assert numbers(estate) == ["3-1"]


def test_import_homes__room_that_is_a_day_and_no_room__is_refused_with_its_place(
    client: Client, estate: Estate
) -> None:
    asked = check(client, "estates_home", estate, case("room-number-became-date"))
    wrong = answer_questions(client, asked, **{"question-0": "no"})
    assert "第 2 行，C 列" in complaints(wrong)[2]
    assert not numbers(estate)


@pytest.mark.parametrize(("answer", "buildings"), [("same", ["3号楼"]), ("new", ["3号楼", "3栋"])])
def test_import_homes__building_spelled_otherwise__is_asked_about(
    client: Client, estate: Estate, answer: str, buildings: list[str]
) -> None:
    asked = check(client, "estates_home", estate, case("building-spelled-3栋"))
    assert questions(asked) == ["building"]
    assert "3栋 很可能就是 3号楼" in asked.content.decode()
    ready = answer_questions(client, asked, **{"question-0": answer})
    assert ready.context["outcome"]["new_buildings"] == buildings[1:]
    confirm(client, "estates_home", ready)
    assert sorted(Building.objects.values_list("name", flat=True)) == buildings
    assert (
        check(client, "estates_home", estate, case("building-spelled-3栋")).context["run"].status == "ready"
    )


def test_import_homes__error_in_a_cell__is_refused_with_its_place(client: Client, estate: Estate) -> None:
    wrong = check(client, "estates_home", estate, case("error-cells"))
    assert "第 2 行，A 列：#N/A" in wrong.content.decode()
    assert Building.objects.count() == 1


# -- Spellings


@pytest.mark.parametrize("name", [3.0, "３ 号楼\u200b"])
def test_import_homes__spelling_that_says_nothing_else__is_understood(
    client: Client, estate: Estate, name: Any
) -> None:
    taken(client, estate, sheet(HOMES, [name, "1", "102室", 1, "80㎡"]))
    assert numbers(estate) == ["102"]
    assert Building.objects.get().entrances.get().name == "1单元"


def test_import_homes__two_spellings_in_one_sheet__are_asked_about(client: Client, estate: Estate) -> None:
    rows = [
        ["8号楼", "1单元", "101", 1, 80],
        ["8号楼", "1单元", "102", 1, 80],
        ["8栋", "1单元", "103", 1, 80],
    ]
    asked = check(client, "estates_home", estate, sheet(HOMES, *rows))
    [question] = asked.context["outcome"]["questions"]
    assert (question["written"], question["likely"], question["place"]) == ("8栋", "8号楼", "第 4 行，A 列")
    confirm(client, "estates_home", answer_questions(client, asked, **{"question-0": "same"}))
    assert Building.objects.get(name="8号楼").entrances.get().homes.count() == 3


def test_import_homes__room_with_its_word__is_the_room_that_is_there(client: Client, estate: Estate) -> None:
    taken(client, estate, sheet(HOMES, ["3号楼", "一单元", "１０１室", 1, 77]))
    assert Home.objects.get().area_dm2 == 7700


# -- Where the list stands


def test_import_homes__first_sheet_of_instructions__finds_the_list(client: Client, estate: Estate) -> None:
    content = workbooks.sheets(
        {
            "填写说明": [["请按下列要求填写"], ["楼栋：如 3号楼"], ["房号：如 101"]],
            "房屋": [[], ["单位：幸福里"], HOMES, ["3号楼", "1单元", "102", 1, 80]],
        }
    )
    taken(client, estate, SimpleUploadedFile("a.xlsx", content))
    assert numbers(estate) == ["102"]


def test_import_homes__a_sheet_a_building__are_taken_together(client: Client, estate: Estate) -> None:
    rows = {name: [HOMES[1:], ["1单元", "102", 1, 80]] for name in ("3号楼", "4号楼")}
    checked = taken(client, estate, SimpleUploadedFile("a.xlsx", workbooks.sheets(rows)))
    assert numbers(estate) == ["102", "102"]
    assert checked.context["outcome"]["new_buildings"] == ["4号楼"]


def test_import_homes__two_sheets_that_could_be_meant__are_asked_about(
    client: Client, estate: Estate
) -> None:
    rows = {name: [HOMES, ["3号楼", "1单元", name[-1] + "02", 1, 80]] for name in ("旧表1", "新表2")}
    asked = check(client, "estates_home", estate, SimpleUploadedFile("a.xlsx", workbooks.sheets(rows)))
    assert questions(asked) == ["sheet"]
    confirm(client, "estates_home", answer_questions(client, asked, **{"question-0": "新表2"}))
    assert numbers(estate) == ["202"]


def test_import_homes__headings_over_two_lines_partly_merged__are_understood(
    client: Client, estate: Estate
) -> None:
    rows = [
        ["楼栋", "单元", "房号", "其它", None],
        [None, None, None, "楼层", "建筑面积"],
        ["3号楼", "1单元", 102, 1, 80],
    ]
    content = workbooks.sheets({"表": rows}, merged=["A1:A2", "B1:B2", "C1:C2", "D1:E1"])
    taken(client, estate, SimpleUploadedFile("a.xlsx", content))
    assert numbers(estate) == ["102"]


def test_import_homes__old_workbook_with_merged_and_hidden_rows__is_understood(
    client: Client, estate: Estate
) -> None:
    rows = [HOMES, ["3号楼", "1单元", 102, 1, 80], [None, "1单元", 103, 1, 80], [None, "1单元", 104, 1, 80]]
    content = workbooks.xls(*rows, merged=[(1, 3, 0, 0)], hidden=[3])
    asked = check(client, "estates_home", estate, SimpleUploadedFile("a.xls", content))
    assert questions(asked) == ["hidden"]
    confirm(client, "estates_home", answer_questions(client, asked, **{"question-0": "leave"}))
    assert numbers(estate) == ["102", "103"]


def test_import_homes__blank_first_column_footers_and_repeated_headings__are_left_out_and_said(
    client: Client, estate: Estate
) -> None:
    rows = [
        [None, *HOMES],
        [None, "3号楼", "1单元", "102", 1, 80],
        [],
        [None, *HOMES],
        [None, "3号楼", "1单元", "103", 1, 80],
        [None, "合计", None, None, None, 160],
        [None, "制表人：李建国", None, None, "审核：王强"],
        ["2026 年 11 月"],
    ]
    checked = taken(client, estate, sheet(*rows))
    assert numbers(estate) == ["102", "103"]
    left_out = [text.split()[0] for _place, text in checked.context["outcome"]["ignored"]]
    assert left_out == ["楼栋", "合计", "制表人：李建国", "2026"]


def test_import_homes__cells_merged_in_two_columns__speak_for_all_their_rows(
    client: Client, estate: Estate
) -> None:
    rows = [
        HOMES,
        ["3号楼", "1单元", "102", 1, 80],
        [None, None, "103", 1, 80],
        [None, "2单元", "104", 1, 80],
    ]
    content = workbooks.sheets({"表": rows}, merged=["A2:A9", "B2:B3"])
    taken(client, estate, SimpleUploadedFile("a.xlsx", content))
    assert numbers(estate) == ["102", "103", "104"]


def test_import_homes__cells_merged_in_an_ods__speak_for_all_their_rows(
    client: Client, estate: Estate
) -> None:
    content = workbooks.ods(HOMES, ["3号楼", "1单元", "102", 1, 80], [None, "1单元", "103", 1, 80])
    content = workbooks.with_span(content, "3号楼", rows=2)
    taken(client, estate, SimpleUploadedFile("a.ods", content))
    assert numbers(estate) == ["102", "103"]


@pytest.mark.parametrize(("answer", "made"), [("take", ["102", "103"]), ("leave", ["102"])])
def test_import_homes__hidden_rows__are_asked_about(
    client: Client, estate: Estate, answer: str, made: list[str]
) -> None:
    rows = [HOMES, ["3号楼", "1单元", "102", 1, 80], ["3号楼", "1单元", "103", 1, 80]]
    content = workbooks.sheets({"表": rows}, hidden=[3])
    asked = check(client, "estates_home", estate, SimpleUploadedFile("a.xlsx", content))
    assert questions(asked) == ["hidden"]
    confirm(client, "estates_home", answer_questions(client, asked, **{"question-0": answer}))
    assert numbers(estate) == made


def test_import_homes__formula_without_a_result__is_refused_with_its_place(
    client: Client, estate: Estate
) -> None:
    wrong = check(client, "estates_home", estate, sheet(HOMES, ["3号楼", "1单元", "102", 1, "=40*2"]))
    assert "第 2 行，E 列：公式" in complaints(wrong)[2]


# -- Kinds of file


@pytest.mark.parametrize(
    ("encoding", "parted_by"), [("gb18030", ","), ("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t")]
)
def test_import_homes__csv__is_read(client: Client, estate: Estate, encoding: str, parted_by: str) -> None:
    rows = [
        HOMES,
        ["3号楼", "1单元", "102", "1", "98.39999999999999"],
        ["3号楼", "1单元", '="103"', "", '"80"'],
    ]
    text = "\r\n".join(parted_by.join(row) for row in [["房屋明细表"], *rows, []])
    taken(client, estate, SimpleUploadedFile("房屋.csv", text.encode(encoding)))
    assert numbers(estate) == ["102", "103"]
    assert Home.objects.get(number="102").area_dm2 == 9840


def test_import_homes__csv_in_which_a_room_became_a_day__is_asked_about(
    client: Client, estate: Estate
) -> None:
    text = f"{','.join(HOMES)}\n3号楼,1单元,3月1日,3,98.5\n3号楼,1单元,2026/3/2,3,98.5\n3号楼,1单元,Mar-45,3,98.5"
    asked = check(client, "estates_home", estate, SimpleUploadedFile("a.csv", text.encode("gbk")))
    [question] = asked.context["outcome"]["questions"]
    assert [cell["room"] for cell in question["cells"]] == ["3-1", "3-2", "3-45"]


@pytest.mark.parametrize(
    "content", [b"<html><table><tr><td>1,2</td></tr></table>", b"\x00,\x01,\x02", b"abc"]
)
def test_import_homes__text_that_is_no_table__is_refused_at_once(
    client: Client, estate: Estate, content: bytes
) -> None:
    answer = check(client, "estates_home", estate, SimpleUploadedFile("a.csv", content))
    assert "import_file" in answer.context["form"].errors


# -- Which column is which


def test_import_homes__headings_that_nobody_knows__are_mapped_once_and_remembered(
    client: Client, estate: Estate
) -> None:
    rows = [["楼栋", "单元", "编码甲", "楼层", "大小"], ["3号楼", "1单元", "102", 1, 80]]
    asked = check(client, "estates_home", estate, sheet(*rows))
    assert questions(asked) == ["columns"]
    page = asked.content.decode()
    assert "房号、建筑面积" in page
    assert "编码甲" in page
    columns = {"column-0": "building", "column-1": "entrance", "column-2": "room", "column-3": "floor"}
    again = answer_questions(client, asked, **columns, **{"column-4": "room"})
    assert again.status_code == 200
    assert "房号被选了两次" in again.content.decode()
    ready = answer_questions(client, asked, **columns, **{"column-4": "area"})
    confirm(client, "estates_home", ready)
    assert numbers(estate) == ["102"]
    rows[1][2] = "103"
    taken(client, estate, sheet(*rows))
    assert numbers(estate) == ["102", "103"]


def test_import_homes__without_a_column_of_entrances__is_the_same_in_all_rows(
    client: Client, estate: Estate
) -> None:
    asked = check(client, "estates_home", estate, sheet(["楼栋", "房号", "面积"], ["3号楼", "102", 80]))
    columns = {"column-0": "building", "column-1": "room", "column-2": "area"}
    assert "请指出单元" in answer_questions(client, asked, **columns).content.decode()
    ready = answer_questions(client, asked, **columns, **{"same-entrance": "1单元"})
    confirm(client, "estates_home", ready)
    assert numbers(estate) == ["102"]


def test_import_homes__without_any_heading__shows_the_first_rows_to_choose_from(
    client: Client, estate: Estate
) -> None:
    asked = check(client, "estates_home", estate, sheet(["3号楼", "1单元", "102", 80]))
    assert questions(asked) == ["columns"]
    columns = {"column-0": "building", "column-1": "entrance", "column-2": "room", "column-3": "area"}
    confirm(client, "estates_home", answer_questions(client, asked, **columns))
    assert numbers(estate) == ["102"]


def test_import_homes__columns_found_wrongly__can_be_chosen(client: Client, estate: Estate) -> None:
    headings = ["楼栋", "单元", "房号", "建筑面积", "实际面积"]
    ready = check(client, "estates_home", estate, sheet(headings, ["3号楼", "1单元", "102", 1, 80]))
    assert answer_questions(client, ready).context["run"].status == ImportRun.Status.READY
    asked = answer_questions(client, ready, columns="1")
    assert questions(asked) == ["columns"]
    columns = {"column-0": "building", "column-1": "entrance", "column-2": "room", "column-3": ""}
    confirm(client, "estates_home", answer_questions(client, asked, **columns, **{"column-4": "area"}))
    assert Home.objects.get(number="102").area_dm2 == 8000


def test_import_homes__more_rows_than_are_read__is_one_sentence(
    client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MAX_ROWS", 2)
    rows = [["3号楼", "1单元", number, 1, 80] for number in range(102, 105)]
    wrong = check(client, "estates_home", estate, sheet(HOMES, *rows))
    assert wrong.context["outcome"]["said"] == ["超过 2 行，请拆成几个文件。"]
    far = sheet(HOMES, *rows, *[[]] * 40, rows[0])
    [said] = check(client, "estates_home", estate, far).context["outcome"]["said"]
    assert said.startswith("第 45 行还有内容")
    assert said.count("。") == 1
