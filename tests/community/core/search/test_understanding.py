"""Every spelling that people use at a counter means the same home or person."""

import pytest

from community.core.search.addresses import home_keys
from community.core.search.names import name_keys, number_keys, person_keys
from community.core.search.parsing import parse_search

pytestmark = pytest.mark.once

PERSON = person_keys("陈建国", "+8613900010003")
HOME = home_keys("4号楼", "1单元", "602")

FINDS_PERSON = [
    "13900010003",
    "139 0001 0003",
    "139-0001-0003",
    "+8613900010003",
    "+86 139 0001 0003",
    "0086 13900010003",
    "１３９０００１０００３",
    "139\u200b00010003",
    "\u202d13900010003\u202c",
    "0003",
    "139****0003",
    "陈建国",
    "陈 建国",
    "陈　建国",
    "建国",
    "陈",
    "国",
    "陈建",
    "cjg",
    "CJG",
    "ｃｊｇ",
    "jg",
    "cj",
    "chenjianguo",
    "chen jianguo",
    "陈建国 0003",
    "陈 13900010003",
]
FINDS_HOME = [
    "4-1-602",
    "４－１－６０２",
    "4—1—602",
    "4－1－602",
    "4 - 1 - 602",
    "4 1 602",
    "4号楼1单元602",
    "4号楼 1单元 602",
    "4号楼 1单元 602室",
    "４号楼１单元６０２室",
    "4栋1单元602",
    "4幢1门602",
    "4号1单元602",
    "第4栋1单元602室",
    "四号楼一单元602",
    "4号楼1单元6层602",
    "4号楼-1单元-602",
    "4-1单元-602",
    "4-602",
    "4号楼602",
    "4号楼",
    "4号楼1单元",
    "4-1",
    "1单元602",
    "602",
    "602室",
    "６０２",
]


def fits(typed: str, keys: set[str]) -> bool:
    words = parse_search(typed)
    return bool(words) and all(
        word.person & keys or any(wanted <= keys for wanted in word.homes) for word in words
    )


@pytest.mark.parametrize("typed", FINDS_PERSON)
def test_understand__a_person_in_any_spelling__is_found(typed: str) -> None:
    assert fits(typed, PERSON)


@pytest.mark.parametrize("typed", ["陈国", "张建国", "13900010004", "0004", "cgj", "c", "建国门", "3900"])
def test_understand__somebody_else__is_not_found(typed: str) -> None:
    assert not fits(typed, PERSON)


@pytest.mark.parametrize("typed", FINDS_HOME)
def test_understand__a_home_in_any_spelling__is_found(typed: str) -> None:
    assert fits(typed, HOME)


@pytest.mark.parametrize(
    "typed", ["1-4-602", "4-2-602", "14-1-602", "4-1-6021", "5号楼602", "2单元602", "41602", "60", "1-602"]
)
def test_understand__another_home__is_not_found(typed: str) -> None:
    assert not fits(typed, HOME)


@pytest.mark.parametrize(
    "typed", ["3-2-A-101", "3-2-a101", "3号楼2单元A-101", "３－２－Ａ－１０１", "101", "A-101", "a101"]
)
def test_understand__a_room_with_a_letter__is_found(typed: str) -> None:
    assert fits(typed, home_keys("3号楼", "2单元", "A-101"))


@pytest.mark.parametrize("typed", ["南区3号楼2单元501", "南区3-2-501", "南区3栋", "南区3号楼 501"])
def test_understand__a_building_with_a_name__is_found(typed: str) -> None:
    assert fits(typed, home_keys("南区3号楼", "2单元", "501"))


@pytest.mark.parametrize(
    "typed", ["4号楼陈建国", "陈建国 4-1-602", "4号楼 0003", "建国 602", "4号楼 139 0001 0003"]
)
def test_understand__a_person_and_a_home__needs_both(typed: str) -> None:
    assert fits(typed, PERSON | HOME)
    assert not fits(typed, HOME)


@pytest.mark.parametrize(
    ("name", "initials", "wrong"),
    [
        ("单雄信", "sxx", "dxx"),
        ("解晓东", "xxd", "jxd"),
        ("仇英", "qy", "cy"),
        ("区自强", "ozq", "qzq"),
        ("曾志伟", "zzw", "czw"),
        ("查良镛", "zly", "cly"),
        ("盖叫天", "gjt", "hjt"),
        ("朴树", "ps", "bs"),
        ("翟志刚", "zzg", "tzg"),
        ("尉迟恭", "ycg", "wcg"),
        ("万俟卨", "mqx", "wsx"),
        ("单于", "cy", "dy"),
        ("欧阳喆", "oyz", "qyz"),
        ("长孙无忌", "zswj", "cswj"),
        ("缪贤", "mx", "lx"),
        ("吕布", "lb", "nb"),
    ],
)
def test_name_keys__a_surname_that_is_misread__has_the_right_initials(
    name: str, initials: str, wrong: str
) -> None:
    assert f"name:{initials}" in name_keys(name)
    assert f"name:{wrong}" not in name_keys(name)


@pytest.mark.parametrize(
    ("name", "both"), [("覃海洋", ("qhy", "thy")), ("乐嘉", ("yj", "lj")), ("陈乐", ("cl", "cy"))]
)
def test_name_keys__a_name_read_in_two_ways__is_found_by_both(name: str, both: tuple[str, ...]) -> None:
    assert {f"name:{one}" for one in both} <= name_keys(name)


@pytest.mark.parametrize(
    "typed", ["阿卜杜拉", "买买提", "阿卜杜拉·买买提", "阿卜杜拉买买提", "阿卜杜拉 买买提"]
)
def test_name_keys__a_long_name__is_found_by_beginnings_and_endings(typed: str) -> None:
    assert fits(typed, name_keys("阿卜杜拉·买买提"))


@pytest.mark.parametrize("typed", ["john", "Smith", "JOHN SMITH", "smi", "johnsmith"])
def test_name_keys__a_name_in_latin_letters__is_found_by_its_words(typed: str) -> None:
    assert fits(typed, name_keys("John Smith"))


@pytest.mark.parametrize("typed", ["0570-5550188", "05705550188", "5550188", "0188"])
def test_number_keys__a_landline__is_found(typed: str) -> None:
    assert fits(typed, number_keys("0570-5550188"))


@pytest.mark.parametrize(
    "typed", ["R-261123-0042", "r2611230042", "Ｒ－２６１１２３－００４２", "r-2611230042"]
)
def test_understand__a_reference_in_any_spelling__is_one(typed: str) -> None:
    assert [word.reference for word in parse_search(typed)] == ["R-261123-0042"]


@pytest.mark.parametrize("typed", ["", " ", "\u200b\u202e", "\t\n"])
def test_understand__nothing_that_can_be_seen__is_nothing(typed: str) -> None:
    assert parse_search(typed) == []


@pytest.mark.parametrize(
    "typed", ["-", "---", "·", "+", "(((", "%", "楼", "门 室", "\x00", "1" * 500, "陈 " * 500, "\ud83d"]
)
def test_understand__anything_at_all__raises_nothing(typed: str) -> None:
    assert len(parse_search(typed)) <= 8
