"""A provider whose statements a test writes, and payments made in sets."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from community.core import clock
from services.fees.matching import actions
from services.fees.models import MatchingDay, MerchantAccount, Payment
from services.fees.providers.base import LineKind, Statement, StatementLine


class Written:
    """A provider that hands out the statement that a test wrote, or raises what it put there."""

    name = "sandbox"
    needs_merchant = False

    def __init__(self) -> None:
        self.lines: list[StatementLine] = []
        self.problems: list[tuple[int, str]] = []
        self.trouble: Exception | None = None
        self.asked: list[tuple[MerchantAccount | None, date]] = []

    def statement(self, merchant: MerchantAccount | None, day: date) -> Statement:
        self.asked.append((merchant, day))
        if self.trouble:
            raise self.trouble
        return Statement(b"\n".join(repr(one).encode() for one in self.lines), [*self.lines], self.problems)


def paid_line(payment: Payment, fen: int | None = None, *, number: str = "", fee: int = 0) -> StatementLine:
    """Returns the line of a payment, by default as it was credited."""
    return StatementLine(
        LineKind.PAYMENT,
        payment.order_number,
        number or payment.provider_number or f"W{payment.pk}",
        payment.amount_fen if fen is None else fen,
        fee_fen=fee,
    )


def new_day(
    on: date | None = None, merchant: MerchantAccount | None = None, provider: str = "sandbox"
) -> MatchingDay:
    """Creates the day, today by default, whose statement is due."""
    now = clock.now()
    return MatchingDay.objects.create(
        provider=provider,
        merchant=merchant,
        day=on or clock.today(now),
        ask_at=now,
        status_changed_at=now,
        created_at=now,
    )


def matched(day: MatchingDay | None = None, now: datetime | None = None) -> MatchingDay:
    """Fetches and matches a day."""
    day, now = day or new_day(), now or clock.now()
    assert actions.fetch_day(day=day, now=now)
    actions.match_day(day=day, now=now)
    return day


def many_payments(home, payer, count: int) -> Sequence[Payment]:
    """Creates received payments without books, for matching alone, in one query."""
    now = clock.now()
    return Payment.objects.bulk_create(
        [
            Payment(
                estate=home.estate,
                home=home,
                payer=payer,
                made_by=payer,
                reference=f"M-{number:06d}",
                key=uuid4(),
                channel="sandbox",
                amount_fen=10000 + number,
                provider_number=f"T{number}",
                status=Payment.Status.PAID,
                status_changed_at=now,
                paid_at=now,
                created_at=now - timedelta(minutes=1),
            )
            for number in range(count)
        ],
        batch_size=1000,
    )
