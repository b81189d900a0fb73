"""How the desk finds a person: by number or by the beginning of the name.

The number of queries does not depend on how many people there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Residency, StaffRole, User
from accounts.policies import estates_of
from community.estates.models import Estate

PAGE_SIZE = 20


@dataclass(frozen=True)
class PeoplePage:
    rows: Sequence[User]
    next_query: str


def with_homes(people: QuerySet[User], estates: QuerySet[Estate]) -> QuerySet[User]:
    """Each with their homes in these estates, as ``homes_here``: one more query for all of them."""
    open_ones = Residency.objects.filter(status__in=[Residency.Status.ACTIVE, Residency.Status.REQUESTED])
    here = open_ones.of_estates(estates).select_related("home__entrance__building__estate")
    return people.prefetch_related(Prefetch("residencies", queryset=here, to_attr="homes_here"))


def residents_page(people: QuerySet[User], estates: QuerySet[Estate], after: str) -> PeoplePage:
    """People by name, and the query string of the next ones; the key is the last person's."""
    is_number = after.isascii() and after.isdecimal() and len(after) < 19
    last = User.objects.filter(pk=int(after)).first() if is_number else None
    if last is not None:
        people = people.filter(name__gte=last.name).filter(Q(name__gt=last.name) | Q(pk__gt=last.pk))
    found = list(with_homes(people, estates).order_by("name", "pk")[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return PeoplePage(found[:PAGE_SIZE], f"after={found[PAGE_SIZE - 1].pk}" if more else "")


def desks_of(user: User) -> QuerySet[Estate]:
    return estates_of(user, *StaffRole.DESK)
