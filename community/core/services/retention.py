"""The form in which an app says what it deletes by itself, and after how long."""

from collections.abc import Callable
from dataclasses import dataclass

from community.core.services.words import Words


@dataclass(frozen=True)
class Retention:
    """Rows or files of one kind that are deleted every night.

    ``carry_out`` takes ``now``, deletes at most some hundred in a transaction, and returns how many it deleted.
    """

    key: str
    label: Words
    # For how long they are kept, in words.
    kept: Words
    carry_out: Callable[..., int]
