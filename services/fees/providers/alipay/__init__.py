"""Alipay, web and WAP payments of the open platform, for merchants that have a contract of their own.

``credentials`` of a merchant account:

- ``private_key``: the application's private key, PEM, or its base64 alone as Alipay's tool writes it;
- ``alipay_public_key``: Alipay's public key, the same way, in public-key mode;
- ``app_certificate``, ``alipay_certificate``, ``root_certificate``: appCertPublicKey_….crt,
  alipayCertPublicKey_RSA2.crt and alipayRootCert.crt, PEM, in certificate mode.
"""

import binascii
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from alipay.exceptions import AliPayException
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from community.core import clock
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.providers.alipay.client import Refusal, ask, client_of, moment
from services.fees.providers.alipay.statement import fetch_statement
from services.fees.providers.base import (
    BadSignature,
    Client,
    MalformedNotice,
    Notice,
    ProviderDown,
    ProviderRefused,
    Redirect,
    RefundNotice,
    Result,
    State,
    Statement,
)
from services.fees.providers.files import fen_of

NAME = "alipay"
CURRENCY = "CNY"
# Bytes and fields of a notice; real ones have about 2,000 and 30.
MAX_BODY, MAX_FIELDS, MAX_NUMBER = 16_384, 80, 64
MAX_SUBJECT = 40
# Number of an order that nobody makes.
NO_ORDER = "linli-tries"
PAID = {"TRADE_SUCCESS", "TRADE_FINISHED"}
NO_TRADE = "ACQ.TRADE_NOT_EXIST"
# Fields that a notice of a payment in another currency has.
CURRENCIES = ("trans_currency", "settle_currency", "pay_currency")


class Alipay:
    name = NAME
    needs_merchant = True

    def suits(self, client: Client) -> bool:
        return not client.is_in_wechat and not client.at_counter

    def create(self, payment: Payment, client: Client) -> Redirect:
        assert payment.expires_at is not None, "every order of a provider ends"
        account = merchant_of(payment)
        method, product = (
            ("alipay.trade.wap.pay", "QUICK_WAP_WAY")
            if client.is_phone
            else ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY")
        )
        back = settings.PUBLIC_URL + reverse("payment", args=[payment.pk])
        content = {
            "out_trade_no": payment.order_number,
            "total_amount": yuan(payment.amount_fen),
            "subject": f"{payment.estate} {payment.reference}"[-MAX_SUBJECT:],
            "product_code": product,
            "time_expire": f"{clock.local(payment.expires_at):%Y-%m-%d %H:%M:%S}",
        } | ({"quit_url": back} if client.is_phone else {})
        notify_url = settings.PUBLIC_URL + reverse("fees_merchant_callback", args=[NAME, account.pk])
        signed = client_of(account).client_api(
            method, content, return_url=back, notify_url=notify_url, **moment()
        )
        return Redirect(f"{settings.ALIPAY_URL}?{signed}")

    def query(self, payment: Payment) -> Result:
        has_expired = payment.expires_at is None or payment.expires_at <= clock.now()
        try:
            found = ask(merchant_of(payment), "alipay.trade.query", {"out_trade_no": payment.order_number})
        except Refusal as refusal:
            if refusal.code == NO_TRADE:
                # The trade is made when the payer opens the cashier: nothing is known of it before.
                return Result(State.CLOSED if has_expired else State.WAITING)
            raise ProviderDown(refusal.code) from refusal
        return _result(found)

    def close(self, payment: Payment) -> Result:
        """Closes the order, as every provider; one whose cashier was never opened cannot be closed there, and
        what is paid by its address until it expires is credited late.
        """
        try:
            ask(merchant_of(payment), "alipay.trade.close", {"out_trade_no": payment.order_number})
        except Refusal as refusal:
            if refusal.code == NO_TRADE:
                return Result(State.CLOSED)
            # Perhaps it is paid: the code for it is not said.
            return self.query(payment)
        return Result(State.CLOSED)

    def refund(self, refund: Refund) -> Result:
        origin = refund.of_payment.origin
        content = {
            "trade_no": origin.provider_number,
            "refund_amount": yuan(refund.amount_fen),
            "out_request_no": refund.order_number,
        }
        try:
            ask(merchant_of(origin), "alipay.trade.refund", content)
        except Refusal:
            return Result(State.FAILED)
        # Whether the money has gone, the query says; the sum here is that of all refunds.
        return Result(State.WAITING)

    def query_refund(self, refund: Refund) -> Result:
        origin = refund.of_payment.origin
        content = {"trade_no": origin.provider_number, "out_request_no": refund.order_number}
        try:
            found = ask(merchant_of(origin), "alipay.trade.fastpay.refund.query", content)
        except Refusal as refusal:
            if refusal.code == NO_TRADE:
                return Result(State.FAILED)
            raise ProviderDown(refusal.code) from refusal
        if found.get("refund_status") != "REFUND_SUCCESS":
            return Result(State.WAITING)
        # Alipay gives refunds no number of their own.
        return Result(State.PAID, refund.order_number, refund.amount_fen)

    def read_notice(self, request: HttpRequest, merchant: MerchantAccount | None) -> Notice | RefundNotice:
        assert merchant is not None
        return _content(_signed_fields(request.body, merchant), merchant)

    def answer(self, *, status: int = 200) -> HttpResponse:
        words = "success" if status == 200 else "failure"
        return HttpResponse(words, status=status, content_type="text/plain")

    def try_out(self, merchant: MerchantAccount) -> None:
        try:
            ask(merchant, "alipay.trade.query", {"out_trade_no": NO_ORDER})
        except Refusal as refusal:
            if refusal.code != NO_TRADE:
                raise ProviderRefused(refusal.code) from refusal

    def statement(self, merchant: MerchantAccount | None, day: date) -> Statement:
        assert merchant is not None
        return fetch_statement(merchant, day)


