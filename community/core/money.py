"""Money as integer fen, and the only code that rounds it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import BigIntegerField, ExpressionWrapper, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

# Yuan from which thousands are separated.
SEPARATED_FROM = 10_000


def to_fen(yuan: Decimal) -> int:
    """Converts yuan to whole fen, half up: ``Decimal("231.475")`` → 23148."""
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def as_yuan(fen: int) -> str:
    """Formats fen: 123650 → ``¥1236.50``; with separators from ten thousand yuan on: ``¥12,860.00``."""
    sign, yuan = "-" if fen < 0 else "", abs(fen) // 100
    return f"{sign}¥{yuan if yuan < SEPARATED_FROM else f'{yuan:,}'}.{abs(fen) % 100:02d}"


def in_wan(fen: int) -> str:
    """Formats fen in units of ten thousand yuan, at most two decimals: 128_600_000 → ``128.6``."""
    hundredths = _half_up(fen, 10_000)
    return f"{hundredths // 100:,}.{hundredths % 100:02d}".rstrip("0").rstrip(".")


def short_yuan(fen: int) -> str:
    """Formats fen for a sentence, without empty fen: 4500 → ``¥45``, 4550 → ``¥45.50``."""
    return as_yuan(fen).removesuffix(".00")


def of_quantity(
    quantity_milli: int, rate_hao: int, months: int = 1, *, days: int = 1, of_days: int = 1
) -> int:
    """Returns fen for a quantity (0.001 of its unit) at a rate (0.0001 yuan for each unit and month), half up.

    98.50 m² × 2.35 yuan × 1 month: ``of_quantity(98500, 23500)`` → 23148. A part of a month is ``days`` of its
    ``of_days``.
    """
    return _half_up(quantity_milli * rate_hao * months * days, 100_000 * of_days)


def share_of(fen: int, off: int) -> int:
    """Returns ``off`` 1/10000 of an amount, half up: ``share_of(23148, 3000)`` → 6944."""
    return _half_up(fen * off, 10_000)


def of_e4(amount_e4: int) -> int:
    """Returns fen for an exact amount in 1/10,000 fen, half up: 115_740 → 12."""
    return _half_up(amount_e4, 10_000)


def by_largest_remainder(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Divides fen in the proportion of ``weights``, so that the parts add up exactly.

    The fen left over go to the parts that lost most by rounding down, the first ones among equals. Raises
    ``ValueError`` without a weight above 0.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("nothing to divide by")
    parts = [total_fen * weight // whole for weight in weights]
    lost = [total_fen * weight % whole for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda place: -lost[place])
    for place in by_loss[: total_fen - sum(parts)]:
        parts[place] += 1
    return parts


def _half_up(number: int, parts: int) -> int:
    return (2 * number + parts) // (2 * parts)


def in_sql_of_quantity(
    quantity_milli: Combinable, rate_hao: int, months: int = 1, *, days: int = 1, of_days: int = 1
) -> Combinable:
    """Returns ``of_quantity`` as an expression of the database, with ``quantity_milli`` of each row."""
    # A quantity times a rate exceeds PostgreSQL's integer.
    twice = Cast(quantity_milli, BigIntegerField()) * Value(2 * rate_hao * months * days)
    return _half_up_in_sql(twice, 100_000 * of_days)


def in_sql_of_share(fen: Combinable, off: int) -> Combinable:
    """Returns ``share_of`` as an expression of the database."""
    return _half_up_in_sql(Cast(fen, BigIntegerField()) * Value(2 * off), 10_000)


def _half_up_in_sql(twice: Combinable, parts: int) -> Combinable:
    # Both databases divide integers that are not negative as "//" does.
    return ExpressionWrapper((twice + Value(parts)) / Value(2 * parts), output_field=BigIntegerField())
