"""Fen from areas and rates, rounded half up once."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core import money


@pytest.mark.parametrize(
    ("area_dm2", "rate_hao", "months", "fen"),
    [
        (9850, 23500, 1, 23148),  # 231.475 yuan: half up
        (9850, 23500, 12, 277770),
        (10000, 23500, 1, 23500),
        (8912, 18550, 1, 16532),  # 165.3176
        (1, 1, 1, 0),
        (5000, 1, 1, 1),  # exactly half a fen
        (4999, 1, 1, 0),
    ],
)
def test_of_area__examples__rounds_half_up(area_dm2: int, rate_hao: int, months: int, fen: int):
    assert money.of_area(area_dm2, rate_hao, months) == fen


@pytest.mark.parametrize(
    ("rate_hao", "months", "fen"), [(80000, 1, 800), (150, 1, 2), (149, 1, 1), (150, 3, 5)]
)
def test_of_rate__examples__rounds_half_up(rate_hao: int, months: int, fen: int):
    assert money.of_rate(rate_hao, months) == fen


@settings(max_examples=100)
@given(st.integers(1, 100_000), st.integers(1, 10_000_000), st.integers(1, 120))
def test_of_area__whatever__is_never_more_than_half_a_fen_off(area_dm2: int, rate_hao: int, months: int):
    exact = Fraction(area_dm2 * rate_hao * months, 10_000)
    off = money.of_area(area_dm2, rate_hao, months) - exact
    assert Fraction(-1, 2) < off <= Fraction(1, 2)
