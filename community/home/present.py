"""Finds out by one query what there is to show on a person's home page: empty parts are not read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import DelegationRequest, FamilyInvitation, User
from community.core.services.home import Home, MatterSource, Waiting
from community.core.statements import Statement, has_rows
from community.home.matters import open_rows, sources
from community.home.parts import homes_declared
from community.notifications.models import InboxNotice, unread_of

TAKEN, WRITTEN, HANDED = "taken link", "written delegation", "handed over"


@dataclass(frozen=True)
class Present:
    """Rows of the home page by name, as far as there are any."""

    found: dict[str, QuerySet[Any]]

    def has(self, name: str) -> bool:
        return name in self.found

    def matters(self) -> list[tuple[MatterSource, QuerySet[Any]]]:
        """Returns the kinds of matters that have open rows, with these rows."""
        kinds = ((source, self.found.get(f"matters:{source.key}")) for source in sources())
        return [(source, rows) for source, rows in kinds if rows is not None]

    def waiting(self, number: int, home: Home) -> Iterable[Waiting]:
        """Returns what waits by the ``waiting_rows`` of the service with this number."""
        rows = self.found.get(f"waiting:{number}")
        return home.waiting_rows.show(rows) if home.waiting_rows and rows is not None else ()


def _present(person: int, *rows: Any) -> QuerySet[User, Any]:
    """Returns the number of the person's unread messages, and whether there are any of each of these rows."""
    mine = User.objects.filter(pk=person).order_by()
    return mine.values_list(unread_of(person), *map(has_rows, rows))


_PRESENT: Statement[Any] = Statement(_present)


def present_for(user: User, now: datetime, handed: QuerySet[InboxNotice]) -> Present:
    """Returns what there is for this person; counts their unread messages by the way. ``handed`` are the steps
    that relatives have handed over to them.
    """
    asked: dict[str, QuerySet[Any]] = {f"matters:{source.key}": rows for source, rows in open_rows(user)}
    for number, home in enumerate(homes_declared()):
        if home.waiting_rows:
            asked[f"waiting:{number}"] = home.waiting_rows.rows(user, now)
    asked |= {
        TAKEN: FamilyInvitation.objects.to_confirm().visible_to(user),
        WRITTEN: DelegationRequest.objects.waiting().visible_to(user),
        HANDED: handed,
    }
    number, *there = _PRESENT(user.pk, *asked.values())[0]
    user.unread_notices = number  # type: ignore[attr-defined]
    found = {name: rows for (name, rows), is_there in zip(asked.items(), there, strict=True) if is_there}
    return Present(found)
