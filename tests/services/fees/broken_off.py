"""Acts that end in the middle, as with their process, and are done again."""

from collections.abc import Callable
from contextlib import nullcontext
from itertools import chain
from typing import Any

from django.db import connection, models, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from community.core import clock
from community.core.errors import ActionError
from tests.support.books import assert_in_balance

# Statements by which Django itself undoes an act that has ended.
OF_DJANGO = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class ProcessEnded(BaseException):
    """The process ends: nothing of the product catches it."""


class BrokenOff(RuleBasedStateMachine):
    """Ends the next act at one of its statements: the books agree then, and the act can be repeated."""

    ends_at = 0
    # How often an act was ended.
    ended = 0
    # Codes with which the acts of the machine may be refused; anything else is a mistake of ours.
    refusals: set[str] = set()
    # Acts that speak with others between transactions of their own: what they wrote before a refusal stays.
    in_steps: tuple[Callable[..., Any], ...] = ()

    def tries(self, act: Callable[..., Any], **given: Any) -> Any:
        """Does it as one act; returns None for what the machine may be refused."""
        try:
            with nullcontext() if act in self.in_steps else transaction.atomic():
                return self.whole(lambda: act(now=clock.now(), **given), *given.values())
        except ActionError as refusal:
            refused = refusal.code
        assert refused in self.refusals, refused
        return None

    @precondition(lambda self: not self.ends_at)
    @rule(at=st.integers(1, 25))
    def end_the_next_act(self, at: int) -> None:
        self.ends_at = at

    def whole(self, act: Callable[[], Any], *rows: Any) -> Any:
        """Does it, perhaps after it was ended in the middle; ``rows``, and lists of them, are read again in between."""
        at, self.ends_at = self.ends_at, 0
        if not at:
            return act()
        try:
            with connection.execute_wrapper(_EndsAt(at)):
                return act()
        except ProcessEnded:
            type(self).ended += 1
        assert_in_balance()
        for row in chain.from_iterable(one if isinstance(one, list) else [one] for one in rows):
            if isinstance(row, models.Model):
                row.refresh_from_db()
        return act()


class _EndsAt:
    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(OF_DJANGO):
            self.left -= 1
            if not self.left:
                raise ProcessEnded
        return execute(sql, params, many, context)
