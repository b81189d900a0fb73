from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core.money import as_yuan, in_wan, to_fen


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [("231.475", 23148), ("231.4749", 23147), ("0.005", 1), ("0.0049", 0), ("98.50", 9850), ("-0.005", -1)],
)
def test_to_fen__rounds_half_up(yuan: str, fen: int) -> None:
    assert to_fen(Decimal(yuan)) == fen


def test_to_fen__a_bill_line__is_rounded_once() -> None:
    """98.50 m² × 2.35 元 × 1 月 (the brief's own example)."""
    assert to_fen(Decimal("98.50") * Decimal("2.35")) == 23148


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (123650, "¥1236.50"),
        (5, "¥0.05"),
        (0, "¥0.00"),
        (-8000, "-¥80.00"),
        (999_999, "¥9999.99"),
        (1_000_000, "¥10,000.00"),
        (-128_600_000, "-¥1,286,000.00"),
    ],
)
def test_as_yuan(fen: int, shown: str) -> None:
    assert as_yuan(fen) == shown


@pytest.mark.parametrize(
    ("fen", "shown"), [(128_600_000, "128.6"), (1_000_000, "1"), (123_456_789, "123.46")]
)
def test_in_wan__at_most_two_decimals(fen: int, shown: str) -> None:
    assert in_wan(fen) == shown


@settings(max_examples=100)
@given(st.integers(-(10**12), 10**12))
def test_money__there_and_back__loses_nothing(fen: int) -> None:
    assert to_fen(Decimal(as_yuan(fen).replace("¥", "").replace(",", ""))) == fen
