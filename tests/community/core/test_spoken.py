from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core import spoken


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (16, "十六"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1236, "一千二百三十六"),
        (10_000, "一万"),
        (10_005, "一万零五"),
        (10_500, "一万零五百"),
        (12_000, "一万二千"),
        (100_010, "十万零一十"),
        (1_000_000, "一百万"),
        (20_030_004, "二千零三万零四"),
        (100_000_000, "一亿"),
        (100_000_001, "一亿零一"),
        (100_010_000, "一亿零一万"),
        (-3, "负三"),
    ],
)
def test_number(value: int, said: str) -> None:
    assert spoken.number(value) == said


def _heard(said: str) -> int:
    """The number that a listener understands."""
    total = group = digit = 0
    for sign in said:
        if sign in spoken.DIGITS:
            digit = spoken.DIGITS.index(sign)
        elif sign in "十百千":
            group += (digit or 1) * 10 ** ("十百千".index(sign) + 1)
            digit = 0
        else:
            total, group, digit = (total + group + digit) * (10_000 if sign == "万" else 10**8), 0, 0
    return total + group + digit


@settings(max_examples=100)
@given(st.integers(0, 99_999_999))
def test_number__is_heard_as_what_it_was(value: int) -> None:
    assert _heard(spoken.number(value)) == value
    assert "零零" not in spoken.number(value)


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (123_650, "一千二百三十六元五角"),
        (23_148, "二百三十一元四角八分"),
        (105, "一元零五分"),
        (100, "一元"),
        (50, "五角"),
        (5, "五分"),
        (0, "零元"),
        (-8000, "负八十元"),
    ],
)
def test_amount(fen: int, said: str) -> None:
    assert spoken.amount(fen) == said


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (5, "伍分"),
        (50, "伍角整"),
        (0, "零元整"),
        (1000, "壹拾元整"),
        (23148, "贰佰叁拾壹元肆角捌分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (100100, "壹仟零壹元整"),
        (1680032, "壹万陆仟捌佰元叁角贰分"),
        (10000001, "壹拾万元零壹分"),
        (-1050, "负壹拾元伍角整"),
    ],
)
def test_capitals(fen: int, said: str) -> None:
    assert spoken.capitals(fen) == said


def test_calendar_day() -> None:
    assert spoken.calendar_day(date(2026, 11, 23)) == "二〇二六年十一月二十三日"
    assert spoken.calendar_day(date(2030, 1, 10)) == "二〇三〇年一月十日"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (time(15, 30), "下午三点半"),
        (time(14, 0), "下午两点"),
        (time(14, 5), "下午两点零五分"),
        (time(9, 15), "上午九点十五分"),
        (time(12, 0), "中午十二点"),
        (time(0, 20), "凌晨零点二十分"),
        (time(20, 45), "晚上八点四十五分"),
    ],
)
def test_clock_time(moment: time, said: str) -> None:
    assert spoken.clock_time(moment) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("需要 ¥1236.50,请答复。", "需要 一千二百三十六元五角,请答复。"),
        ("2026年11月23日 15:30 上门", "二〇二六年十一月二十三日 下午三点半 上门"),
        ("2026-01-02", "二〇二六年一月二日"),
        ("请打 138 1234 5678", "请打 幺三八幺二三四五六七八"),
        ("急救 120,前台 027-88886666", "急救 幺二零,前台 零二七八八八八六六六六"),
        ("3号楼 1单元 502", "3号楼 1单元 五零二"),
        ("2026-13-45", "2026-13-45"),
        ("第2步", "第2步"),
        ("待缴 ¥12,860.00", "待缴 一万二千八百六十元"),
        ("明天 下午2点到4点", "明天 下午两点到4点"),
    ],
)
def test_in_words(text: str, said: str) -> None:
    assert spoken.in_words(text) == said
