"""Figures of matched days, and what is still open."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import User
from community.core import clock
from community.estates.models import Estate
from services.fees.models import MatchingDay, MatchingDifference, MatchingLine, MerchantAccount
from services.fees.models.matching import MatchingDayQuerySet

Status = MatchingDay.Status
# Days for which a provider still hands out a statement.
KEPT_DAYS = 90


@dataclass(frozen=True)
class Part:
    """Lines of a statement and their sum: all = those that match + those that differ."""

    count: int = 0
    fen: int = 0
    matched_count: int = 0
    matched_fen: int = 0

    @property
    def odd_count(self) -> int:
        return self.count - self.matched_count

    @property
    def odd_fen(self) -> int:
        return self.fen - self.matched_fen


@dataclass(frozen=True)
class Figures:
    """Figures of a day: payments and refunds of the statement, what else went out of a bank, fees, and sums of
    ours that stand in none.
    """

    payments: Part
    refunds: Part
    others: Part
    fee_fen: int
    not_there_count: int
    not_there_fen: int


def figures(day: MatchingDay, user: User) -> Figures:
    """Returns the figures of the lines that the user may see. Two queries."""
    differs = Exists(MatchingDifference.objects.filter(line=OuterRef("pk")))
    lines: QuerySet[Any] = MatchingLine.objects.filter(day=day).visible_to(user)
    matches = Q(differs=False)
    rows = lines.annotate(differs=differs).order_by().values("kind")
    sums = {
        row["kind"]: row
        for row in rows.annotate(
            count=Count("pk"),
            fen=Sum("amount_fen"),
            matched_count=Count("pk", filter=matches),
            matched_fen=Sum("amount_fen", filter=matches, default=0),
            fee=Sum("fee_fen"),
        )
    }
    ours = MatchingDifference.objects.filter(day=day, line=None).visible_to(user)
    missing = ours.aggregate(count=Count("pk"), fen=Sum("here_fen", default=0))
    return Figures(
        payments=_part(sums.get(MatchingLine.Kind.PAYMENT)),
        refunds=_part(sums.get(MatchingLine.Kind.REFUND)),
        others=_part(sums.get(MatchingLine.Kind.OTHER)),
        fee_fen=sum(row["fee"] for row in sums.values()),
        not_there_count=missing["count"],
        not_there_fen=missing["fen"],
    )


def _part(row: dict[str, int] | None) -> Part:
    if row is None:
        return Part()
    return Part(row["count"], row["fen"], row["matched_count"], row["matched_fen"])


def _of_estate(estate: Estate, first: date, last: date) -> Q:
    """Returns the condition for days of the estate's accounts, first and last included."""
    accounts = MerchantAccount.objects.filter(Q(estate=estate) | Q(estate=None, company=estate.company_id))
    of_account = Q(merchant=None, sheet=None) | Q(merchant__in=accounts.values("pk"))
    return Q(day__range=(first, last)) & (of_account | Q(sheet__estate=estate))


def open_differences_in(estate: Estate, first: date, last: date) -> QuerySet[MatchingDifference]:
    """Returns the open differences of an estate's money on these days, those of unknown payments included."""
    days = MatchingDay.objects.filter(_of_estate(estate, first, last))
    mine = Q(estate=estate) | Q(estate=None)
    return MatchingDifference.objects.open().filter(mine, day__in=days.values("pk"))


def clean_days(user: User, first: date, last: date) -> MatchingDayQuerySet:
    """Returns the matched days, first and last included, for which the user answers as a whole and of which no
    difference is open.
    """
    left = MatchingDifference.objects.open().filter(day=OuterRef("pk"))
    days = MatchingDay.objects.whole_to(user).filter(~Exists(left), status=Status.MATCHED)
    return days.filter(day__range=(first, last))


def given_up(day: MatchingDay) -> bool:
    """Whether the provider does not hand out the statement of this day any more."""
    asked = day.ask_at and clock.today(day.ask_at)
    return day.status == Status.WAITING and asked is not None and (asked - day.day).days > KEPT_DAYS


def days_not_agreed_in(estate: Estate, first: date, last: date) -> QuerySet[MatchingDay]:
    """Returns the days of an estate's accounts that nobody has agreed to yet."""
    return MatchingDay.objects.filter(_of_estate(estate, first, last)).exclude(status=Status.AGREED)
