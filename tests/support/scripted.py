"""A payment provider in memory, with good and bad days, for tests of what Linli does with its answers."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from community.core import clock
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.providers.base import (
    BadSignature,
    Client,
    LineKind,
    Notice,
    ProviderDown,
    Redirect,
    RefundNotice,
    Result,
    State,
    Statement,
    StatementLine,
)


@dataclass
class Order:
    number: str
    amount_fen: int
    expires_at: datetime | None
    state: State = State.WAITING
    refunds: dict[str, Result] = field(default_factory=dict)
    paid_on: date | None = None
    refunded_on: dict[str, date] = field(default_factory=dict)

    @property
    def can_be_paid(self) -> bool:
        return self.state == State.WAITING and (self.expires_at is None or self.expires_at > clock.now())

    @property
    def refunded_fen(self) -> int:
        """Fen of the refunds that were accepted or done."""
        return sum(one.amount_fen for one in self.refunds.values() if one.state != State.FAILED)


class Scripted:
    """Keeps orders and refunds; ``fails`` has the next call fail ``"before"`` or ``"after"`` it is done."""

    needs_merchant = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.orders: dict[str, Order] = {}
        self.fails = ""

    def suits(self, client: Client) -> bool:
        return True

    def _called(self, act: Any) -> Any:
        fails, self.fails = self.fails, ""
        if fails == "before":
            raise ProviderDown
        done = act()
        if fails == "after":
            raise ProviderDown
        return done

    def create(self, payment: Payment, client: Client) -> Redirect:
        made = Order(f"{self.name}{len(self.orders)}", payment.amount_fen, payment.expires_at)
        self._called(lambda: self.orders.setdefault(payment.order_number, made))
        return Redirect(f"/{self.name}/{payment.order_number}/")

    def _state(self, payment: Payment) -> Result:
        order = self.orders.get(payment.order_number)
        if order is None:
            is_over = payment.expires_at is not None and payment.expires_at <= clock.now()
            return Result(State.CLOSED if is_over else State.WAITING)
        return Result(order.state, order.number if order.state == State.PAID else "", order.amount_fen)

    def query(self, payment: Payment) -> Result:
        found: Result = self._called(lambda: self._state(payment))
        return found

    def close(self, payment: Payment) -> Result:
        def close() -> Result:
            order = self.orders.setdefault(payment.order_number, Order("", payment.amount_fen, None))
            if order.state == State.WAITING:
                order.state = State.CLOSED
            return self._state(payment)

        closed: Result = self._called(close)
        return closed

    def pay(self, order_number: str) -> bool:
        """The payer pays; returns False for an order that cannot be paid (any more)."""
        order = self.orders[order_number]
        if not order.can_be_paid:
            return False
        order.state, order.paid_on = State.PAID, clock.today(clock.now())
        return True

    def _order_of(self, refund: Refund) -> Order:
        return self.orders[refund.of_payment.origin.order_number]

    def refund(self, refund: Refund) -> Result:
        def accept() -> Result:
            order = self._order_of(refund)
            if refund.order_number not in order.refunds:
                if order.refunded_fen + refund.amount_fen > order.amount_fen:
                    return Result(State.FAILED)
                number = f"R{refund.order_number}"
                order.refunds[refund.order_number] = Result(State.WAITING, number, refund.amount_fen)
                order.refunded_on[refund.order_number] = clock.today(clock.now())
            return order.refunds[refund.order_number]

        accepted: Result = self._called(accept)
        return accepted

    def query_refund(self, refund: Refund) -> Result:
        found: Result = self._called(lambda: self._order_of(refund).refunds[refund.order_number])
        return found

    def finish_refund(self, number: str) -> None:
        """The money of an accepted refund reaches the payer."""
        order = next(one for one in self.orders.values() if number in one.refunds)
        order.refunds[number] = replace(order.refunds[number], state=State.PAID)

    def paid_notice(self, number: str) -> Notice:
        order = self.orders[number]
        return Notice(number, True, order.number, order.amount_fen)

    def waiting_notice(self, number: str) -> Notice:
        """Says of a paid order that it still waits, as one does that comes out of order."""
        order = self.orders[number]
        return Notice(number, False, order.number, order.amount_fen, is_over=False)

    def wrong_notice(self, payment: Payment, what: str, number: str) -> Notice | None:
        """Returns a notice with a wrong ``what``; None for what cannot be read."""
        if what == "signature":
            return None
        order_number = payment.order_number if what != "order" else "9-P-240101-0001"
        return Notice(order_number, True, number, payment.amount_fen + (what == "sum"))

    def refund_notice(self, refund: Refund) -> RefundNotice | None:
        """WeChat Pay says what became of it, Alipay that something did; None for one that never came."""
        result = self._order_of(refund).refunds.get(refund.order_number)
        if result is None:
            return None
        said = result if self.name == "wechat" else Result(State.WAITING)
        return RefundNotice(refund.of_payment.origin.order_number, refund.order_number, said)

    def read_notice(self, request: HttpRequest, merchant: MerchantAccount | None) -> Notice:
        raise BadSignature

    def answer(self, *, status: int = 200) -> HttpResponse:
        return HttpResponse(status=status)

    def statement(self, day: date) -> Statement:
        lines = []
        for name, one in self.orders.items():
            if one.paid_on == day:
                lines.append(StatementLine(LineKind.PAYMENT, name, one.number, one.amount_fen))
            lines += [
                StatementLine(LineKind.REFUND, name, back.number, back.amount_fen, number)
                for number, back in one.refunds.items()
                if one.refunded_on[number] == day
            ]
        return Statement(b"", lines)
