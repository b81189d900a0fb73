"""Counts what waits for the people who keep the money of estates, all in one query."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import StaffRole, User, access_of
from community.core.statements import Statement
from community.estates.models import Estate
from services.fees import queries
from services.fees.models import (
    Dispute,
    FundLine,
    FundQuestion,
    InvoiceRequest,
    LateFeeWaiver,
    LedgerReversal,
    MatchingDifference,
    Reduction,
)
from services.fees.roles import CASHIERS, DESK


@dataclass(frozen=True)
class AtCounter:
    """Counts of the counter's start page: ``to_check`` are doubts and refunds, ``in_funds`` lines to agree to
    and questions to answer.
    """

    to_check: int
    differences: int
    in_funds: int


def at_counter(user: User, estate: Estate) -> AtCounter:
    """Returns what waits in an estate, as far as this person has to do with it. One query."""
    doubts, refunds, differences, lines, questions = _counted(_AT_COUNTER, user, estate=estate.pk)
    return AtCounter(doubts + refunds, differences, lines + questions)


def for_nav(user: User) -> int:
    """Counts what waits for this person in all estates: payments and refunds to check, differences from
    statements, disputed bills, invoices, what others have asked for and a second person has to agree to, and
    residents' questions about funds. One query.
    """
    return sum(_counted(_FOR_NAV, user))


def _counted(statement: "Statement[tuple[int, ...]]", user: User, *, estate: int = 0) -> tuple[int, ...]:
    access = access_of(user)
    taking, managed = access.estates(*CASHIERS), access.estates(StaffRole.Role.MANAGER)
    desks = access.estates(*DESK)
    if not estate:
        return statement(user.pk, taking, taking, managed, taking, desks)[0]
    kept, answered = ([estate] if estate in estates else [] for estates in (taking, desks))
    return statement(user.pk, [estate], taking, managed, kept, answered)[0]


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)


def _counts(
    user: int, estates: list[int], taking: list[int], managed: list[int], kept: list[int], answered: list[int]
) -> list[Coalesce]:
    """Returns the counts of the counter: of ``estates``, of all in which the person takes money, of those whose
    funds they keep, and of those whose questions they answer.
    """
    refunds = queries.refused_refunds_in(estates) | queries.asked_refunds_in(estates)
    lines = FundLine.objects.waiting().filter(~Q(asked_by=user), fund__estate__in=kept)
    questions = FundQuestion.objects.waiting().filter(line__fund__estate__in=answered)
    differences = MatchingDifference.objects.open().within_reach(taking, managed)
    return [*map(_count, (queries.doubts_in(estates), refunds, differences, lines, questions))]


def _more_counts(user: int, estates: list[int]) -> list[Coalesce]:
    """Returns the other counts of the nav."""
    by_another = ~Q(asked_by=user)
    waivers = LateFeeWaiver.objects.filter(by_another, bill__estate__in=estates)
    rows: tuple[QuerySet[Any], ...] = (
        Dispute.objects.open().filter(bill__estate__in=estates),
        InvoiceRequest.objects.open().filter(estate__in=estates),
        waivers.filter(status=LateFeeWaiver.Status.ASKED),
        LedgerReversal.objects.waiting().filter(by_another, estate__in=estates),
        Reduction.objects.waiting().filter(by_another, item__estate__in=estates),
    )
    return [_count(one) for one in rows]


def _one_row(user: int, counts: list[Coalesce]) -> QuerySet[User, Any]:
    return User.objects.filter(pk=user).order_by().values_list(*counts)


_AT_COUNTER: Statement[tuple[int, ...]] = Statement(lambda user, *keys: _one_row(user, _counts(user, *keys)))
_FOR_NAV: Statement[tuple[int, ...]] = Statement(
    lambda user, estates, *keys: _one_row(
        user, [*_counts(user, estates, *keys), *_more_counts(user, estates)]
    )
)
