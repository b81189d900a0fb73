"""The real client of a provider and the local server that it speaks with, seen as ``Scripted`` is."""

import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from django.test import RequestFactory

from community.core import clock
from community.demo.payments.messages import Answer, Asked
from community.demo.payments.notices import Call
from community.demo.payments.server import GATEWAY, PaymentServer
from community.demo.payments.tricks import Trick
from services.fees import providers
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.providers.base import (
    BadSignature,
    Client,
    MalformedNotice,
    Provider,
    Redirect,
    Result,
    State,
    Statement,
)
from services.fees.providers.base import Order as Opened
from tests.support.scripted import Order

STATES = {"open": State.WAITING, "paid": State.PAID, "closed": State.CLOSED}
WRONG = {"sum": Trick.AMOUNT, "account": Trick.MERCHANT, "signature": Trick.SIGNATURE, "order": Trick.NONE}
UNKNOWN = "9-P-240101-0001"
LOST = Answer(503)


class LosesAnswers:
    """Has the server lose the next answer of a provider by name, ``"before"`` or ``"after"`` it has acted."""

    def __init__(self, server: PaymentServer) -> None:
        self.next: dict[str, str] = {}
        self._handle = server.handle
        server.handle = self.handle  # type: ignore[method-assign]

    def handle(self, asked: Asked) -> Answer:
        name = {GATEWAY: "alipay"}.get(asked.path, "wechat" if asked.path.startswith("/v3/") else "")
        fails = self.next.pop(name, "")
        if fails == "before":
            return LOST
        answer = self._handle(asked)
        return LOST if fails == "after" else answer


class Served:
    """Asks over HTTP, signed. Notices are composed by the server, and read by the client as they come to us."""

    def __init__(self, name: str, server: PaymentServer, answers: LosesAnswers) -> None:
        self.name, self.server, self._answers = name, server, answers
        self.real: Provider = providers.named(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def _set_fails(self, when: str) -> None:
        self._answers.next[self.name] = when

    fails = property(None, _set_fails)

    def create(self, payment: Payment, client: Client) -> Opened:
        order = self.real.create(payment, client)
        if self.name == "alipay" and isinstance(order, Redirect):
            # The payer's browser opens the cashier, which makes the trade.
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(order.url, timeout=5).close()
        return order

    @property
    def orders(self) -> dict[str, Order]:
        rows = self.server.store.rows(
            "SELECT * FROM orders WHERE provider = ? AND is_born ORDER BY rowid", self.name
        )
        return {row["number"]: self._order(row) for row in rows}

    def _order(self, row: dict[str, Any]) -> Order:
        order = Order(
            row["paid_number"] or row["token"],
            row["amount"],
            datetime.fromtimestamp(row["expires_at"], UTC),
            STATES[row["state"]],
        )
        for made in self.server.store.refunds_of(row["number"]):
            state = State.WAITING if made["state"] == "PROCESSING" else State.PAID
            order.refunds[made["number"]] = Result(state, made["provider_number"], made["amount"])
        return order

    def pay(self, number: str) -> bool:
        return self.server.shared.pay(self._row(number))

    def _row(self, number: str) -> dict[str, Any]:
        row = self.server.store.order(number)
        assert row is not None
        return row

    def finish_refund(self, number: str) -> None:
        self.server.shared.finish_refund(number)

    def paid_notice(self, number: str) -> Any:
        return self._read(self._row(number))

    def waiting_notice(self, number: str) -> Any:
        return self._read(self._row(number), event="waiting")

    def wrong_notice(self, payment: Payment, what: str, number: str) -> Any:
        """Returns a notice with a wrong ``what``; None for what the client refuses."""
        row = self.server.store.order(payment.order_number) or self._row_of(payment)
        told = {"state": "paid", "paid_number": number, "paid_at": clock.now().timestamp()}
        told["number"] = UNKNOWN if what == "order" else payment.order_number
        with suppress(BadSignature, MalformedNotice):
            return self._read(row | told, trick=WRONG[what])
        assert what in ("account", "signature")
        return None

    def _row_of(self, payment: Payment) -> dict[str, Any]:
        """The row of an order that never reached the server."""
        account = self._account()
        return {
            "provider": self.name,
            "kind": "h5",
            "merchant": account.merchant_number,
            "app": account.app_id,
            "amount": payment.amount_fen,
            "subject": "",
            "notify_url": self.server.address,
            "openid": "",
            "created_at": clock.now().timestamp(),
        }

    def refund_notice(self, refund: Refund) -> Any:
        """None for a refund whose money has not gone."""
        number = refund.of_payment.origin.order_number
        order = self.orders.get(number)
        made = order.refunds.get(refund.order_number) if order else None
        if made is None or made.state != State.PAID:
            return None
        return self._read(self._row(number), event="refund", refund_number=refund.order_number)

    def _read(self, order: dict[str, Any], **told: str) -> Any:
        row = {"id": 1, "event": "paid", "trick": "", "refund_number": ""} | told
        call: Call = self.server.notices.compose(row, order)
        headers = {name: value for name, value in call.headers.items() if name != "Content-Type"}
        kind = call.headers["Content-Type"]
        request = RequestFactory().post("/", call.body, content_type=kind, headers=headers)
        return self.real.read_notice(request, self._account())

    def _account(self) -> MerchantAccount:
        return MerchantAccount.objects.get(provider=self.name)

    def statement(self, day: date) -> Statement:
        return self.real.statement(self._account(), day)
