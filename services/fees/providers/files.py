"""Parts of reading providers' statements: sums in yuan, columns by name, totals."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from community.core.money import to_fen
from services.fees.providers.base import StatementBroken

# Bytes of an unpacked statement: a million lines have about 300 MB, an estate's day a few hundred.
MAX_BYTES = 64 * 1024 * 1024
MAX_YUAN = Decimal(2**31 - 1) / 100


def yuan(text: str) -> Decimal:
    """Returns a sum of a statement, which is in yuan; empty is 0. Raises ``ValueError``."""
    try:
        found = Decimal(text.strip().replace(",", "") or "0")
    except InvalidOperation as error:
        raise ValueError(f"no sum: {text[:20]}") from error
    if not found.is_finite() or abs(found) > MAX_YUAN:
        raise ValueError(f"no sum: {text[:20]}")
    return found


def fen_of(text: str) -> int:
    """Returns a sum of a statement in fen; raises ``ValueError``, also for parts of a fen."""
    found = yuan(text)
    if found * 100 != to_fen(found):
        raise ValueError(f"parts of a fen: {text[:20]}")
    return to_fen(found)


def need_columns(header: Iterable[str], needed: Iterable[str]) -> None:
    """Raises ``StatementBroken`` for a statement without one of the columns that are read."""
    missing = set(needed) - set(header)
    if missing:
        raise StatementBroken(f"columns missing: {', '.join(sorted(missing))}")


def check_totals(said: Mapping[str, Decimal], counted: Mapping[str, Decimal]) -> None:
    """Raises ``StatementBroken`` where a total is not what its lines add up to."""
    for name, total in counted.items():
        if name in said and said[name] != total:
            raise StatementBroken(f"{name}: {said[name]}, but its lines add up to {total}")
