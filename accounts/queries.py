"""Searches for people, residents and roster entries by what staff type: name, number or home."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Residency, RosterEntry, User
from community.core.search.filtering import Ways, search_filter
from community.estates.models import Estate

Status = Residency.Status
OF_PERSON = Ways(people=("pk",))
OF_RESIDENCY = Ways(people=("user",), homes=("home",))
OF_LINE = Ways(lines=("pk",), homes=("home",))
KNOWN = (Status.REQUESTED, Status.ACTIVE, Status.ENDED)


def people_found(typed: str, estates: "QuerySet[Estate] | Iterable[Any]") -> QuerySet[User]:
    """Returns people who live, have requested to live or have lived in these estates, by name, number or
    home.
    """
    there = Residency.objects.filter(status__in=KNOWN, home__entrance__building__estate__in=estates)
    return User.objects.filter(pk__in=there.filter(search_filter(typed, OF_RESIDENCY)).values("user"))


def lines_found(typed: str, estates: "QuerySet[Estate] | Iterable[Any]") -> QuerySet[RosterEntry]:
    """Returns roster entries of these estates, ended ones included, by name, number or home."""
    lines = RosterEntry.objects.filter(home__entrance__building__estate__in=estates)
    return lines.filter(search_filter(typed, OF_LINE))


def without_account(lines: QuerySet[RosterEntry]) -> QuerySet[RosterEntry]:
    """Limits to entries whose person has no account of that name in the home; couples can share a number.

    Annotates ``has_signed_in``: whether an account with this number has or had the home.
    """
    by_number = Residency.objects.filter(
        home=OuterRef("home"), user__phone_index=OuterRef("phone_index"), status__in=KNOWN
    )
    shown = by_number.filter(user__name_index=OuterRef("name_index"))
    return lines.filter(~Exists(shown)).annotate(has_signed_in=Exists(by_number))
