"""How the desk lists and finds people.

The number of queries does not depend on how many people there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Prefetch, QuerySet

from accounts.models import Residency, RosterEntry, StaffRole, User
from accounts.policies import estates_of
from accounts.queries import lines_found, people_found, without_account
from community.estates.models import Estate

PAGE_SIZE = 20
Row = TypeVar("Row", User, RosterEntry)
MAX_FOUND = 50


@dataclass(frozen=True)
class PeoplePage(Generic[Row]):
    rows: Sequence[Row]
    next_query: str


def with_homes(people: QuerySet[User], estates: QuerySet[Estate]) -> QuerySet[User]:
    """Each with their homes in these estates: ``homes_here``, and ``homes_left`` that they moved out of.

    Two more queries for all of them.
    """
    there = Residency.objects.of_estates(estates).select_related("home__entrance__building__estate")
    here = there.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.REQUESTED])
    left = there.filter(status=Residency.Status.ENDED)
    return people.prefetch_related(
        Prefetch("residencies", queryset=here, to_attr="homes_here"),
        Prefetch("residencies", queryset=left, to_attr="homes_left"),
    )


@dataclass(frozen=True)
class Found:
    """Result of a search: accounts, also of people who moved out, and roster lines without an account."""

    people: list[User]
    lines: list[RosterEntry]

    @property
    def only_one(self) -> User | None:
        """The one person whom the desk can open, where it can only be this one."""
        alone = len(self.people) == 1 and not self.lines
        return self.people[0] if alone and self.people[0].homes_here else None  # type: ignore[attr-defined]


def by_name(rows: Iterable[Row]) -> list[Row]:
    """Sorts a few people or lines by name, which the database cannot: it holds no name in clear."""
    named: Any = rows
    return sorted(named, key=lambda row: (row.name, row.pk))


def find(typed: str, estates: QuerySet[Estate]) -> Found:
    """People of these estates by name, number or home. Four queries."""
    people = by_name(with_homes(people_found(typed, estates), estates).order_by("pk")[:MAX_FOUND])
    lines = without_account(lines_found(typed, estates)).order_by("pk")[:MAX_FOUND]
    in_order = sorted(people, key=lambda person: not person.homes_here)  # type: ignore[attr-defined]
    return Found(in_order, by_name(lines.select_related("home__entrance__building__estate")))


def residents_page(people: QuerySet[User], estates: QuerySet[Estate], after: str) -> "PeoplePage[User]":
    """People in the order of their keys, and the query string of the next ones; the key is the last person's."""
    return _page(with_homes(people, estates), after)


def roster_page(lines: QuerySet[RosterEntry], after: str) -> "PeoplePage[RosterEntry]":
    """Lines of the roster, as ``residents_page``."""
    return _page(lines.select_related("home__entrance__building__estate"), after)


def _page(rows: QuerySet[Row], after: str) -> "PeoplePage[Row]":
    is_number = after.isascii() and after.isdecimal() and len(after) < 19
    if is_number:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.order_by("pk")[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return PeoplePage(found[:PAGE_SIZE], f"after={found[PAGE_SIZE - 1].pk}" if more else "")


def desks_of(user: User) -> QuerySet[Estate]:
    return estates_of(user, *StaffRole.DESK)
