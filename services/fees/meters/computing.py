"""Computes usage, tiers and oddities of readings; without the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.fees.models import MeterReading
from services.fees.models.meters import MILLI

Flag = MeterReading.Flag
# A usage so many times the usual one is asked about, if it is more than these units beyond it.
TIMES_USUAL = 3
LEAST_ODD_MILLI = 5 * MILLI


@dataclass(frozen=True)
class Value:
    """A value of a meter on a day, in 0.001 of its unit; ``rolled`` if it went past its largest since the last."""

    on: date
    milli: int
    rolled: bool = False


def usage_between(first: Value, last: Value, range_milli: int) -> int:
    """Returns the usage from one value to the next, in 0.001 of the unit.

    ``range_milli`` is the number of values of the counter. Raises ``ValueError`` for a lower value of a meter
    that has not rolled over.
    """
    if last.rolled:
        return range_milli - first.milli + last.milli
    if last.milli < first.milli:
        raise ValueError("a lower value without a roll-over")
    return last.milli - first.milli


def usage_along(values: Sequence[Value], range_milli: int) -> int:
    """Returns the usage over several values in the order of their days."""
    return sum(usage_between(first, last, range_milli) for first, last in pairwise(values))


@dataclass(frozen=True)
class Step:
    """A tier: its number from 1, the rate, and the usage of the year above which it holds."""

    number: int
    above_milli: int
    rate_hao: int


@dataclass(frozen=True)
class Priced:
    """The part of a usage that falls into one tier."""

    tier: int
    quantity_milli: int
    rate_hao: int


def in_tiers(quantity_milli: int, before_milli: int, steps: Sequence[Step]) -> list[Priced]:
    """Divides a usage among tiers by what the year had used before it.

    ``steps`` are in the order of their limits, the first one above 0. A usage that ends exactly at a limit
    stays below it.
    """
    parts = []
    begin, end = before_milli, before_milli + quantity_milli
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        top = end if following is None else min(end, following.above_milli)
        part = top - max(begin, step.above_milli)
        if part > 0:
            parts.append(Priced(step.number, part, step.rate_hao))
    return parts


def year_of(period: date, first_month: int) -> date:
    """Returns the first day of the year of the tiers in which a month lies."""
    return date(period.year - (period.month < first_month), first_month, 1)


@dataclass(frozen=True)
class Usual:
    """The last value of a meter, and its usage over some days before that; 0 days if nothing is known."""

    last: Value
    days: int = 0
    milli: int = 0

    def most_milli(self, on: date) -> int | None:
        """Returns the usage until ``on`` above which one asks; None if nothing is known."""
        if not self.days:
            return None
        usual = self.milli * max((on - self.last.on).days, 1) // self.days
        return max(usual * TIMES_USUAL, usual + LEAST_ODD_MILLI)


def oddity(usual: Usual | None, on: date, milli: int, range_milli: int) -> str:
    """Returns the ``Flag`` for which a new value is asked about; "" for an ordinary one.

    A lower value counts as rolled over if the meter stood in the last fifth of its range and stands in the
    first fifth now.
    """
    if usual is None:
        return Flag.NONE
    last = usual.last.milli
    if milli < last:
        is_past_end = last * 5 >= range_milli * 4 and milli * 5 < range_milli
        return Flag.ROLLED_OVER if is_past_end else Flag.LOWER
    most = usual.most_milli(on)
    return Flag.HIGH if most is not None and milli - last > most else Flag.NONE
