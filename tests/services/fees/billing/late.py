"""Overdue bills, rules of late fees and payments of their tests."""

from datetime import UTC, date, datetime
from uuid import uuid4

from services.fees import actions
from services.fees.billing.late_fees import actions as late_fees
from services.fees.models import (
    Bill,
    LateFeeRule,
    Payment,
)
from tests.factories import make_bill, make_cashier

MADE = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def night(day: date) -> datetime:
    """Returns the time of the nightly task, 1:30 in China on the day after ``day``."""
    return datetime(day.year, day.month, day.day, 17, 30, tzinfo=UTC)


def overdue_bill(due_on: date, *, fen: int = 10_000, **overrides) -> Bill:
    """Creates a bill of 100 yuan; its month is long over, the books have it since the new year."""
    given = {"amount_fen": fen, "due_on": due_on, "period": date(2025, 12, 1), "now": MADE}
    return make_bill(**(given | overrides))


def set_rule(
    bill: Bill, *, rate_bp: int = 5, grace_days: int = 0, from_on: date = date(2026, 1, 1), item=None
):
    return LateFeeRule.objects.create(
        estate=bill.estate,
        item=item,
        rate_bp=rate_bp,
        grace_days=grace_days,
        from_on=from_on,
        set_by=make_cashier(estate=bill.estate),
        created_at=MADE,
    )


def charge(bill: Bill, upto: date) -> None:
    late_fees.charge_estate(bill.estate, now=night(upto))


def late_bills(bill: Bill) -> list[tuple[str, int]]:
    """Returns month and fen of the late fees of a bill."""
    bills = Bill.objects.filter(late_fee__of=bill).order_by("period", "pk")
    return [(f"{one.period:%m}", one.amount_fen) for one in bills]


def pay(bill: Bill, fen: int, at: datetime) -> Payment:
    return actions.take_payment(
        actions.CounterPayment(
            home=bill.home, amounts={bill.pk: fen}, payer=None, payer_name="王先生", key=uuid4()
        ),
        extra_fen=0,
        by=make_cashier(estate=bill.estate),
        now=at,
    )
