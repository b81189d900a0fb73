"""Runs an action on each row of a sweep; an error in one row does not stop the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

logger = logging.getLogger(__name__)
Row = TypeVar("Row")


def sweep_rows(rows: Iterable[Row], act: Callable[[Row], int | None], *, failing: str) -> int:
    """Calls ``act`` with each row and returns the sum of its results.

    ``act`` opens its own transaction. Errors are logged as ``failing`` (``%s`` is the row's key; no personal
    data), and the next sweep tries again.
    """
    done = 0
    for row in rows:
        try:
            done += act(row) or 0
        except Exception:
            logger.exception(failing, getattr(row, "pk", row))
    return done
