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
def test_of_quantity__areas__rounds_half_up(area_dm2: int, rate_hao: int, months: int, fen: int):
    assert money.of_quantity(area_dm2 * 10, rate_hao, months) == fen


@pytest.mark.parametrize(
    ("rate_hao", "months", "fen"), [(80000, 1, 800), (150, 1, 2), (149, 1, 1), (150, 3, 5)]
)
def test_of_quantity__one_home__rounds_half_up(rate_hao: int, months: int, fen: int):
    assert money.of_quantity(1000, rate_hao, months) == fen


@pytest.mark.parametrize(
    ("days", "of_days", "fen"),
    [
        (28, 28, 23148),
        (1, 28, 827),  # 8.267 yuan
        (21, 30, 16203),  # 162.0325 yuan
        (30, 31, 22401),  # 224.008 yuan
        (29, 29, 23148),
    ],
)
def test_of_quantity__days_of_a_month__rounds_half_up(days: int, of_days: int, fen: int):
    assert money.of_quantity(98500, 23500, days=days, of_days=of_days) == fen


@settings(max_examples=100)
@given(st.integers(1, 100_000), st.integers(1, 10_000_000), st.integers(1, 120))
def test_of_quantity__whatever__is_never_more_than_half_a_fen_off(area_dm2: int, rate_hao: int, months: int):
    exact = Fraction(area_dm2 * rate_hao * months, 10_000)
    off = money.of_quantity(area_dm2 * 10, rate_hao, months) - exact
    assert Fraction(-1, 2) < off <= Fraction(1, 2)
