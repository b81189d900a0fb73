"""How the desk finds a person: by number or by the beginning of the name.

The number of queries does not depend on how many people there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Prefetch, Q, QuerySet

from accounts.forms import to_e164
from accounts.models import Residency, RosterEntry, StaffRole, User
from accounts.policies import estates_of
from community.estates.models import Estate
from community.estates.naming import homes_named

PAGE_SIZE = 20
Row = TypeVar("Row", User, RosterEntry)


@dataclass(frozen=True)
class PeoplePage(Generic[Row]):
    rows: Sequence[Row]
    next_query: str


def with_homes(people: QuerySet[User], estates: QuerySet[Estate]) -> QuerySet[User]:
    """Each with their homes in these estates, as ``homes_here``: one more query for all of them."""
    open_ones = Residency.objects.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.REQUESTED])
    here = open_ones.of_estates(estates).select_related("home__entrance__building__estate")
    return people.prefetch_related(Prefetch("residencies", queryset=here, to_attr="homes_here"))


def residents_page(people: QuerySet[User], estates: QuerySet[Estate], after: str) -> "PeoplePage[User]":
    """People by name, and the query string of the next ones; the key is the last person's."""
    return _by_name(with_homes(people, estates), after)


def roster_page(lines: QuerySet[RosterEntry], after: str) -> "PeoplePage[RosterEntry]":
    """Lines of the roster, as ``residents_page``."""
    return _by_name(lines.select_related("home__entrance__building__estate"), after)


def _by_name(rows: QuerySet[Row], after: str) -> "PeoplePage[Row]":
    is_number = after.isascii() and after.isdecimal() and len(after) < 19
    last: Any = rows.model._default_manager.filter(pk=int(after)).first() if is_number else None
    if last is not None:
        rows = rows.filter(name__gte=last.name).filter(Q(name__gt=last.name) | Q(pk__gt=last.pk))
    found = list(rows.order_by("name", "pk")[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return PeoplePage(found[:PAGE_SIZE], f"after={found[PAGE_SIZE - 1].pk}" if more else "")


def lines_found(words: str, estates: QuerySet[Estate]) -> QuerySet[RosterEntry]:
    """The lines that somebody means: by number, by home or by the beginning of the name.

    Also of those who never signed in, and of those who moved out.
    """
    lines = RosterEntry.objects.of_estates(estates).select_related("home__entrance__building__estate")
    if phone := to_e164(words):
        return lines.with_phone(phone)
    homes = homes_named(words, estates)
    return lines.filter(home__in=homes) if homes else lines.filter(name__startswith=words)


def desks_of(user: User) -> QuerySet[Estate]:
    return estates_of(user, *StaffRole.DESK)
