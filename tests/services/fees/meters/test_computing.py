"""Usage, tiers and shared costs against tables computed by hand, at their edges."""

from datetime import date

import pytest

from community.core import money
from services.fees.meters.computing import (
    Step,
    Usual,
    Value,
    in_tiers,
    oddity,
    usage_along,
    usage_between,
    year_of,
)

FIVE_DIGITS = 100_000_000
# Shanghai's water in 2026: to 220 m³ a year, to 300, and above, in 0.0001 yuan.
STEPS = [Step(1, 0, 34500), Step(2, 220_000, 48300), Step(3, 300_000, 58300)]


def value(milli: int, day: int = 1, *, rolled: bool = False) -> Value:
    return Value(date(2026, 11, day), milli, rolled)


def test_usage__rolled_over__counts_through_the_end_of_the_counter() -> None:
    # 99,990 → 99,999 → 0 → 12: ten to the roll-over, and twelve.
    assert usage_between(value(99_990_000), value(12_000, 30, rolled=True), FIVE_DIGITS) == 22_000
    assert usage_between(value(99_999_999), value(0, 30, rolled=True), FIVE_DIGITS) == 1
    assert (
        usage_along([value(99_000_000), value(99_990_000), value(0, 9, rolled=True)], FIVE_DIGITS)
        == 1_000_000
    )


def test_usage__lower_without_a_roll_over__is_refused() -> None:
    with pytest.raises(ValueError, match="roll-over"):
        usage_between(value(500), value(499, 30), FIVE_DIGITS)


@pytest.mark.parametrize(
    ("quantity", "before", "expected"),
    [
        (10_000, 0, [(1, 10_000)]),
        (20_000, 200_000, [(1, 20_000)]),  # ends exactly at the limit
        (20_001, 200_000, [(1, 20_000), (2, 1)]),
        (10_000, 220_000, [(2, 10_000)]),  # begins exactly at the limit
        (120_000, 200_000, [(1, 20_000), (2, 80_000), (3, 20_000)]),
        (5_000, 900_000, [(3, 5_000)]),
        (0, 220_000, []),
    ],
)
def test_tiers__by_the_usage_of_the_year__divide_at_the_limits(
    quantity: int, before: int, expected: list[tuple[int, int]]
) -> None:
    assert [(one.tier, one.quantity_milli) for one in in_tiers(quantity, before, STEPS)] == expected


def test_tiers__three_at_once__cost_what_the_table_says() -> None:
    # 20 × 3.45 + 80 × 4.83 + 20 × 5.83 = 69.00 + 386.40 + 116.60 yuan.
    parts = in_tiers(120_000, 200_000, STEPS)
    assert [money.of_quantity(one.quantity_milli, one.rate_hao) for one in parts] == [6900, 38640, 11660]


@pytest.mark.parametrize(
    ("milli", "rate", "fen"),
    [(10_500, 34500, 3623), (1, 50000, 1), (1, 49999, 0), (0, 34500, 0), (1000, 34550, 346)],
)
def test_amount_of_usage__half_a_fen__rounds_up(milli: int, rate: int, fen: int) -> None:
    assert money.of_quantity(milli, rate) == fen


@pytest.mark.parametrize(
    ("period", "month", "first"),
    [
        (date(2026, 12, 1), 1, date(2026, 1, 1)),
        (date(2027, 1, 1), 1, date(2027, 1, 1)),
        (date(2026, 6, 1), 7, date(2025, 7, 1)),
        (date(2026, 7, 1), 7, date(2026, 7, 1)),
    ],
)
def test_year_of_tiers__begins_with_its_month(period: date, month: int, first: date) -> None:
    assert year_of(period, month) == first


@pytest.mark.parametrize(
    ("fen", "weights", "parts"),
    [
        (1, [1, 1, 1], [1, 0, 0]),  # one fen over three homes
        (100, [1, 1, 1], [34, 33, 33]),
        (200, [1, 1, 1], [67, 67, 66]),
        (10_000, [9850, 7000, 3150], [4925, 3500, 1575]),
        (100, [5, 3, 3], [46, 27, 27]),
        (7, [0, 1, 1], [0, 4, 3]),
    ],
)
def test_shared__by_largest_remainder__adds_up(fen: int, weights: list[int], parts: list[int]) -> None:
    assert money.by_largest_remainder(fen, weights) == parts
    assert sum(parts) == fen


def test_shared__among_nobody__is_refused() -> None:
    with pytest.raises(ValueError, match="divide"):
        money.by_largest_remainder(100, [0, 0])


USUAL = Usual(value(100_000), days=30, milli=9_000)
DEC = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("usual", "milli", "flag"),
    [
        (USUAL, 109_000, ""),
        (USUAL, 127_000, ""),  # three times the usual 9 of 30 days
        (USUAL, 127_001, "high"),
        (USUAL, 99_999, "lower"),
        (USUAL, 100_000, ""),
        (Usual(value(99_990_000), 30, 9_000), 12_000, "rolled"),
        (Usual(value(99_990_000), 30, 9_000), 20_000_000, "lower"),
        (Usual(value(0)), 90_000_000, ""),  # nothing is known of a new meter
        (None, 5_000, ""),
    ],
)
def test_odd__lower_or_far_above_the_usual__asks(usual: Usual | None, milli: int, flag: str) -> None:
    assert oddity(usual, DEC, milli, FIVE_DIGITS) == flag
