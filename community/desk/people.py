"""How the desk finds a person: by number, by the beginning of the name, by home.

The number of queries does not depend on how many people there are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Residency, StaffRole, User
from accounts.policies import estates_of
from community.estates.models import Estate, Home

PAGE_SIZE = 20
# 3号楼2单元501, 3栋501室, 3-2-501, 3-501; without blanks.
HOME = re.compile(
    r"(?P<building>[^\-号栋幢楼]+)(?:号楼|号|栋|幢|楼|-)"
    r"(?:(?P<entrance>[^\-单元门]+)(?:单元|门|-))?"
    r"(?P<number>[^\-室]+)室?"
)
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class PeoplePage:
    rows: Sequence[User]
    next_query: str


def homes_named(text: str, estates: QuerySet[Estate]) -> QuerySet[Home]:
    """The homes that somebody means who says 「3号楼2单元501」 or 3-2-501, in these estates."""
    found = HOME.fullmatch(BLANKS.sub("", text.replace("－", "-").replace("—", "-")))
    homes = Home.objects.with_address().filter(entrance__building__estate__in=estates)
    if found is None:
        return homes.none()
    building, entrance, number = found["building"], found["entrance"], found["number"]
    homes = homes.filter(
        entrance__building__name__in=[
            building,
            *(building + kind for kind in ("号楼", "栋", "幢", "楼", "号")),
        ],
        number__in=[number, f"{number}室"],
    )
    if entrance:
        homes = homes.filter(entrance__name__in=[entrance, f"{entrance}单元", f"{entrance}门"])
    return homes


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
