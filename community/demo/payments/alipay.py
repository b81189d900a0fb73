"""Alipay's open platform, as it is published: the gateway, signed answers, notices."""

import base64
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from community.demo.payments import statements
from community.demo.payments.certificate_numbers import certificate_number, root_number
from community.demo.payments.keys import ALIPAY_APP, SELLER
from community.demo.payments.messages import Answer, Asked, in_json, redirect
from community.demo.payments.shared import SHANGHAI, Shared

STATES = {"open": "WAIT_BUYER_PAY", "paid": "TRADE_SUCCESS", "closed": "TRADE_CLOSED"}
PRODUCTS = {"wap": "QUICK_WAP_WAY", "page": "FAST_INSTANT_TRADE_PAY"}
SUM = re.compile(r"\d{1,9}\.\d{2}")


class Refused(Exception):
    """A refusal by ``sub_code``; ``code`` 40004 is the business's, others are of the request."""

    def __init__(self, sub_code: str, message: str = "", code: str = "40004") -> None:
        super().__init__(sub_code)
        names = {
            "40004": "Business Failed",
            "40002": "Invalid Arguments",
            "20000": "Service Currently Unavailable",
        }
        self.content = {
            "code": code,
            "msg": names[code],
            "sub_code": sub_code,
            "sub_msg": message or sub_code,
        }


