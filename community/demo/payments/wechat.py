"""WeChat Pay's API v3, as it is published."""

import base64
import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from community.demo.payments import statements
from community.demo.payments.keys import APP_ID, MERCHANT, PUBLIC_KEY_ID
from community.demo.payments.messages import Answer, Asked, in_json
from community.demo.payments.shared import SHANGHAI, Shared

AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')
TYPE = "WECHATPAY2-SHA256-RSA2048"
NUMBER = re.compile(r"[0-9A-Za-z_|*-]{6,32}")
WINDOW = 300
TRADE_TYPES = {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE"}
STATES = {"open": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED"}
WAYS = "public_key", "certificates", "moving"
MAX_PARTS = 50


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.answer = in_json({"code": code, "message": message or code}, status)


class WeChatSide:
    """``way`` is how the merchant verifies: by WeChat Pay's public key, by certificates, or moving over."""

    def __init__(self, shared: Shared) -> None:
        self.shared, self.keys, self.store = shared, shared.keys, shared.store
        self.way = "public_key"
        # Certificates that are offered, by the private key that they are of; tests put others here.
        self.certificates = {"wechat_platform": self.keys.certificates["wechat_platform"]}

    def handle(self, asked: Asked) -> Answer:
        if asked.path.startswith("/v3/billdownload/"):
            return self._download(asked)
        try:
            self._check(asked)
            answer = self._route(asked)
        except Refused as refused:
            return refused.answer
        return self._signed(asked, answer)

    def _check(self, asked: Asked) -> None:
        kind, _space, rest = asked.headers.get("authorization", "").partition(" ")
        given = dict(AUTHORIZATION.findall(rest))
        if kind != TYPE or not {"mchid", "nonce_str", "signature", "timestamp", "serial_no"} <= set(given):
            raise Refused(401, "SIGN_ERROR", "Http头Authorization值格式错误")
        if asked.headers.get("accept") != "application/json" or not asked.headers.get("user-agent"):
            raise Refused(400, "PARAM_ERROR", "缺少 Accept 或 User-Agent")
        if given["mchid"] != MERCHANT:
            raise Refused(400, "MCH_NOT_EXISTS", "商户号不存在")
        if given["serial_no"] != self.keys.serials["wechat_merchant"]:
            raise Refused(401, "SIGN_ERROR", "商户证书序列号有误")
        if abs(self.shared.now() - int(given["timestamp"] or 0)) > WINDOW:
            raise Refused(401, "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        parts = asked.method, asked.target, given["timestamp"], given["nonce_str"], asked.body.decode()
        try:
            self.keys.private("wechat_merchant").public_key().verify(
                base64.b64decode(given["signature"]), _lines(*parts), PKCS1v15(), SHA256()
            )
        except (InvalidSignature, ValueError):
            raise Refused(401, "SIGN_ERROR", "签名错误") from None
        if self.way == "public_key" and asked.headers.get("wechatpay-serial") != PUBLIC_KEY_ID:
            raise Refused(401, "SIGN_ERROR", "Wechatpay-Serial 不是微信支付公钥ID")

    def _route(self, asked: Asked) -> Answer:
        path = asked.path
        if match := re.fullmatch(r"/v3/pay/transactions/(jsapi|h5|native)", path):
            return self._create(match[1], json.loads(asked.body))
        if match := re.fullmatch(r"/v3/pay/transactions/out-trade-no/([^/]+)/close", path):
            return self._close(match[1])
        if match := re.fullmatch(r"/v3/pay/transactions/out-trade-no/([^/]+)", path):
            return self._query(match[1], asked)
        if path == "/v3/refund/domestic/refunds":
            return self._refund(json.loads(asked.body))
        if match := re.fullmatch(r"/v3/refund/domestic/refunds/([^/]+)", path):
            return self._query_refund(match[1])
        if path == "/v3/certificates":
            return self._certificates()
        if path == "/v3/bill/tradebill":
            return self._statement(asked)
        raise Refused(404, "RESOURCE_NOT_EXISTS")

    # -- Orders.

    def _create(self, kind: str, content: dict[str, Any]) -> Answer:
        fault = self.store.take_fault("create")
        if fault == "429":
            raise Refused(429, "FREQUENCY_LIMITED", "频率限制")
        number, values = _checked(kind, content)
        values |= {"provider": "wechat", "kind": kind}
        order = self.shared.open_order(number, values)
        same = ("kind", "amount", "app", "openid")
        if any(order[name] != values[name] for name in same):
            raise Refused(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if order["state"] != "open":
            raise Refused(400, "ORDERPAID" if order["state"] == "paid" else "ORDER_CLOSED", "订单已结束")
        if fault == "early":
            self.shared.pay(order)
            self.shared.deliver_due()
        if fault == "500":
            raise Refused(500, "SYSTEM_ERROR", "系统错误，请用相同参数重新调用")
        address = f"{self.shared.address}/pay/{kind}?prepay_id={order['token']}"
        answers = {
            "jsapi": {"prepay_id": order["token"]},
            "h5": {"h5_url": address},
            "native": {"code_url": f"weixin://wxpay/bizpayurl?pr={order['token']}"},
        }
        return in_json(answers[kind])

    def _close(self, number: str) -> Answer:
        order = self._known(number)
        if order["state"] == "paid":
            raise Refused(400, "TRADE_ERROR", "订单已支付")
        self.store.close_order(number)
        return Answer(204)

    def _query(self, number: str, asked: Asked) -> Answer:
        if parse_qs(asked.query).get("mchid") != [MERCHANT]:
            raise Refused(400, "PARAM_ERROR", "mchid")
        if self.store.take_fault("query"):
            raise Refused(500, "SYSTEM_ERROR", "系统错误")
        return in_json(self.transaction(self._known(number)))

    def _known(self, number: str) -> dict[str, Any]:
        order = self.store.order(number)
        if order is None or order["provider"] != "wechat":
            raise Refused(404, "ORDER_NOT_EXIST", "订单不存在")
        return order

    def transaction(self, order: dict[str, Any], *, as_paid: bool = False) -> dict[str, Any]:
        """Returns the order as a query and a notice say it; ``as_paid`` is as it was before any refund."""
        is_paid = order["state"] == "paid"
        state = STATES[order["state"]]
        if is_paid and not as_paid and self.store.refunds_of(order["number"]):
            state = "REFUND"
        told = {
            "appid": order["app"],
            "mchid": order["merchant"],
            "out_trade_no": order["number"],
            "trade_state": state,
            "trade_state_desc": {"NOTPAY": "订单未支付", "SUCCESS": "支付成功"}.get(state, state),
            "amount": {"total": order["amount"], "currency": "CNY"},
        }
        if is_paid:
            told |= {
                "transaction_id": order["paid_number"],
                "trade_type": TRADE_TYPES[order["kind"]],
                "bank_type": "OTHERS",
                "attach": "",
                "success_time": moment(order["paid_at"]),
                "payer": {"openid": order["openid"] or "oPractice0000000000000000001"},
            }
            told["amount"] |= {"payer_total": order["amount"], "payer_currency": "CNY"}
        return told

    # -- Refunds.

    def _refund(self, content: dict[str, Any]) -> Answer:
        fault = self.store.take_fault("refund")
        if fault == "500":
            raise Refused(500, "SYSTEM_ERROR", "系统超时")
        order = self.store.row(
            "SELECT * FROM orders WHERE provider = 'wechat' AND (paid_number = ? OR number = ?)",
            content.get("transaction_id") or "-",
            content.get("out_trade_no") or "-",
        )
        if order is None or order["state"] != "paid":
            raise Refused(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        number, fen = content["out_refund_no"], content["amount"]["refund"]
        if content["amount"]["total"] != order["amount"] or content["amount"]["currency"] != "CNY":
            raise Refused(400, "PARAM_ERROR", "订单金额不一致")
        made = self.store.row("SELECT * FROM refunds WHERE number = ?", number)
        if made is None:
            if fault == "NOT_ENOUGH":
                raise Refused(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
            earlier = self.store.refunds_of(order["number"])
            if not 0 < fen <= order["amount"] - sum(one["amount"] for one in earlier):
                raise Refused(400, "INVALID_REQUEST", "退款金额大于可退金额")
            if len(earlier) >= MAX_PARTS:
                raise Refused(400, "INVALID_REQUEST", "退款次数过多")
            # Accepted; the money goes a moment later, and the first query finds it gone.
            state = fault or "PROCESSING"
            made = self.shared.make_refund(order, number, fen, state, content.get("notify_url") or "")
        elif made["amount"] != fen:
            raise Refused(400, "INVALID_REQUEST", "退款单号重复且参数不一致")
        return in_json(self.refund(made))

    def _query_refund(self, number: str) -> Answer:
        self.shared.finish_refund(number)
        made = self.store.row("SELECT * FROM refunds WHERE number = ?", number)
        if made is None:
            raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return in_json(self.refund(made))

    def refund(self, made: dict[str, Any]) -> dict[str, Any]:
        order = self._known(made["order_number"])
        told = {
            "refund_id": made["provider_number"],
            "out_refund_no": made["number"],
            "transaction_id": order["paid_number"],
            "out_trade_no": order["number"],
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": moment(made["at"]),
            "status": made["state"],
            "amount": {"total": order["amount"], "refund": made["amount"], "currency": "CNY"},
        }
        return told | ({"success_time": moment(made["at"])} if made["state"] == "SUCCESS" else {})

    # -- Certificates and statements.

    def _certificates(self) -> Answer:
        if self.way == "public_key":
            raise Refused(
                404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
            )
        return in_json({"data": [self._encrypted(text) for text in self.certificates.values()]})

    def _encrypted(self, certificate: str) -> dict[str, Any]:
        now = self.shared.now()
        return {
            "serial_no": self.keys.serials["wechat_platform"],
            "effective_time": moment(now),
            "expire_time": moment(now + timedelta(days=1825).total_seconds()),
            "encrypt_certificate": self.encrypt(certificate, "certificate"),
        }

    def encrypt(self, text: str, associated: str) -> dict[str, str]:
        nonce = secrets.token_hex(6)
        sealed = AESGCM(self.keys.apiv3_key.encode()).encrypt(
            nonce.encode(), text.encode(), associated.encode()
        )
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": associated,
            "ciphertext": base64.b64encode(sealed).decode(),
        }

    def _statement(self, asked: Asked) -> Answer:
        day = parse_qs(asked.query)["bill_date"][0]
        fault = self.store.take_fault("statement")
        if fault == "CREATING":
            raise Refused(400, "STATEMENT_CREATING", "账单生成中")
        text = statements.wechat(self.shared, day, breaks_line=fault == "LINE")
        if text is None:
            raise Refused(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        digest = statements.sha1(text) if fault != "HASH" else "0" * 40
        token = urlencode({"token": day, "line": fault})
        return in_json(
            {
                "hash_type": "SHA1",
                "hash_value": digest,
                "download_url": f"{self.shared.address}/v3/billdownload/file?{token}",
            }
        )

    def _download(self, asked: Asked) -> Answer:
        given = parse_qs(asked.query)
        text = statements.wechat(self.shared, given["token"][0], breaks_line=given.get("line") == ["LINE"])
        return Answer(200, statements.gzipped(text or b""), "application/octet-stream")

    # -- Signatures.

    def _signed(self, asked: Asked, answer: Answer) -> Answer:
        by_key = self.way == "public_key" or asked.headers.get("wechatpay-serial") == PUBLIC_KEY_ID
        answer.headers.update(self.signature(answer.body, by_key=by_key))
        return answer

    def signature(self, body: bytes, *, by_key: bool, at: float | None = None) -> dict[str, str]:
        """Returns the headers that sign an answer or a notice, by the public key or by a certificate."""
        name = "wechat_public" if by_key else "wechat_platform"
        stamp, nonce = str(int(at if at is not None else self.shared.now())), secrets.token_hex(16)
        signed = self.keys.private(name).sign(_lines(stamp, nonce, body.decode()), PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signed).decode(),
            "Wechatpay-Signature-Type": TYPE,
            "Wechatpay-Serial": PUBLIC_KEY_ID if by_key else self.keys.serials["wechat_platform"],
        }


def _lines(*parts: str) -> bytes:
    return "".join(f"{part}\n" for part in parts).encode()


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")


def _checked(kind: str, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        number, amount, notify_url = content["out_trade_no"], content["amount"], content["notify_url"]
        expires = content.get("time_expire")
        values = {
            "merchant": content["mchid"],
            "app": content["appid"],
            "amount": amount["total"],
            "subject": content["description"],
            "notify_url": notify_url,
            "openid": content["payer"]["openid"] if kind == "jsapi" else "",
            "expires_at": datetime.fromisoformat(expires).timestamp() if expires else None,
        }
        if kind == "h5":
            content["scene_info"]["payer_client_ip"], content["scene_info"]["h5_info"]["type"]
    except (LookupError, TypeError, ValueError) as error:
        raise Refused(400, "PARAM_ERROR", f"参数错误 {error}") from error
    is_number = isinstance(amount["total"], int) and amount["total"] > 0 and amount.get("currency") == "CNY"
    if not NUMBER.fullmatch(number) or not is_number or "?" in notify_url or len(values["subject"]) > 127:
        raise Refused(400, "PARAM_ERROR", "参数错误")
    if values["app"] != APP_ID or values["merchant"] != MERCHANT:
        raise Refused(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    return number, values
