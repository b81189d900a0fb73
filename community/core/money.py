"""Money as integer fen, and the only code that rounds it."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import BigIntegerField, ExpressionWrapper, F, Value
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


def of_area(area_dm2: int, rate_hao: int, months: int = 1) -> int:
    """Returns fen for an area (0.01 m²) at a rate (0.0001 yuan for each m² and month), half up.

    98.50 m² × 2.35 yuan × 1 month: ``of_area(9850, 23500)`` → 23148.
    """
    return _half_up(area_dm2 * rate_hao * months, 10_000)


def of_rate(rate_hao: int, months: int = 1) -> int:
    """Returns fen for a flat rate (0.0001 yuan a month), half up."""
    return _half_up(rate_hao * months, 100)


def of_e4(amount_e4: int) -> int:
    """Returns fen for an exact amount in 1/10,000 fen, half up: 115_740 → 12."""
    return _half_up(amount_e4, 10_000)


def _half_up(number: int, parts: int) -> int:
    return (2 * number + parts) // (2 * parts)


def in_sql_of_area(area_dm2: F, rate_hao: int) -> Combinable:
    """Returns ``of_area`` for one month as an expression of the database, with ``area_dm2`` of each row."""
    # An area times a rate exceeds PostgreSQL's integer.
    return _half_up_in_sql(Cast(area_dm2, BigIntegerField()) * Value(2 * rate_hao), 10_000)


def in_sql_of_rate(rate_hao: int) -> Combinable:
    """Returns ``of_rate`` for one month as an expression of the database."""
    return Value(of_rate(rate_hao), output_field=BigIntegerField())


def in_sql_of_e4(amount_e4: Combinable) -> Combinable:
    """Returns ``of_e4`` as an expression of the database; the amount is not negative."""
    return _half_up_in_sql(ExpressionWrapper(amount_e4 * Value(2), output_field=BigIntegerField()), 10_000)


def _half_up_in_sql(twice: Combinable, parts: int) -> Combinable:
    # Both databases divide integers that are not negative as "//" does.
    return ExpressionWrapper((twice + Value(parts)) / Value(2 * parts), output_field=BigIntegerField())
