"""Everything beside amount and payments that the page of a bill shows: late fees, waivers, disputes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from services.fees import policies
from services.fees.models import (
    Bill,
    BillQuerySet,
    Dispute,
    DisputeRecording,
    FeeItem,
    LateFeeBill,
    LateFeeDay,
    LateFeeWaiver,
)
from services.fees.models.late_fees import month_after

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days in a row with the same unpaid amount and rate; ``amount_e4`` is in 1/10,000 fen."""

    first: date
    last: date
    open_fen: int
    rate_bp: int
    amount_e4: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def rate_text(self) -> str:
        """The rate a day in percent: ``0.05``."""
        return f"{self.rate_bp // 100}.{self.rate_bp % 100:02d}"


@dataclass(frozen=True)
class BillMatters:
    """Late fees and disputes of one bill, and what the reader may do about them."""

    # An overdue bill has its bills of late fees; a late fee has the overdue bill and its computation.
    late_fees: Sequence[Bill]
    late_of: Bill | None
    spans: Sequence[Span]
    dispute: Dispute | None
    recordings: Sequence[DisputeRecording]
    waiver: LateFeeWaiver | None
    may_dispute: bool
    may_answer: bool
    may_ask_waiver: bool

    @property
    def late_fen(self) -> int:
        """The late fees that are not voided, in fen."""
        return sum(bill.amount_fen for bill in self.late_fees if bill.status != Bill.Status.VOIDED)


def matters_of(bill: Bill, reader: User, *, is_own: bool = False) -> BillMatters:
    """Returns the matters of a bill with its item loaded; ``is_own`` if the reader may pay it. Seven queries."""
    dispute = Dispute.objects.filter(bill=bill).select_related("answered_by", "raised_for").first()
    is_disputed = dispute is not None and dispute.status == Dispute.Status.OPEN
    is_open, is_late_fee = bill.status == Bill.Status.OPEN, bill.item.kind == FeeItem.Kind.LATE
    link = LateFeeBill.objects.filter(bill=bill).select_related("of__item").first() if is_late_fee else None
    waiver = LateFeeWaiver.objects.filter(bill=bill).first() if is_late_fee else None
    is_asked = waiver is not None and waiver.status == LateFeeWaiver.Status.ASKED
    is_desk = policies.may("dispute", reader, bill.estate_id)
    return BillMatters(
        late_fees=[] if is_late_fee else list(_late_fees(bill)),
        late_of=link.of if link else None,
        spans=spans_of(link.of, bill.period) if link else [],
        dispute=dispute,
        recordings=list(dispute.recordings.all()) if dispute else [],
        waiver=waiver,
        may_dispute=is_open
        and not is_disputed
        and (is_own or is_desk)
        and policies.may_dispute_again(reader, bill),
        may_answer=is_disputed and policies.may("answer_dispute", reader, bill.estate_id),
        may_ask_waiver=is_open
        and link is not None
        and not is_asked
        and policies.may("ask_waiver", reader, bill.estate_id),
    )


def _late_fees(bill: Bill) -> BillQuerySet:
    late = Bill.objects.filter(late_fee__of=bill).select_related("item")
    return late.order_by("period", "pk")


def spans_of(overdue: Bill, period: date) -> list[Span]:
    """Returns the late fee of a bill in one month, days with the same amount as one span. One query."""
    days = LateFeeDay.objects.filter(bill=overdue, day__gte=period, day__lt=month_after(period))
    spans: list[Span] = []
    for row in days.order_by("day"):
        new = Span(row.day, row.day, row.open_fen, row.rate_bp, row.amount_e4)
        last = spans[-1] if spans else None
        same = last and (last.last + DAY, last.open_fen, last.rate_bp) == (
            new.first,
            new.open_fen,
            new.rate_bp,
        )
        if last and same:
            spans[-1] = Span(
                last.first, new.last, last.open_fen, last.rate_bp, last.amount_e4 + new.amount_e4
            )
        else:
            spans.append(new)
    return spans
