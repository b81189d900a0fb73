"""WeChat Pay, API v3, for merchants that have a contract of their own.

``credentials`` of a merchant account:

- ``private_key``: the merchant's private key, PEM (apiclient_key.pem);
- ``certificate_serial``: serial number of the merchant's certificate, 40 hex digits;
- ``apiv3_key``: the APIv3 key, 32 bytes;
- ``public_key``, ``public_key_id``: WeChat Pay's public key, PEM, and its number, PUB_KEY_ID_…; without them
  answers and notices are checked by platform certificates, which are fetched; while a merchant moves over,
  either kind is accepted;
- ``app_secret``: the secret of the official account, for paying inside WeChat.
"""

import time
import uuid
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from community.core import clock
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.providers.base import (
    BadSignature,
    Bridge,
    Client,
    Code,
    Notice,
    Order,
    ProviderDown,
    ProviderRefused,
    Redirect,
    RefundNotice,
    Result,
    State,
    Statement,
)
from services.fees.providers.wechat.client import SIGNED_HEADERS, Refusal, WrongSignature, ask, core_of
from services.fees.providers.wechat.notices import read_content
from services.fees.providers.wechat.statement import fetch_statement

NAME = "wechat"
CURRENCY = "CNY"
# Bytes of a notice; real ones have about 1,500.
MAX_BODY = 16_384
MAX_DESCRIPTION = 40
# Number of an order that nobody makes.
NO_ORDER = "linli-tries"
# A payment that was refunded since reads REFUND.
STATES = {
    "NOTPAY": State.WAITING,
    "USERPAYING": State.WAITING,
    "SUCCESS": State.PAID,
    "REFUND": State.PAID,
    "CLOSED": State.CLOSED,
    "REVOKED": State.CLOSED,
    "PAYERROR": State.FAILED,
}
REFUND_STATES = {
    "PROCESSING": State.WAITING,
    "SUCCESS": State.PAID,
    "CLOSED": State.FAILED,
    "ABNORMAL": State.FAILED,
}
# Codes for an order that was never created, or is closed already.
NOTHING_TO_CLOSE = {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "ORDER_CLOSED"}


class WeChat:
    name = NAME
    needs_merchant = True

    def suits(self, client: Client) -> bool:
        return True

    def create(self, payment: Payment, client: Client) -> Order:
        account = merchant_of(payment)
        kind = _kind(client)
        content = _content(payment, account)
        if kind == "jsapi":
            if not client.openid:
                raise ProviderRefused("NO_OPENID")
            content["payer"] = {"openid": client.openid}
        elif kind == "h5":
            content["scene_info"] = {"payer_client_ip": client.address, "h5_info": {"type": "Wap"}}
        try:
            answer = ask(account, f"/v3/pay/transactions/{kind}", content)
            return _order(kind, answer, payment, account)
        except Refusal as refusal:
            raise ProviderRefused(refusal.code) from refusal
        except LookupError as error:
            raise ProviderDown("answer") from error

    def query(self, payment: Payment) -> Result:
        account = merchant_of(payment)
        has_expired = payment.expires_at is None or payment.expires_at <= clock.now()
        number = quote(payment.order_number)
        try:
            found = ask(
                account, f"/v3/pay/transactions/out-trade-no/{number}?mchid={account.merchant_number}"
            )
        except Refusal as refusal:
            if refusal.code in NOTHING_TO_CLOSE:
                return Result(State.CLOSED if has_expired else State.WAITING)
            raise ProviderDown(str(refusal)) from refusal
        return _result(found)

    def close(self, payment: Payment) -> Result:
        account = merchant_of(payment)
        path = f"/v3/pay/transactions/out-trade-no/{quote(payment.order_number)}/close"
        try:
            ask(account, path, {"mchid": account.merchant_number})
        except Refusal as refusal:
            if refusal.code in NOTHING_TO_CLOSE:
                return Result(State.CLOSED)
            # Perhaps it is paid: the code for it is not said.
            return self.query(payment)
        return Result(State.CLOSED)

    def refund(self, refund: Refund) -> Result:
        origin = refund.of_payment.origin
        content = {
            "transaction_id": origin.provider_number,
            "out_refund_no": refund.order_number,
            "notify_url": notify_url(merchant_of(origin)),
            "amount": {"refund": refund.amount_fen, "total": origin.amount_fen, "currency": CURRENCY},
        }
        try:
            return _refund_result(ask(merchant_of(origin), "/v3/refund/domestic/refunds", content))
        except Refusal:
            return Result(State.FAILED)

    def query_refund(self, refund: Refund) -> Result:
        account = merchant_of(refund.of_payment.origin)
        try:
            return _refund_result(ask(account, f"/v3/refund/domestic/refunds/{quote(refund.order_number)}"))
        except Refusal as refusal:
            if refusal.code == "RESOURCE_NOT_EXISTS":
                return Result(State.FAILED)
            raise ProviderDown(str(refusal)) from refusal

    def read_notice(self, request: HttpRequest, merchant: MerchantAccount | None) -> Notice | RefundNotice:
        assert merchant is not None
        body = request.body
        if len(body) > MAX_BODY:
            raise BadSignature("size")
        try:
            text = body.decode()
            core_of(merchant).check({name: request.headers.get(name, "") for name in SIGNED_HEADERS}, text)
        except (WrongSignature, UnicodeDecodeError) as problem:
            raise BadSignature(str(problem)) from problem
        return read_content(text, merchant)

    def answer(self, *, status: int = 200) -> HttpResponse:
        if status == HTTPStatus.OK:
            return HttpResponse(status=status)
        return JsonResponse({"code": "FAIL", "message": "refused"}, status=status)

    def try_out(self, merchant: MerchantAccount) -> None:
        path = f"/v3/pay/transactions/out-trade-no/{NO_ORDER}?mchid={merchant.merchant_number}"
        try:
            ask(merchant, path)
        except Refusal as refusal:
            if refusal.code not in NOTHING_TO_CLOSE:
                raise ProviderRefused(refusal.code) from refusal
            if "public_key" not in merchant.secrets:
                # Refusals are not signed: whether answers can be checked, only the certificates show.
                _try_certificates(merchant)

    def statement(self, merchant: MerchantAccount | None, day: date) -> Statement:
        assert merchant is not None
        return fetch_statement(merchant, day)


