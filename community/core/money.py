"""Integer fen, and the only place where money is rounded."""

from decimal import ROUND_HALF_UP, Decimal


def to_fen(yuan: Decimal) -> int:
    """Yuan to whole fen, half up: ``Decimal("231.475")`` → 23148."""
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def as_yuan(fen: int) -> str:
    """Fen as people write it: 123650 → ``¥1236.50``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100}.{abs(fen) % 100:02d}"
