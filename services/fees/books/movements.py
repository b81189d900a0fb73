"""Movements of money one by one, as lists and sheets show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from community.estates.models import Home
from services.fees import labels, receipts
from services.fees.models import LedgerTransaction, Payment
from services.fees.takings import way_of

Kind = LedgerTransaction.Kind
# Kinds whose key names a payment.
OF_PAYMENTS = (Kind.PAYMENT, Kind.PREPAID, Kind.REFUND)
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
    def by(self) -> str:
        """The name of the person who booked it; online, of the person who paid."""
        if self.written.by:
            return str(self.written.by.name)
        return self.payment.made_by.name if self.payment else ""


def with_payments(rows: Sequence[LedgerTransaction]) -> list[Movement]:
    """Returns the movements of transactions of ``takings.movements``. Two queries."""
    numbers = {row.pk: _payment_key(row) for row in rows}
    payments = Payment.objects.select_related("payer", "made_by").in_bulk(
        {number for number in numbers.values() if number}
    )
    homes = {
        home.pk: home
        for home in Home.objects.with_address().filter(pk__in={row.home for row in rows if row.home})  # type: ignore[attr-defined]
    }
    return [
        Movement(row, homes.get(row.home), payments.get(numbers[row.pk] or 0))  # type: ignore[attr-defined]
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


def _payment_key(row: LedgerTransaction) -> int | None:
    _kind, _colon, number = row.key.partition(":")
    return int(number) if row.kind in OF_PAYMENTS and number.isdecimal() else None
