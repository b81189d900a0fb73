"""Rounds over what is due: one row that goes wrong holds up no other."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)
Row = TypeVar("Row")


def sweep_rows(rows: Iterable[Row], act: Callable[[Row], int | None], *, failing: str) -> int:
    """Do ``act`` with each row, in a transaction of the act's own; the sum of what it says.

    What goes wrong is logged as ``failing`` (with ``%s`` for the row's key, and nothing of a person), and
    the next round tries it again.
    """
    done = 0
    for row in rows:
        try:
            done += act(row) or 0
        except Exception:
            logger.exception(failing, getattr(row, "pk", row))
    return done
