"""People by what is typed at a desk: by name, number or home; those of the roster, and who has moved out."""

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
    """Those who live in these estates, have asked to, or once did: by name, number or the home there."""
    there = Residency.objects.filter(status__in=KNOWN, home__entrance__building__estate__in=estates)
    return User.objects.filter(pk__in=there.filter(search_filter(typed, OF_RESIDENCY)).values("user"))


def lines_found(typed: str, estates: "QuerySet[Estate] | Iterable[Any]") -> QuerySet[RosterEntry]:
    """Lines of the roster of these estates, ended ones too: by name, number or home."""
    lines = RosterEntry.objects.filter(home__entrance__building__estate__in=estates)
    return lines.filter(search_filter(typed, OF_LINE))


def without_account(lines: QuerySet[RosterEntry]) -> QuerySet[RosterEntry]:
    """Lines of those whom the people themselves do not show: of a couple with one number, the other one too.

    ``has_signed_in``: whether somebody has, or had, the home by this number.
    """
    by_number = Residency.objects.filter(
        home=OuterRef("home"), user__phone_index=OuterRef("phone_index"), status__in=KNOWN
    )
    shown = by_number.filter(user__name=OuterRef("name"))
    return lines.filter(~Exists(shown)).annotate(has_signed_in=Exists(by_number))