class AlipaySide:
    """``by_certificates`` is how the merchant verifies: by certificates, or by Alipay's public key."""

    def __init__(self, shared: Shared) -> None:
        self.shared, self.keys, self.store = shared, shared.keys, shared.store
        self.by_certificates = False

    yuan = staticmethod(statements.yuan)

    def handle(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        given |= dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        method = given.get("method", "")
        try:
            self._check(given)
            content = json.loads(given["biz_content"])
            if method in ("alipay.trade.wap.pay", "alipay.trade.page.pay"):
                return self._cashier(method.split(".")[2], given, content)
            answers = {
                "alipay.trade.query": self._query,
                "alipay.trade.close": self._close,
                "alipay.trade.refund": self._refund,
                "alipay.trade.fastpay.refund.query": self._query_refund,
                "alipay.data.dataservice.bill.downloadurl.query": self._statement,
            }
            if method not in answers:
                raise Refused("isv.invalid-method", code="40002")
            told = {"code": "10000", "msg": "Success"} | answers[method](content)
        except Refused as refused:
            told = refused.content
            if told["code"] == "40002":
                return in_json({"error_response": told})
        return self._answer(method.replace(".", "_") + "_response", told)

    def _check(self, given: dict[str, str]) -> None:
        if given.get("app_id") != ALIPAY_APP:
            raise Refused("isv.invalid-app-id", "无效的AppID参数", "40002")
        text = _ordered({name: value for name, value in given.items() if name != "sign" and value})
        try:
            self.keys.private("alipay_app").public_key().verify(
                base64.b64decode(given.get("sign", "")), text, PKCS1v15(), SHA256()
            )
        except (InvalidSignature, ValueError):
            raise Refused("isv.invalid-signature", "无效签名", "40002") from None
        if given.get("sign_type") != "RSA2" or given.get("charset") != "utf-8":
            raise Refused("isv.invalid-signature-type", code="40002")
        at = datetime.strptime(given["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        if abs(at.timestamp() - self.shared.now()) > 900:
            raise Refused("isv.invalid-timestamp", "时间戳参数无效", "40002")
        if self.by_certificates:
            certificates = self.keys.certificates
            numbers = certificate_number(certificates["alipay_app"]), root_number(certificates["alipay_root"])
            if (given.get("app_cert_sn"), given.get("alipay_root_cert_sn")) != numbers:
                raise Refused("isv.missing-app-cert-sn", "应用公钥证书SN错误", "40002")

    def _cashier(self, kind: str, given: dict[str, str], content: dict[str, Any]) -> Answer:
        if content.get("product_code") != PRODUCTS[kind] or not SUM.fullmatch(
            content.get("total_amount", "")
        ):
            raise Refused("ACQ.INVALID_PARAMETER", "参数无效")
        expires = content.get("time_expire")
        values = {
            "provider": "alipay",
            "kind": kind,
            "merchant": SELLER,
            "app": given["app_id"],
            "amount": _fen(content["total_amount"]),
            "subject": content["subject"],
            "notify_url": given.get("notify_url", ""),
            "return_url": given.get("return_url", ""),
            "is_born": 0,
            "expires_at": _moment(expires) if expires else None,
        }
        fault = self.store.take_fault("create")
        order = self.shared.open_order(content["out_trade_no"], values)
        if fault == "early":
            self.shared.pay(order)
            self.shared.deliver_due()
        elif fault:
            return Answer(int(fault), "系统繁忙，请稍后再试。".encode())
        return redirect(f"{self.shared.address}/pay/alipay?token={order['token']}")

    def _query(self, content: dict[str, Any]) -> dict[str, Any]:
        if self.store.take_fault("query"):
            raise Refused("isp.unknow-error", "系统繁忙", "20000")
        order = self._known(content)
        told = {
            "trade_no": order["paid_number"] or order["token"],
            "out_trade_no": order["number"],
            "trade_status": self._status(order),
            "total_amount": self.yuan(order["amount"]),
            "buyer_user_id": "2088102169481075",
        }
        if order["state"] == "paid":
            told |= {"send_pay_date": _text(order["paid_at"]), "receipt_amount": self.yuan(order["amount"])}
        return told

    def _status(self, order: dict[str, Any]) -> str:
        if order["state"] == "paid" and self._back(order) == order["amount"]:
            return "TRADE_CLOSED"
        if order["state"] == "open" and order["expires_at"] <= self.shared.now():
            return "TRADE_CLOSED"
        return STATES[order["state"]]

    def _back(self, order: dict[str, Any]) -> int:
        done = (made for made in self.store.refunds_of(order["number"]) if made["state"] == "SUCCESS")
        return sum(made["amount"] for made in done)

    def _known(self, content: dict[str, Any]) -> dict[str, Any]:
        order = self.store.row(
            "SELECT * FROM orders WHERE provider = 'alipay' AND is_born AND (number = ? OR paid_number = ?)",
            content.get("out_trade_no") or "-",
            content.get("trade_no") or "-",
        )
        if order is None:
            raise Refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
        return order

    def _close(self, content: dict[str, Any]) -> dict[str, Any]:
        order = self._known(content)
        if order["state"] == "paid":
            raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        self.store.close_order(order["number"])
        return {"trade_no": order["token"], "out_trade_no": order["number"]}

    def _refund(self, content: dict[str, Any]) -> dict[str, Any]:
        fault = self.store.take_fault("refund")
        if fault == "500":
            raise Refused("ACQ.SYSTEM_ERROR", "系统错误")
        order = self._known(content)
        fen, number = _fen(content["refund_amount"]), content.get("out_request_no") or order["number"]
        if order["state"] != "paid":
            raise Refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        made = self.store.row("SELECT * FROM refunds WHERE number = ?", number)
        changed = "N"
        if made is None:
            if fault == "NOT_ENOUGH":
                raise Refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
            earlier = sum(one["amount"] for one in self.store.refunds_of(order["number"]))
            if not 0 < fen <= order["amount"] - earlier:
                raise Refused("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
            made = self.shared.make_refund(order, number, fen, fault or "PROCESSING", "")
            if not fault:
                self.shared.finish_refund(number)
                changed = "Y"
        elif made["amount"] != fen:
            raise Refused("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求")
        return {
            "trade_no": order["paid_number"],
            "out_trade_no": order["number"],
            "fund_change": changed,
            "refund_fee": self.yuan(self._back(order)),
            "gmt_refund_pay": _text(made["at"]),
        }

    def _query_refund(self, content: dict[str, Any]) -> dict[str, Any]:
        order = self._known(content)
        number = content["out_request_no"]
        self.shared.finish_refund(number)
        made = self.store.row("SELECT * FROM refunds WHERE number = ?", number)
        told = {"out_trade_no": order["number"], "trade_no": order["paid_number"], "out_request_no": number}
        if made is None or made["state"] != "SUCCESS":
            return told
        return told | {
            "refund_amount": self.yuan(made["amount"]),
            "total_amount": self.yuan(order["amount"]),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": _text(made["at"]),
        }

    def _statement(self, content: dict[str, Any]) -> dict[str, Any]:
        if content.get("bill_type") not in ("trade", "signcustomer"):
            raise Refused("isp.invalid_arguments", "入参不合法")
        fault = self.store.take_fault("statement")
        day = content["bill_date"]
        if fault == "CREATING":
            raise Refused("isp.unknow-error", "系统繁忙", "20000")
        if statements.alipay(self.shared, day) is None:
            raise Refused("isp.bill_not_exist", "账单不存在")
        return {"bill_download_url": f"{self.shared.address}/alipay/bill?day={day}&fault={fault}"}

    def download(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        found = statements.alipay(self.shared, given["day"], fault=given.get("fault", ""))
        return Answer(200, found or b"", "application/zip")

    # -- Notices and signatures.

    def notice(self, row: dict[str, Any], order: dict[str, Any]) -> dict[str, str]:
        """Returns the parameters of a notice, unsigned."""
        now = self.shared.now()
        told = {
            "notify_time": _text(now),
            "notify_type": "trade_status_sync",
            "notify_id": f"2026{row['id']:030d}",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": order["app"],
            "auth_app_id": order["app"],
            "trade_no": order["paid_number"],
            "out_trade_no": order["number"],
            "seller_id": order["merchant"],
            "buyer_id": "2088102169481075",
            "buyer_logon_id": "pra***@example.com",
            "subject": order["subject"],
            "trade_status": "TRADE_SUCCESS",
            "total_amount": self.yuan(order["amount"]),
            "receipt_amount": self.yuan(order["amount"]),
            "gmt_create": _text(order["created_at"]),
            "gmt_payment": _text(order["paid_at"] or now),
            "fund_bill_list": json.dumps([{"amount": self.yuan(order["amount"]), "fundChannel": "PCREDIT"}]),
        }
        if row["event"] == "waiting":
            told["trade_status"] = "WAIT_BUYER_PAY"
        elif row["event"] == "refund":
            told |= {
                "trade_status": self._status(order),
                "refund_fee": self.yuan(self._back(order)),
                "gmt_refund": _text(now) + ".000",
                "out_biz_no": row["refund_number"],
            }
        if self.by_certificates:
            told["alipay_cert_sn"] = certificate_number(self.keys.certificates["alipay"])
        return told

    def signed_form(self, content: dict[str, str]) -> dict[str, str]:
        return content | {"sign_type": "RSA2", "sign": self._sign(_ordered(content))}

    def _answer(self, name: str, told: dict[str, Any]) -> Answer:
        inner = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        number = ""
        if self.by_certificates:
            number = f'"alipay_cert_sn":"{certificate_number(self.keys.certificates["alipay"])}",'
        body = f'{{"{name}":{inner},{number}"sign":"{self._sign(inner.encode())}"}}'
        return Answer(200, body.encode(), "application/json; charset=utf-8")

    def _sign(self, text: bytes) -> str:
        return base64.b64encode(self.keys.private("alipay").sign(text, PKCS1v15(), SHA256())).decode()


def _ordered(values: dict[str, str]) -> bytes:
    return "&".join(f"{name}={values[name]}" for name in sorted(values)).encode()


def _fen(text: str) -> int:
    whole, _dot, rest = text.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0")[:2])


def _moment(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).timestamp()


def _text(at: float) -> str:
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}"
