"""What is paid ahead: who sees it, and what of it may be used for which bills.

The prepayment of a home is its household's: of those who live there now, for the bills of the household.
What was too much for a bill in somebody's own name is that person's, wherever they live now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Residency, User
from community.estates.models import Home
from services.fees.models import Account, Bill

Lines = list[tuple[Bill, int]]


@dataclass
class Prepayment:
    """What a person may use in one home, in fen: of the household's, and of their own."""

    household_fen: int = 0
    own_fen: int = 0

    @property
    def held_fen(self) -> int:
        return self.household_fen + self.own_fen

    def split(self, lines: Lines) -> tuple[Lines, Lines]:
        """What it covers, and what is left over, bill by bill."""
        left = {True: self.own_fen, False: self.household_fen}
        covered, rest = [], []
        for bill, fen in lines:
            is_own = bill.charged_to_id is not None
            part = min(fen, left[is_own])
            left[is_own] -= part
            if part:
                covered.append((bill, part))
            if fen > part:
                rest.append((bill, fen - part))
        return covered, rest

    def covers_fen(self, bills: Iterable[Bill]) -> int:
        """How much of what is left to pay on these bills."""
        covered, _rest = self.split([(bill, bill.unpaid_fen) for bill in bills])
        return sum(fen for _bill, fen in covered)


def prepayments_of(person: User, homes: Iterable[int]) -> dict[int, Prepayment]:
    """The prepayment that ``person`` may use, by home; homes with none are left out. One query."""
    living = Residency.objects.active().filter(user=person).values("home")
    accounts = _held().filter(Q(person=person) | Q(person=None, home__in=living), home__in=list(homes))
    prepayments: dict[int, Prepayment] = {}
    for home_pk, owner, fen in accounts.values_list("home", "person", "held_fen"):
        prepayment = prepayments.setdefault(home_pk, Prepayment())
        if owner is None:
            prepayment.household_fen = fen
        else:
            prepayment.own_fen = fen
    return prepayments


def prepayment_of(person: User, home: Home) -> Prepayment:
    return prepayments_of(person, [home.pk]).get(home.pk, Prepayment())


def homes_with_own(person: User) -> "QuerySet[Home]":
    """Where something is kept in this person's own name, though they may live there no longer."""
    return Home.objects.with_address().filter(pk__in=_held().filter(person=person).values("home"))


def kept_in_home(home: Home) -> list[Account]:
    """All that is paid ahead for a home, the household's first: for those who count the money."""
    accounts = _held().filter(home=home).select_related("person")
    return sorted(accounts, key=lambda account: (account.person_id is not None, account.pk))


def covered_fen(kept: Iterable[Account], lines: Lines) -> int:
    """How much of these lines is paid ahead in ``kept``, each account for the bills of whose it is."""
    wanted: dict[int | None, int] = {}
    for bill, fen in lines:
        wanted[bill.charged_to_id] = wanted.get(bill.charged_to_id, 0) + fen
    return sum(min(account.held_fen, wanted.get(account.person_id, 0)) for account in kept)


def _held() -> "QuerySet[Account]":
    return Account.objects.filter(kind=Account.Kind.PREPAYMENT, held_fen__gt=0)