def merchant_of(payment: Payment) -> MerchantAccount:
    assert payment.merchant is not None, "every payment by this provider has a merchant"
    return payment.merchant


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _result(found: dict[str, Any]) -> Result:
    status = found.get("trade_status")
    # A trade that was refunded whole is closed too, but has a time at which it was paid.
    if status in PAID or (status == "TRADE_CLOSED" and found.get("send_pay_date")):
        try:
            return Result(State.PAID, _number(found["trade_no"]), fen_of(found["total_amount"]))
        except (LookupError, ValueError, AttributeError) as error:
            raise ProviderDown("answer") from error
    if status == "WAIT_BUYER_PAY":
        return Result(State.WAITING)
    if status == "TRADE_CLOSED":
        return Result(State.CLOSED)
    raise ProviderDown("trade_status")


def _signed_fields(body: bytes, account: MerchantAccount) -> dict[str, str]:
    """Returns the fields of a notice. Raises ``BadSignature``."""
    if len(body) > MAX_BODY:
        raise BadSignature("size")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise BadSignature("no form") from error
    fields = dict(pairs)
    sign = fields.pop("sign", "")
    if len(fields) + 1 != len(pairs) or not sign or fields.get("sign_type") != "RSA2":
        raise BadSignature("fields")
    try:
        # The SDK changes what it is given.
        is_signed = client_of(account).verify(dict(fields), sign)
    except (AliPayException, ValueError, binascii.Error, ProviderDown) as error:
        raise BadSignature(repr(error)) from error
    if not is_signed:
        raise BadSignature("signature")
    return fields


def _content(fields: dict[str, str], account: MerchantAccount) -> Notice | RefundNotice:
    if fields.get("app_id") != account.app_id:
        raise MalformedNotice("another application")
    if fields.get("seller_id") != account.merchant_number:
        raise MalformedNotice("another merchant")
    if any(fields.get(name, CURRENCY) != CURRENCY for name in CURRENCIES):
        raise MalformedNotice("another currency")
    try:
        order_number = _number(fields["out_trade_no"])
        if any(fields.get(name) for name in ("refund_fee", "gmt_refund", "out_biz_no")):
            # It names the sum of all refunds only: the refund itself is asked about.
            return RefundNotice(order_number, fields.get("out_biz_no", ""), Result(State.WAITING))
        status = fields["trade_status"]
        return Notice(
            order_number=order_number,
            is_paid=status in PAID,
            is_over=status == "TRADE_CLOSED",
            number=_number(fields["trade_no"]),
            amount_fen=fen_of(fields["total_amount"]),
        )
    except (LookupError, ValueError) as error:
        raise MalformedNotice(repr(error)) from error


def _number(text: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= MAX_NUMBER:
        raise ValueError("number")
    return text
