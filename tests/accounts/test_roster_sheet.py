"""What the cells of a roster say: mobile numbers, landlines, none; and the words for kinds of people."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.roster_sheet import birth_year, kind_of, numbers

MOBILE = "+8613812345678"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (13812345678, (MOBILE, "")),
        (13812345678.0, (MOBILE, "")),
        ("13812345678.0", (MOBILE, "")),
        ("１３８ １２３４ ５６７８", (MOBILE, "")),
        ("13812345678\u200b", (MOBILE, "")),
        ("+86 138-1234-5678", (MOBILE, "")),
        ("010-65123456", ("", "010-65123456")),
        ("65123456", ("", "65123456")),
        ("(010)65123456", ("", "(010)65123456")),
        ("0512-65123456-801", ("", "0512-65123456-801")),
        ("400-812-3456", ("", "400-812-3456")),
        ("13812345678/010-65123456", (MOBILE, "010-65123456")),
        ("13812345678、13812345678", (MOBILE, "")),
        *((none, ("", "")) for none in (None, "", "无", "暂无", "/", "—", "-", 0)),
    ],
)
def test_numbers__as_offices_write_them__are_kept_as_what_they_are(
    written: Any, said: tuple[str, str]
) -> None:
    assert numbers(written) == said


@pytest.mark.parametrize(
    "written", ["13812345678、13912345678", "1.38123E+10", "12345", "王秀英", "138123456789"]
)
def test_numbers__that_are_none_or_two__are_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        numbers(written)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("业主 户主 房主 房东 产权人 本人 owner Owner", "owner"),
        ("租户 租客 承租人 tenant", "tenant"),
        ("家属 家人 配偶 子女 父亲 儿子", "family"),
    ],
)
def test_kind__other_words__are_understood(words: str, kind: str) -> None:
    assert {kind_of(word) for word in words.split()} == {kind}
    assert kind_of(None) == "owner"


def test_kind__and_year__that_nobody_knows__are_refused() -> None:
    for check in (
        lambda: kind_of("物业"),
        lambda: birth_year("1948-03-02", 2026),
        lambda: birth_year(1820, 2026),
    ):
        with pytest.raises(ValidationError):
            check()
    assert [birth_year(value, 2026) for value in (1948.0, "1948年", None)] == [1948, 1948, None]
