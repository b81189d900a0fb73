"""Notices to the merchant: composed, signed, delivered, and delivered again until they are answered."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from community.demo.payments.alipay import AlipaySide
from community.demo.payments.shared import AN_HOUR, Shared
from community.demo.payments.tricks import Trick
from community.demo.payments.wechat import WeChatSide, moment

# Seconds until a notice that was not answered comes again.
AGAIN = {
    "wechat": (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600),
    "alipay": (240, 600, 600, 3600, 7200, 21600, 54000),
}
SECONDS = 5
FEN_TOO_MANY = 1
REFUND_EVENTS = {
    "SUCCESS": "REFUND.SUCCESS",
    "ABNORMAL": "REFUND.ABNORMAL",
    "CLOSED": "REFUND.CLOSED",
}


@dataclass(frozen=True)
class Call:
    """A notice as it goes over the wire."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Post = Callable[[Call], tuple[int, bytes]]


def post(call: Call) -> tuple[int, bytes]:
    """Posts a notice; returns the status and the body of the answer, 0 without one."""
    request = urllib.request.Request(call.url, data=call.body, headers=call.headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  (the merchant's)
            return answer.status, answer.read(1000)
    except urllib.error.HTTPError as error:
        return error.code, error.read(1000)
    except OSError:
        return 0, b""


class Notices:
    def __init__(self, shared: Shared, wechat: WeChatSide, alipay: AlipaySide) -> None:
        self.shared, self.wechat, self.alipay = shared, wechat, alipay
        self.post: Post = post

    def deliver_due(self) -> list[int]:
        """Delivers the due notices; returns the statuses of the answers, in order."""
        due = self.shared.store.rows(
            "SELECT * FROM notices WHERE due_at <= ? ORDER BY due_at, id", self.shared.now()
        )
        return [status for row in due if (status := self._deliver(row)) is not None]

    def _deliver(self, row: dict[str, Any]) -> int | None:
        store = self.shared.store
        claimed = store.write(
            "UPDATE notices SET due_at = NULL WHERE id = ? AND due_at = ?", row["id"], row["due_at"]
        )
        order = store.order(row["order_number"])
        if not claimed or order is None:
            return None
        status, answer = self.post(self.compose(row, order))
        is_done = self._is_answered(order["provider"], status, answer)
        delays = AGAIN[order["provider"]]
        if not is_done and row["tries"] < len(delays):
            due = self.shared.now() + delays[row["tries"]]
            store.write("UPDATE notices SET due_at = ?, tries = tries + 1 WHERE id = ?", due, row["id"])
        return status

    def _is_answered(self, provider: str, status: int, answer: bytes) -> bool:
        if provider == "alipay":
            return status == 200 and answer == b"success"
        return status in (200, 204)

    def compose(self, row: dict[str, Any], order: dict[str, Any]) -> Call:
        """Returns a notice, with what shall be wrong with it."""
        if order["provider"] == "alipay":
            return self._alipay(row, order)
        return self._wechat(row, order)

    def _wechat(self, row: dict[str, Any], order: dict[str, Any]) -> Call:
        trick = row["trick"]
        kind, url = "transaction", order["notify_url"]
        if row["event"] == "refund":
            kind, content, event, url = self._wechat_refund(row, order)
        else:
            content, event = self.wechat.transaction(order, as_paid=True), "TRANSACTION.SUCCESS"
            if row["event"] == "waiting":
                content["trade_state"] = "USERPAYING"
            _spoil_wechat(content, trick)
        outer = {
            "id": secrets.token_hex(16),
            "create_time": moment(self.shared.now()),
            "event_type": event,
            "resource_type": "encrypt-resource",
            "summary": "支付成功",
            "resource": self.wechat.encrypt(json.dumps(content, ensure_ascii=False), kind)
            | {"original_type": kind},
        }
        body = json.dumps(outer, ensure_ascii=False).encode()
        by_key = self.wechat.way == "public_key" or (self.wechat.way == "moving" and row["id"] % 2 == 0)
        at = self.shared.now() - (AN_HOUR if trick == Trick.OLD else 0)
        headers = self.wechat.signature(body, by_key=by_key, at=at)
        _spoil_headers(headers, trick)
        return Call(url, body, headers | {"Content-Type": "application/json"})

    def _wechat_refund(
        self, row: dict[str, Any], order: dict[str, Any]
    ) -> tuple[str, dict[str, Any], str, str]:
        made = self.shared.store.row("SELECT * FROM refunds WHERE number = ?", row["refund_number"])
        assert made is not None
        told = self.wechat.refund(made)
        content = {
            "mchid": order["merchant"],
            **{name: told[name] for name in ("out_trade_no", "transaction_id", "out_refund_no", "refund_id")},
            "refund_status": made["state"],
            "user_received_account": told["user_received_account"],
            "amount": {
                "total": order["amount"],
                "refund": made["amount"],
                "payer_total": order["amount"],
                "payer_refund": made["amount"],
            },
        }
        return "refund", content, REFUND_EVENTS[made["state"]], made["notify_url"] or order["notify_url"]

    def _alipay(self, row: dict[str, Any], order: dict[str, Any]) -> Call:
        content = self.alipay.notice(row, order)
        trick = row["trick"]
        if trick == Trick.AMOUNT:
            content["total_amount"] = self.alipay.yuan(order["amount"] + FEN_TOO_MANY)
        elif trick == Trick.MERCHANT:
            content["seller_id"] = "2088999999999999"
        elif trick == Trick.APP:
            content["app_id"] = content["auth_app_id"] = "2021999999999999"
        elif trick == Trick.CURRENCY:
            content["trans_currency"] = "USD"
        signed = self.alipay.signed_form(content)
        if trick in (Trick.SIGNATURE, Trick.PROBE, Trick.SERIAL, Trick.OLD):
            signed["sign"] = signed["sign"][::-1]
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Call(order["notify_url"], urlencode(signed).encode(), headers)


def _spoil_wechat(content: dict[str, Any], trick: str) -> None:
    if trick == Trick.AMOUNT:
        content["amount"]["total"] += FEN_TOO_MANY
    elif trick == Trick.MERCHANT:
        content["mchid"] = "1900000999"
    elif trick == Trick.APP:
        content["appid"] = "wx9999999999999999"
    elif trick == Trick.CURRENCY:
        content["amount"]["currency"] = "USD"


def _spoil_headers(headers: dict[str, str], trick: str) -> None:
    name = "Wechatpay-Signature"
    if trick == Trick.SIGNATURE:
        headers[name] = headers[name][::-1]
    elif trick == Trick.PROBE:
        headers[name] = f"WECHATPAY/SIGNTEST/{headers[name]}"
    elif trick == Trick.SERIAL:
        headers["Wechatpay-Serial"] = "5A" * 20
