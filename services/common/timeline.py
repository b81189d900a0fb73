"""Timeline of a request: a line of points, and its events in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from community.core.transitions import StatusChange


@dataclass(frozen=True)
class Point:
    """A point of the line: ``state`` is done, now or todo."""

    label: str | Promise
    state: str


@dataclass(frozen=True)
class Entry:
    """An event in words."""

    title: str
    at: datetime
    by: str = ""
    text: str = ""


def points(labels: Sequence[str | Promise], reached: int) -> list[Point]:
    """Returns the line with ``reached`` points done and the next one as now."""
    return [
        Point(label, "done" if n < reached else "now" if n == reached else "todo")
        for n, label in enumerate(labels)
    ]


def reached_line(status: str, labels: Sequence[str | Promise], reached: Mapping[str, int]) -> list[Point]:
    """Returns the line of a request in ``status``; empty for a status that is not in ``reached``."""
    return points(labels, reached[status]) if status in reached else []


def change_entry(title: str, change: StatusChange, reader: User) -> Entry:
    """Returns the entry of a status change, with its actor and reason. Select both people with the history."""
    by = who(change.actor, change.on_behalf_of, reader)
    return Entry(title=title, at=change.at, by=by, text=change.reason)


def who(actor: User | None, on_behalf_of: User | None, reader: User) -> str:
    """Returns the actor and the person acted for, with "you" for the reader; empty without an actor."""
    if actor is None:
        return ""
    name = _("you") if actor.pk == reader.pk else str(actor)
    if on_behalf_of is None:
        return name
    whom = _("you") if on_behalf_of.pk == reader.pk else str(on_behalf_of)
    return _("%(actor)s for %(resident)s") % {"actor": name, "resident": whom}
