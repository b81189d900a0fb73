"""Days, rates and reductions that become the lines of a bill, against tables computed by hand."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fees.terms import Cut, Rate, Span, Terms, lines_of, period_span

pytestmark = pytest.mark.once
AREA = 98_500


def lines(first: date, last: date, *rates: tuple[date, int], cuts: tuple[Cut, ...] = ()) -> list[tuple]:
    """Returns (first day, months, days, days of the month, rate, fen) of each line at a rate."""
    found = lines_of(Terms((Span(first, last),), cuts), [Rate(*rate) for rate in rates])
    return [
        (part.span.first, part.months, part.days, part.of_days, part.rate_hao, part.fen(AREA))
        for part in found.parts
    ]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        # 98.50 m² × 2.35 yuan = 231.475 yuan a month.
        (date(2026, 2, 1), date(2026, 2, 28), (1, None, None, 23148)),
        (date(2028, 2, 1), date(2028, 2, 29), (1, None, None, 23148)),
        (date(2026, 2, 10), date(2026, 2, 28), (1, 19, 28, 15707)),  # 157.0723
        (date(2028, 2, 10), date(2028, 2, 29), (1, 20, 29, 15964)),  # 159.6379
        (date(2026, 11, 10), date(2026, 11, 30), (1, 21, 30, 16203)),  # 162.0325
        (date(2026, 12, 10), date(2026, 12, 31), (1, 22, 31, 16427)),  # 164.2726
        (date(2026, 12, 31), date(2026, 12, 31), (1, 1, 31, 747)),  # 7.4669
        (date(2026, 12, 1), date(2026, 12, 1), (1, 1, 31, 747)),
        (date(2026, 10, 1), date(2026, 12, 31), (3, None, None, 69443)),  # 694.425: rounded once
    ],
)
def test_lines__moved_in_or_out__are_by_days_of_the_month(first: date, last: date, expected: tuple):
    (line,) = lines(first, last, (date(2026, 1, 1), 23500))
    assert (line[1], line[2], line[3], line[5]) == expected


def test_lines__quarter_from_the_tenth_of_its_second_month__has_a_part_and_a_whole_month():
    found = lines(date(2026, 11, 10), date(2026, 12, 31), (date(2026, 1, 1), 23500))
    assert found == [
        (date(2026, 11, 10), 1, 21, 30, 23500, 16203),
        (date(2026, 12, 1), 1, None, None, 23500, 23148),
    ]


def test_lines__rate_that_changes_on_the_last_day__has_a_line_for_that_day():
    rates = (date(2026, 11, 1), 23500), (date(2026, 11, 30), 25000)
    assert lines(date(2026, 11, 1), date(2026, 11, 30), *rates) == [
        (date(2026, 11, 1), 1, 29, 30, 23500, 22376),  # 223.7592
        (date(2026, 11, 30), 1, 1, 30, 25000, 821),  # 8.2083
    ]


def test_lines__rate_that_changes_with_a_month_of_a_year__has_two_lines():
    rates = (date(2026, 1, 1), 23500), (date(2026, 7, 1), 25000)
    assert lines(date(2026, 1, 1), date(2026, 12, 31), *rates) == [
        (date(2026, 1, 1), 6, None, None, 23500, 138885),
        (date(2026, 7, 1), 6, None, None, 25000, 147750),
    ]


def test_lines__reduction_for_some_days__takes_its_part_off_those_days():
    cut = Cut(Span(date(2026, 11, 21), date(2026, 12, 31)), 3000, "vacancy")
    terms = Terms((Span(date(2026, 11, 1), date(2026, 12, 31)),), (cut,))
    found = lines_of(terms, [Rate(date(2026, 11, 1), 23500)])
    # 20 and 10 of 30 days, December; 30 % of the last two.
    assert found.fens(AREA) == [15432, 7716, 23148, -9259]
    assert found.taken_off[0].parts == (1, 2)


def test_lines__whole_exemption__leaves_nothing():
    span = period_span(date(2026, 11, 1), 1)
    found = lines_of(Terms((span,), (Cut(span, 10_000, "exemption"),)), [Rate(span.first, 23500)])
    assert sum(found.fens(AREA)) == 0


def test_lines__out_and_in_again__leave_the_days_between_out():
    spans = Span(date(2026, 11, 1), date(2026, 11, 5)), Span(date(2026, 11, 26), date(2026, 11, 30))
    found = lines_of(Terms(spans), [Rate(date(2026, 11, 1), 30000)])
    assert [(part.days, part.fen(1000)) for part in found.parts] == [(5, 50), (5, 50)]


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@settings(max_examples=100)
@given(st.tuples(days, days), st.lists(days, max_size=3), st.lists(st.tuples(days, days), max_size=1))
def test_lines__whatever__cover_each_day_once_and_are_near_the_exact_sum(ends, changes, reduced):
    first, last = sorted(ends)
    rates = [Rate(first, 23500)] + [
        Rate(day, 24000 + n) for n, day in enumerate(sorted({day for day in changes if day > first}))
    ]
    cuts = tuple(
        Cut(span, 2500) for pair in reduced if (span := Span(*sorted(pair)).within(Span(first, last)))
    )
    found = lines_of(Terms((Span(first, last),), cuts), rates)
    covered = [day for part in found.parts for day in _days(part.span)]
    assert covered == list(_days(Span(first, last)))
    exact = Fraction(0)
    for day in covered:
        rate = [one for one in rates if one.from_on <= day][-1].rate_hao
        whole = Fraction(AREA * rate, 100_000 * period_span(day.replace(day=1), 1).last.day)
        is_cut = any(cut.span.first <= day <= cut.span.last for cut in cuts)
        exact += whole * Fraction(3, 4) if is_cut else whole
    fens = found.fens(AREA)
    assert abs(sum(fens) - exact) <= Fraction(len(fens), 2) + Fraction(len(found.parts), 8)


def _days(span: Span):
    day = span.first
    while day <= span.last:
        yield day
        day += timedelta(days=1)
