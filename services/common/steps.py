"""Steps of requests: check the verb, move, keep the clock, notify people and open pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from community.core.transitions import AlreadyMoved, StatusChange, move
from community.notifications import outbox
from services.common.verbs import VerbTable


@dataclass(frozen=True)
class Step:
    """A step of a request: its verb and the resulting status.

    ``tells`` is the message to the resident's side, which ``sms`` sends by SMS too. ``changes`` are fields
    that change with the status, ``only_if`` further conditions on the stored row, ``recorded`` fields of the
    history row that differ from the row's own. ``then`` is called after the move, in its transaction, before
    messages are queued.
    """

    verb: str
    to: str
    reason: str = ""
    tells: str = ""
    sms: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    only_if: Mapping[str, Any] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[StatusChange], None] | None = None


@dataclass(frozen=True)
class StepTaken:
    """A step with the row on which ``by`` takes it; None is an anonymous person."""

    row: Any
    step: Step
    by: Any
    now: datetime


@dataclass(frozen=True, kw_only=True)
class StepRules:
    """Rules for steps of one service: its table of verbs, and its differences from other services.

    - ``require(verb, by, row)`` raises ``Forbidden``;
    - ``acting_for(row, verb, by)`` returns the resident if another person acts for them;
    - ``message_key(row, change)`` returns the key of messages about a step, so that each is sent once;
    - ``tell_resident(row, template, key=, by=, now=, sms=)`` notifies the resident's side;
    - ``notify_open_pages(taken)`` is called last in the transaction;
    - ``after_move(taken)`` updates the response clock, or other rows that depend on the status;
    - ``only_if(taken)`` returns conditions on the stored row;
    - ``repeatable`` are the statuses into which the same step may be taken several times, each time as a new
      step; for others, the same step by the same person again is a repeated request and changes nothing;
    - ``stored_at(taken)`` returns the time that is stored.
    """

    verbs: VerbTable
    require: Callable[[str, Any, Any], object]
    acting_for: Callable[[Any, str, Any], User | None]
    message_key: Callable[[Any, StatusChange], str]
    tell_resident: Callable[..., None]
    notify_open_pages: Callable[[StepTaken], None]
    after_move: Callable[[StepTaken], None] | None = None
    only_if: Callable[[StepTaken], Mapping[str, Any]] | None = None
    repeatable: frozenset[str] = frozenset()
    stored_at: Callable[[StepTaken], datetime] = lambda taken: taken.now

    def take(self, row: Any, step: Step, *, by: User | None, now: datetime) -> StatusChange | None:
        """Takes a step and everything that follows from it, in one transaction.

        Returns the history row, or None if the same person has already taken the same step. ``by=None`` is an
        anonymous person. Raises ``Forbidden``, and ``AlreadyMoved`` with ``row`` as stored.
        """
        self.require(step.verb, by, row)
        is_new = step.to in self.repeatable
        if not is_new and _is_repeated(row, step, by):
            return None
        self.verbs.require_status(step.verb, row.status)
        taken = StepTaken(row, step, by, now)
        try:
            with transaction.atomic():
                change = self._move(taken)
                self._follow(taken, change)
        except AlreadyMoved:
            row.refresh_from_db()
            if not is_new and _is_repeated(row, step, by):
                return None
            raise
        return change

    def _move(self, taken: StepTaken) -> StatusChange:
        step = taken.step
        return move(
            taken.row,
            step.to,
            by=taken.by,
            now=self.stored_at(taken),
            reason=step.reason,
            on_behalf_of=self.acting_for(taken.row, step.verb, taken.by),
            only_if={**(self.only_if(taken) if self.only_if else {}), **step.only_if},
            recorded=step.recorded,
            **step.changes,
        )

    def _follow(self, taken: StepTaken, change: StatusChange) -> None:
        step = taken.step
        if step.then:
            step.then(change)
        if self.after_move:
            self.after_move(taken)
        if step.tells:
            key = self.message_key(taken.row, change)
            self.tell_resident(taken.row, step.tells, key=key, by=taken.by, now=taken.now, sms=step.sms)
        self.notify_open_pages(taken)


def _is_repeated(row: Any, step: Step, by: User | None) -> bool:
    if row.status != step.to or any(getattr(row, name) != value for name, value in step.changes.items()):
        return False
    last = row.history.last()
    return last is not None and last.actor_id == (by.pk if by else None)


def tell_permitted(
    people: Iterable[User],
    template: str,
    *,
    but: User | None,
    may: Callable[[User], bool],
    **message: Any,
) -> None:
    """Messages each of these people once, except ``but``, who has just acted, and people refused by ``may``.

    ``message`` holds the arguments of ``outbox.queue_message``: key, params, url, now and sms.
    """
    for person in {person.pk: person for person in people}.values():
        if (but is None or person.pk != but.pk) and may(person):
            outbox.queue_message(person, template, **message)
