"""Prepayments: who may see them, and which bills they may pay.

The prepayment of a home belongs to its household: the people who live there now, for bills of the household.
Money above the amount of a bill in a person's own name is that person's, wherever they live now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User, access_of
from community.core.statements import Statement
from community.estates.models import Home
from services.fees.models import Account, Bill
from services.fees.models.bills import pays_for_home

Lines = list[tuple[Bill, int]]


@dataclass
class Prepayment:
    """The fen that a person may use in one home: the household's, and their own."""

    household_fen: int = 0
    own_fen: int = 0

    @property
    def held_fen(self) -> int:
        return self.household_fen + self.own_fen

    def split(self, lines: Lines) -> tuple[Lines, Lines]:
        """Splits lines into the covered part and the rest, bill by bill."""
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
        """Returns how many of the unpaid fen of these bills it covers."""
        covered, _rest = self.split([(bill, bill.unpaid_fen) for bill in bills])
        return sum(fen for _bill, fen in covered)


def prepayments_of(person: User) -> dict[int, Prepayment]:
    """Returns the prepayment that ``person`` may use, by home key: of their homes, and of those in which they
    have one of their own, also after moving out. One query.
    """
    living = {one.home_id for one in access_of(person).living() if pays_for_home(one)}
    prepayments: dict[int, Prepayment] = {}
    for home_pk, owner, fen in _HELD(person.pk, sorted(living)):
        prepayment = prepayments.setdefault(home_pk, Prepayment())
        if owner is None:
            prepayment.household_fen = fen
        else:
            prepayment.own_fen = fen
    return prepayments


def prepayment_of(person: User, home: Home) -> Prepayment:
    """Returns the prepayment that ``person`` may use in ``home``; 0 fen if there is none."""
    return prepayments_of(person).get(home.pk, Prepayment())


def prepayment_accounts(home: Home) -> list[Account]:
    """Returns all prepayment accounts of a home with money, the household's first; for staff."""
    accounts = _accounts_with_money().filter(home=home).select_related("person")
    return sorted(accounts, key=lambda account: (account.person_id is not None, account.pk))


def covered_fen(accounts: Iterable[Account], lines: Lines) -> int:
    """Returns how many fen of these lines ``accounts`` cover, each only the bills of its owner."""
    unpaid_by_owner: dict[int | None, int] = {}
    for bill, fen in lines:
        unpaid_by_owner[bill.charged_to_id] = unpaid_by_owner.get(bill.charged_to_id, 0) + fen
    return sum(min(account.held_fen, unpaid_by_owner.get(account.person_id, 0)) for account in accounts)


def _accounts_with_money() -> "QuerySet[Account]":
    return Account.objects.filter(kind=Account.Kind.PREPAYMENT, held_fen__gt=0)


def _held_for(person: int, living: list[int]) -> "QuerySet[Account, tuple[int, int | None, int]]":
    """Returns home, person and fen of the accounts that this person may use who lives in these homes."""
    accounts = _accounts_with_money().filter(Q(person=person) | Q(person=None, home__in=living))
    return accounts.values_list("home", "person", "held_fen")


_HELD: Statement[tuple[int, int | None, int]] = Statement(_held_for)
