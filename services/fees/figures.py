"""Figures of fees: the paid share of the billed amounts, and residents' ratings of paying."""

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.core import exports
from community.core.money import as_yuan
from community.core.services.figures import Counted, FigureRow, Figures, Measure, Rated, RowsBehind, Span
from services.fees.models import Bill, FeeItem
from services.fees.roles import READS_RATINGS


def billed_in(estate: int, span: Span) -> QuerySet[Bill]:
    """Limits to the bills of months that begin in the span; voided bills were never owed."""
    bills = Bill.objects.filter(estate=estate, period__gte=span.first, period__lte=span.last)
    return bills.exclude(status=Bill.Status.VOIDED)


def _count(estate: int, span: Span) -> Counted:
    """Counts paid and billed fen by month and kind."""
    months = sorted({day.replace(day=1) for day in span.days if day.day == 1})
    sums = (
        billed_in(estate, span)
        .order_by()
        .values_list("period", "item__kind")
        .annotate(paid=Sum("paid_fen"), billed=Sum("amount_fen"))
    )
    return Counted(months, {(period, kind): (paid, billed) for period, kind, paid, billed in sums})


def _rows(estate: int, span: Span, part: str) -> QuerySet[Bill]:
    rows = billed_in(estate, span)
    return (rows.filter(item__kind=part) if part else rows).with_lines()  # type: ignore[attr-defined]


def _figure_rows(found: list[Bill], part: str) -> list[FigureRow]:
    return [
        FigureRow(
            what=f"{bill.item} · {bill.home}",
            reference=bill.reference,
            url=reverse("fees_bill", args=[bill.pk]),
            at=f"{bill.period:%Y-%m}",
            when=exports.month(bill.period),
            is_good=bill.paid_fen == bill.amount_fen,
            words=f"{as_yuan(bill.paid_fen)} / {as_yuan(bill.amount_fen)}",
        )
        for bill in found
    ]


COLLECTION = Measure(
    key="collection",
    position=60,
    title=_("Collection rate"),
    definition=_(
        "Of what was billed for a month: how much of it is paid by now, whenever the payment came. Voided "
        "bills count nowhere; what was paid back is owed again. By the month that a bill is for."
    ),
    numerator=_("Paid on the bills of the month"),
    denominator=_("Billed for the month"),
    sentence=_("%(numerator)s of %(denominator)s collected"),
    count=_count,
    parts={kind.value: kind.label for kind in FeeItem.Kind},
    is_monthly=True,
    is_money=True,
    icon="receipt",
    tone="brand",
    behind=RowsBehind(_rows, _figure_rows),
)
FIGURES = Figures(position=40, measures=(COLLECTION,), rated=Rated(readers=READS_RATINGS))
