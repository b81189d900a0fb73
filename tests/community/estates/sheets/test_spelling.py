"""Spellings of buildings, entrances and rooms that mean the same, and those that do not."""

import pytest

from community.estates.models import Building, Estate
from community.estates.sheets.places import Places
from community.estates.sheets.spelling import (
    building_key,
    entrance_and_room,
    entrance_key,
    looks_like_building,
    room_key,
    whole_address,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "name", ["3号楼", "三号楼", "3#楼", "3号", "3栋", "3幢", "第3栋", "3#", "３栋", "3 号楼", "03栋", "3"]
)
def test_building_key__spellings_of_one_building__are_the_same(name: str) -> None:
    assert building_key(name) == "3"


@pytest.mark.parametrize(
    ("name", "key"),
    [("十二号楼", "12"), ("二十三栋", "23"), ("一百零一栋", "101"), ("A座", "a"), ("13栋", "13")],
)
def test_building_key__other_buildings__are_others(name: str, key: str) -> None:
    assert building_key(name) == key


def test_keys__entrances_and_rooms__go_without_their_words() -> None:
    assert {entrance_key(name) for name in ("1单元", "1", "一单元", "1门", "1 单元")} == {"1"}
    assert {room_key(name) for name in ("101", "101室", "１０１", "101号房")} == {"101"}
    assert room_key("0101") != room_key("101")


@pytest.mark.parametrize(
    ("name", "is_one"), [("3号楼", True), ("三栋", True), ("A座", True), ("Sheet1", False), ("2025", False)]
)
def test_looks_like_building__name_of_a_sheet__is_told_apart(name: str, is_one: bool) -> None:
    assert looks_like_building(name) == is_one


def test_whole_address__parts__are_told_apart() -> None:
    assert whole_address("3-1-101") == whole_address("3号楼1单元101室") == ("3", "1", "101")
    assert whole_address("1-101") is None
    assert entrance_and_room("1-101") == entrance_and_room("1单元101室") == ("1", "101")


@pytest.mark.parametrize("name", ["三号楼", "3#楼", "3号", "3栋", "3幢", "第3栋", "3#"])
def test_unclear__other_spelling_of_a_building__is_asked_about(name: str) -> None:
    places = Places(Estate(), buildings={"3号楼": Building(name="3号楼")}, names={"3号楼": "3号楼"})
    [asked] = places.unclear([name, "3号楼", "4号楼", "3"])
    assert (asked.written, asked.likely, asked.count) == (name, "3号楼", 1)
    assert places.building_name("3") == "3号楼"


def test_unclear__answered_before__is_not_asked_again() -> None:
    places = Places(Estate(), {"3栋": "3号楼"}, {"3号楼": Building(name="3号楼")}, names={"3号楼": "3号楼"})
    assert places.unclear(["3栋"]) == []
    assert places.building_name("3栋") == "3号楼"
