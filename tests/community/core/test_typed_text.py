"""Text that came out of phones, spreadsheets and chats: what is seen stays, what is not seen goes."""

import pytest

from community.core.typed_text import clean, plain

pytestmark = pytest.mark.once

UNSEEN = (
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2069", "\u061c"),
    *("\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\ufe00", "\ufe0f", "\U000e0041", "\U000e0100"),
    *("\x00", "\x07", "\x0e", "\x1b", "\x7f", "\x9f", "\ud800", "\udfff", "\ufffe", "\uffff", "\ufdd0"),
    *("\ufffc", "\ufff9", "\U0001fffe", "\U0001d173"),
)


@pytest.mark.parametrize("unseen", UNSEEN, ids=[f"U+{ord(one):04X}" for one in UNSEEN])
def test_clean__what_nobody_sees__goes(unseen: str) -> None:
    assert clean(f"{unseen}王{unseen}秀{unseen}英{unseen}") == "王秀英"
    assert plain(f"{unseen}139{unseen}0001{unseen}") == "1390001"
    assert clean(unseen * 3).strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        "王 秀英",
        "第一行\n\t第二行",
        "　　段落",
        "👨\u200d👩\u200d👧 来了",
        "❤\ufe0f\u200d🔥",
        "👩🏽\u200d⚕\ufe0f",
        "按 1\ufe0f\u20e3",
        "𠮷野家，㐂、é",
        "قرآن עברית",
        "4-1-602（旧）",
    ],
)
def test_clean__what_is_seen__stays(text: str) -> None:
    assert clean(text) == text
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("e\u0301", "é"),
        ("一\r\n二\r三\u2028四\u0085五", "一\n二\n三\n四\n五"),
        ("139\u00a00001\u202f0003", "139 0001 0003"),
        ("停\u202e水\u200b", "停水"),
        ("A" + "\u0301\u0302\u0303" * 50, "Á\u0302\u0303"),
        ("1\ufe0f39", "139"),
        ("\u200d😀\u200d", "😀"),
    ],
)
def test_clean__other_spellings__become_the_common_one(text: str, meant: str) -> None:
    assert clean(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("４－１－６０２", "4-1-602"),
        ("　１３９　０００１　０００３ ", "139 0001 0003"),
        ("٤٠٢", "402"),
        ("𝟏𝟐", "12"),
        ("1\ufe0f\u20e32\ufe0f\u20e3", "12"),
        ("Ａ１０１", "A101"),
        ("4–1—602", "4-1-602"),
        ("３栋１单元", "3栋1单元"),
    ],
)
def test_plain__numbers_and_addresses__are_as_a_plain_keyboard_writes_them(text: str, meant: str) -> None:
    assert plain(text) == meant
