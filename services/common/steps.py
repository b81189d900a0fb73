"""What a step of anybody's request does: move once, write the history, tell those whom it concerns."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from community.core.transitions import AlreadyMoved, StatusChange, move
from community.notifications import outbox


def step(
    row: Any,
    to: str,
    *,
    states: Collection[str],
    by: User | None,
    now: datetime,
    reason: str = "",
    on_behalf_of: User | None = None,
    only_if: dict[str, Any] | None = None,
    is_new: bool = False,
    then: Callable[[StatusChange], None],
    **changes: Any,
) -> StatusChange | None:
    """Move ``row`` out of one of ``states``, and do ``then`` with its history row in the same transaction.

    Whether somebody may is asked before; ``by=None`` is somebody without a name. Returns None, and does
    nothing, if the same person had already done the same; a step that ``is_new`` each time never was.
    Raises ``AlreadyMoved``, and then ``row`` shows what is so now.
    """
    if not is_new and _is_repeated(row, to, by, changes):
        return None
    if row.status not in states:
        raise AlreadyMoved
    try:
        with transaction.atomic():
            change = move(
                row, to, by=by, now=now, reason=reason, on_behalf_of=on_behalf_of, only_if=only_if, **changes
            )
            then(change)
    except AlreadyMoved:
        row.refresh_from_db()
        if not is_new and _is_repeated(row, to, by, changes):
            return None
        raise
    return change


def _is_repeated(row: Any, to: str, by: User | None, changes: dict[str, Any]) -> bool:
    if row.status != to or any(getattr(row, name) != value for name, value in changes.items()):
        return False
    last = row.history.last()
    return last is not None and last.actor_id == (by.pk if by else None)


def tell_both(
    people: Iterable[User],
    template: str,
    *,
    but: User | None,
    may: Callable[[User], bool],
    key: str,
    params: dict[str, Any],
    url: str,
    now: datetime,
    sms: bool = False,
) -> None:
    """Each of them once: not who has just done it, nor who may not act for the resident any more."""
    for person in {person.pk: person for person in people}.values():
        if (but is None or person.pk != but.pk) and may(person):
            outbox.queue_message(person, template, key=key, params=params, url=url, sms=sms, now=now)
