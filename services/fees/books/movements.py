"""Movements of money one by one, as lists and sheets show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from community.estates.models import Home
from services.fees import labels, receipts
from services.fees.models import LedgerTransaction, Payment, Refund
from services.fees.takings import way_of

# Causes that a key names before its number: a payment, a refund of before by its payment, a refund.
PAYMENT, REFUND_OF, REFUND = "payment", "refund", "payback"
BATCH = 500


@dataclass(frozen=True)
class Movement:
    """A transaction in which money or prepayment moved, with the payment behind it, if there is one."""

    written: Any
    home: Home | None
    payment: Payment | None

    @property
    def taken_fen(self) -> int:
        return max(self.written.money_fen, 0)

    @property
    def back_fen(self) -> int:
        return max(-self.written.money_fen, 0)

    @property
    def used_fen(self) -> int:
        return int(self.written.used_fen)

    @property
    def what(self) -> str:
        return str(self.written.get_kind_display())

    @property
    def reference(self) -> str:
        return self.payment.reference if self.payment else ""

    @property
    def payer(self) -> str:
        return receipts.payer_name(self.payment) if self.payment else ""

    @property
    def way(self) -> str:
        if not self.written.kind_of_money:
            return labels.way(Payment.PREPAYMENT)
        return labels.way(way_of(self.written.kind_of_money, self.written.provider))

    @property
    def slip_number(self) -> str:
        """The number that the money has on a slip or statement; empty for cash."""
        return self.payment.slip_number if self.payment else ""

    @property
    def by(self) -> str:
        """The name of the person who booked it; online, of the person who paid."""
        if self.written.by:
            return str(self.written.by.name)
        return self.payment.made_by.name if self.payment else ""


def with_payments(rows: Sequence[LedgerTransaction]) -> list[Movement]:
    """Returns the movements of transactions of ``takings.movements``. Three queries."""
    numbers = _payment_keys(rows)
    payments = Payment.objects.select_related("payer", "made_by").in_bulk(set(numbers.values()))
    homes = {
        home.pk: home
        for home in Home.objects.with_address().filter(pk__in={row.home for row in rows if row.home})  # type: ignore[attr-defined]
    }
    return [
        Movement(row, homes.get(row.home), payments.get(numbers.get(row.pk, 0)))  # type: ignore[attr-defined]
        for row in rows
    ]


def one_by_one(rows: Any) -> Iterable[Movement]:
    """Yields the movements of a queryset of ``takings.movements``, some hundred at a time."""
    found: list[LedgerTransaction] = []
    for row in rows.select_related("by").iterator(chunk_size=BATCH):
        found.append(row)
        if len(found) == BATCH:
            yield from with_payments(found)
            found = []
    yield from with_payments(found)


def _payment_keys(rows: Sequence[LedgerTransaction]) -> dict[int, int]:
    """Returns the payment behind each transaction: its own, or that of which it is a refund."""
    named = {row.pk: row.key.partition(":") for row in rows}
    keys = {pk: (cause, int(number)) for pk, (cause, _colon, number) in named.items() if number.isdecimal()}
    refunds = Refund.objects.filter(pk__in=[number for cause, number in keys.values() if cause == REFUND])
    of_refund = {
        pk: payment or of_deposit
        for pk, payment, of_deposit in refunds.values_list("pk", "payment", "deposit__payment")
    }
    found = {}
    for pk, (cause, number) in keys.items():
        payment = of_refund.get(number) if cause == REFUND else number
        if payment and cause in (PAYMENT, REFUND_OF, REFUND):
            found[pk] = payment
    return found
