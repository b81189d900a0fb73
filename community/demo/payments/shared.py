"""Parts of the local payment server that both providers use: orders, refunds, and when they are told."""

import secrets
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from community.demo.payments.keys import Keys
from community.demo.payments.store import Store
from community.demo.payments.tricks import Trick

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Seconds for which an order can be paid if nothing is said.
PAYABLE = 7 * 24 * 3600
AN_HOUR = 3600
REPEATS = 10
# How many queries answer with an error after a payment that asks for it.
BROKEN_QUERIES = 3


class Shared:
    """``address`` is that of the server; ``clock`` gives seconds since the epoch."""

    def __init__(self, keys: Keys, store: Store, clock: Callable[[], float] = time.time) -> None:
        self.keys, self.store = keys, store
        self.now = clock
        self.address = ""
        # Sends the due notices at once; set by the server.
        self.deliver_due: Callable[[], object] = lambda: None

    def open_order(self, number: str, values: dict[str, Any]) -> dict[str, Any]:
        """Makes an order, or returns the one that has the number."""
        now = self.now()
        rest = {"created_at": now, "expires_at": values["expires_at"] or now + PAYABLE}
        token = "wx" + secrets.token_hex(16)
        self.store.add("orders", **(values | rest | {"number": number, "token": token}))
        order = self.store.order(number)
        assert order is not None
        return order

    def pay(self, order: dict[str, Any], trick: str = "") -> bool:
        """Pays an order and plans its notices; returns False for one that cannot be paid."""
        now = self.now()
        digits = f"{secrets.randbelow(10**18):018d}"
        prefix = "42000" if order["provider"] == "wechat" else "20261"
        if not self.store.pay(order["number"], f"{prefix}{digits}", now):
            return False
        if trick == Trick.BROKEN:
            self.store.set_fault("query", "500", BROKEN_QUERIES)
        if trick == Trick.NEVER:
            return True
        due = now + AN_HOUR if trick == Trick.LATE else now
        events = ["paid", "waiting"] if trick == Trick.UNORDERED else ["paid"]
        for event in events * (REPEATS if trick == Trick.TEN else 1):
            self.store.add("notices", order_number=order["number"], event=event, trick=trick, due_at=due)
        return True

    def make_refund(
        self, order: dict[str, Any], number: str, fen: int, state: str, notify_url: str
    ) -> dict[str, Any]:
        digits = f"503{secrets.randbelow(10**18):018d}"
        self.store.add(
            "refunds",
            number=number,
            order_number=order["number"],
            provider_number=digits,
            amount=fen,
            state=state,
            notify_url=notify_url,
            at=self.now(),
        )
        if state == "ABNORMAL":
            self._tell_refund(order["number"], number)
        made = self.store.row("SELECT * FROM refunds WHERE number = ?", number)
        assert made is not None
        return made

    def finish_refund(self, number: str) -> None:
        """Lets the money of an accepted refund go, once, and plans its notice; not before its time has come."""
        query = "UPDATE refunds SET state = 'SUCCESS' WHERE number = ? AND state = 'PROCESSING' AND at <= ?"
        if self.store.write(query, number, self.now()):
            made = self.store.row("SELECT order_number FROM refunds WHERE number = ?", number)
            assert made is not None
            self._tell_refund(made["order_number"], number)

    def _tell_refund(self, order_number: str, number: str) -> None:
        values = {"order_number": order_number, "refund_number": number, "event": "refund"}
        self.store.add("notices", **values, due_at=self.now())
