"""Where the list stands in a workbook, told without reading one."""

from typing import Any

import pytest

from accounts.imports import RosterImport
from community.estates.imports import HomeImport
from community.estates.sheets.table import Table, find_table

pytestmark = pytest.mark.once

HOMES = ["楼栋", "单元", "房号", "楼层", "建筑面积"]
ONE = ["3号楼", "1单元", 101, 1, 80]


def found(rows: list[list[Any]], *, name: str = "Sheet1", of: Any = HomeImport, **more: Any) -> Table:
    given = {"name": name, "lies_open": True, "refused": "", "merged": [], "hidden": []}
    return find_table([given | {"rows": rows} | more], of.columns, {}, {})


def places(table: Table) -> list[tuple[str, str, str]]:
    return [(row.text("building"), row.text("entrance"), row.text("room")) for row in table.rows]


@pytest.mark.parametrize(
    "headings",
    [
        ["楼号", "单元号", "室号", "层", "面积"],
        ["幢", "门", "房间号", "所在楼层", "产权面积（㎡）"],
        ["楼 栋", "单　元", "房号*", "楼\n层", "建筑面积\n(平方米)："],
        ["Building", "Entrance", "Home", "Floor", "Area"],
    ],
)
def test_find__other_words_for_the_headings__are_understood(headings: list[str]) -> None:
    assert places(found([headings, ONE])) == [("3号楼", "1单元", "101")]


@pytest.mark.parametrize(
    "above",
    [
        [["幸福里小区 楼栋 房号 一览表"], ["填表人：李", None, "日期：2026"]],
        [["2026-01-01", None], []],
        [[f"第{number}条说明"] for number in range(25)],
    ],
)
def test_find__lines_above_the_headings__are_passed_over(above: list[list[Any]]) -> None:
    assert places(found([*above, HOMES, ONE])) == [("3号楼", "1单元", "101")]


@pytest.mark.parametrize(
    "line",
    [
        ["合计", None, None, None, 80],
        [None, None, "合计", None, 80],
        [None, None, "小计：1户", None, None],
        ["总计", None, 1, None, 80],
        ["制表人：李建国", None, None, "审核：王强"],
        ["注：面积以房本为准"],
        ["2026 年 11 月"],
        ["例：3号楼", "1单元", "101", 1, 80],
        ["Building", "Entrance", "Home", "Floor", "Area"],
        HOMES,
    ],
)
def test_find__line_that_is_no_row__is_left_out_and_said(line: list[Any]) -> None:
    table = found([HOMES, ONE, line])
    assert places(table) == [("3号楼", "1单元", "101")]
    assert [place for place, _text in table.ignored] == ["第 3 行"]


def test_find__single_cell_between_rows__stays_a_row_to_be_refused() -> None:
    assert len(found([HOMES, ONE, ["3号楼"], ONE]).rows) == 3


def test_find__building_above_its_homes__speaks_for_them() -> None:
    rows = [["单元", "房号", "面积"], ["3号楼"], ["1单元", 101, 80], ["4号楼"], ["1单元", 102, 80]]
    assert places(found(rows)) == [("3号楼", "1单元", "101"), ("4号楼", "1单元", "102")]


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([["房屋", "面积"], ["3号楼1单元101室", 80]], "Sheet1"),
        ([["楼栋", "房号", "面积"], ["3号楼", "1-101", 80]], "Sheet1"),
        ([["楼栋", "房号", "面积"], ["3号楼", "3-1-101", 80]], "Sheet1"),
        ([["房号", "面积"], ["1单元101", 80]], "3号楼"),
        ([["房屋坐落", "面积"], ["幸福里小区3号楼1单元101室", 80]], "Sheet1"),
    ],
)
def test_find__address_in_one_column__is_parted(rows: list[list[Any]], name: str) -> None:
    [(building, entrance, room)] = places(found(rows, name=name))
    assert (building.removesuffix("号楼"), entrance, room) == ("3", "1", "101")


def test_find__address_of_another_building_than_its_column__is_not_parted() -> None:
    [row] = found([["楼栋", "房号", "面积"], ["4号楼", "3-1-101", 80]]).rows
    assert (row.text("building"), row.text("entrance"), row.text("room")) == ("4号楼", "", "3-1-101")


def test_find__two_columns_of_one_heading__are_asked_about() -> None:
    rows = [["楼栋", "单元", "房号", "姓名", "电话", "电话"], ["3号楼", "1单元", 101, "王", "1", "2"]]
    assert [column.key for column in found(rows, of=RosterImport).missing] == ["phone"]


def test_find__surer_heading__is_taken_before_another() -> None:
    rows = [["楼栋", "单元", "房号", "姓名", "联系电话", "手机号"], ["3号楼", "1单元", 101, "王", "x", "138"]]
    table = found(rows, of=RosterImport)
    assert table.rows[0].text("phone") == "138"
    assert table.unused == ["联系电话"]


def test_find__room_and_phone_merged_for_a_couple__stand_in_both_rows() -> None:
    rows = [
        ["楼栋", "单元", "房号", "姓名", "电话"],
        ["3号楼", "1单元", "101", "王", "138"],
        [None, None, None, "李"],
    ]
    merged = [(2, column, 3, column) for column in (1, 2, 3, 5)]
    rows[2] += [None]
    table = found(rows, of=RosterImport, merged=merged)
    assert [(row.text("room"), row.text("phone")) for row in table.rows] == [("101", "138")] * 2


def test_find__area_merged_over_two_homes__is_not_the_area_of_both() -> None:
    rows = [HOMES, ONE, ["3号楼", "1单元", 102, 1, None]]
    table = found(rows, merged=[(2, 5, 3, 5)])
    assert [row.text("area") for row in table.rows] == ["80", ""]


def test_find__sheet_that_explains_the_columns__is_not_the_list() -> None:
    explained = {
        "name": "说明",
        "rows": [["列", "说明"], ["楼栋", "必填"], ["房号", "必填"]],
        "lies_open": True,
    }
    filled = {"name": "数据", "rows": [HOMES, ONE], "lies_open": False}
    beside = {"refused": "", "merged": [], "hidden": []}
    table = find_table([explained | beside, filled | beside], HomeImport.columns, {}, {})
    assert places(table) == [("3号楼", "1单元", "101")]
