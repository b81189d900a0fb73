"""A quarter of a fund, from the ledger: what it held, what came in, what was spent, and what is left."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.functions import Coalesce

from community.core.services.figures import Span
from services.fees.models import Account, Entry, Fund, FundLine

Category = FundLine.Category


@dataclass(frozen=True)
class Kind:
    """The fen of one kind of receipts or spendings, and their share of the largest in per cent, for the bar."""

    label: str
    fen: int
    percent: int


@dataclass(frozen=True)
class Quarter:
    """The figures of a quarter: all in fen, and each a sum of ledger entries."""

    fund: Fund
    span: Span
    opening_fen: int
    receipts: list[Kind]
    spendings: list[Kind]

    @property
    def in_fen(self) -> int:
        return sum(kind.fen for kind in self.receipts)

    @property
    def out_fen(self) -> int:
        return sum(kind.fen for kind in self.spendings)

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.in_fen - self.out_fen

    @property
    def label(self) -> str:
        return f"{self.span.first.year}-Q{self.number}"

    @property
    def number(self) -> int:
        return (self.span.first.month + 2) // 3


def quarter_span(day: date) -> Span:
    """Returns the quarter of a day, up to its last day."""
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return Span(first, (first + timedelta(days=93)).replace(day=1) - timedelta(days=1))


def quarter_of(fund: Fund, day: date) -> Quarter:
    """Returns the quarter in which a day lies. Two queries."""
    span = quarter_span(day)
    money = Entry.objects.filter(account__fund=fund, account__kind=Account.Kind.FUND)
    opening = money.filter(transaction__at__lt=span.begin).aggregate(fen=Coalesce(Sum("amount_fen"), 0))[
        "fen"
    ]
    flows = Entry.objects.filter(
        account__fund=fund, account__kind=Account.Kind.FUND_FLOW, **span.within("transaction__at")
    )
    sums = {
        key.rpartition(":")[2]: fen
        for key, fen in flows.order_by()
        .values("account__key")
        .annotate(fen=Sum("amount_fen"))
        .values_list("account__key", "fen")
    }
    kind = Fund.Kind(fund.kind)
    most = max(map(abs, sums.values()), default=0)
    return Quarter(
        fund,
        span,
        opening,
        _kinds(FundLine.RECEIPTS[kind], sums, -1, most),
        _kinds(FundLine.SPENDINGS[kind], sums, 1, most),
    )


def _kinds(
    categories: tuple[FundLine.Category, ...], sums: dict[str, int], sign: int, most: int
) -> list[Kind]:
    found = [(category, sign * sums[category]) for category in categories if sums.get(category)]
    return [Kind(str(category.label), fen, max(0, fen * 100 // most)) for category, fen in found]


def quarters_of(fund: Fund, today: date) -> list[Span]:
    """Returns the quarters from the first entry of a fund to the present one, the newest first."""
    first = FundLine.objects.booked().filter(fund=fund).order_by("on").values_list("on", flat=True).first()
    found = [quarter_span(today)]
    while first and found[-1].first > first:
        found.append(quarter_span(found[-1].first - timedelta(days=1)))
    return found