def _try_certificates(account: MerchantAccount) -> None:
    try:
        ask(account, "/v3/certificates")
    except Refusal as refusal:
        raise ProviderRefused(refusal.code) from refusal


def merchant_of(payment: Payment) -> MerchantAccount:
    assert payment.merchant is not None, "every payment by this provider has a merchant"
    return payment.merchant


def notify_url(account: MerchantAccount) -> str:
    return settings.PUBLIC_URL + reverse("fees_merchant_callback", args=[NAME, account.pk])


def _kind(client: Client) -> str:
    if client.at_counter:
        return "native"
    if client.is_in_wechat:
        return "jsapi"
    return "h5" if client.is_phone else "native"


def _content(payment: Payment, account: MerchantAccount) -> dict[str, Any]:
    assert payment.expires_at is not None, "every order of a provider ends"
    return {
        "appid": account.app_id,
        "mchid": account.merchant_number,
        "description": f"{payment.estate} {payment.reference}"[-MAX_DESCRIPTION:],
        "out_trade_no": payment.order_number,
        "time_expire": clock.local(payment.expires_at).isoformat(timespec="seconds"),
        "notify_url": notify_url(account),
        "amount": {"total": payment.amount_fen, "currency": CURRENCY},
    }


def _order(kind: str, answer: dict[str, Any], payment: Payment, account: MerchantAccount) -> Order:
    if kind == "native":
        return Code(str(answer["code_url"]))
    if kind == "h5":
        back = settings.PUBLIC_URL + reverse("payment", args=[payment.pk])
        return Redirect(f"{answer['h5_url']}&{urlencode({'redirect_url': back})}")
    package = f"prepay_id={answer['prepay_id']}"
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex
    return Bridge(
        {
            "appId": account.app_id,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": core_of(account).sign([account.app_id, stamp, nonce, package]),
        }
    )


def _result(found: dict[str, Any]) -> Result:
    state = STATES.get(str(found.get("trade_state")))
    if state is None:
        raise ProviderDown("trade_state")
    if state != State.PAID:
        return Result(state)
    return _paid(state, found.get("transaction_id"), found.get("amount"), "total")


def _refund_result(found: dict[str, Any]) -> Result:
    state = REFUND_STATES.get(str(found.get("status")))
    if state is None:
        raise ProviderDown("status")
    return _paid(state, found.get("refund_id"), found.get("amount"), "refund")


def _paid(state: State, number: Any, amount: Any, part: str) -> Result:
    fen = amount.get(part) if isinstance(amount, dict) else None
    if not isinstance(number, str) or type(fen) is not int:
        raise ProviderDown("answer")
    return Result(state, number, fen)
