"""Alipay against the local server: orders, notices, refunds, in both ways to verify."""

import json
import urllib.request
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from community.core import clock
from community.demo.payments.keys import Keys
from community.demo.payments.server import PaymentServer
from services.fees import providers
from services.fees.models import MerchantAccount, Payment, ProviderNotice
from services.fees.providers.base import LineKind, Redirect, State, StatementBroken
from tests.support.books import assert_in_balance
from tests.support.paying import open_order
from tests.support.practice import DESK, PHONE, deliver, make_merchant, make_order, pay, refund_of

pytestmark = pytest.mark.django_db
ALIPAY = providers.named("alipay")


@pytest.fixture(params=["key", "certificates"])
def merchant(request: Any, server: PaymentServer, keys: Keys) -> MerchantAccount:
    server.alipay.by_certificates = request.param == "certificates"
    return make_merchant(keys, "alipay", by_certificates=server.alipay.by_certificates)


def outcomes() -> list[str]:
    return list(ProviderNotice.objects.order_by("pk").values_list("outcome", flat=True))


def visit(order: Any) -> str:
    """Opens the address that the browser is sent to, as the payer's browser does."""
    assert isinstance(order, Redirect)
    with urllib.request.urlopen(order.url, timeout=5) as page:
        return str(page.read().decode())


def test_order__paid_and_told__is_credited_once(
    server: PaymentServer, merchant: MerchantAccount, client: Client
):
    payment = make_order(merchant)
    order = open_order(payment, PHONE)
    assert ALIPAY.query(payment).state == State.WAITING
    assert "不会真的扣钱" in visit(order)
    pay(server, payment, "ten")
    assert deliver(server, client) == [200] * 10
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PAID
    assert outcomes() == ["credited", *["repeated"] * 9]
    answer = ALIPAY.query(payment)
    found = answer.state, answer.number, answer.amount_fen
    assert found == (State.PAID, payment.provider_number, payment.amount_fen)
    assert_in_balance()


def test_address__names_product_time_and_ways_back(server: PaymentServer, keys: Keys):
    payment = make_order(make_merchant(keys, "alipay"))
    for client, method, product in (
        (PHONE, "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
        (DESK, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    ):
        order = ALIPAY.create(payment, client)
        assert isinstance(order, Redirect)
        given = dict(parse_qsl(urlsplit(order.url).query))
        content = json.loads(given["biz_content"])
        assert (given["method"], content["product_code"]) == (method, product)
        assert content["total_amount"] == "231.48"
        assert len(content["time_expire"]) == len("2026-11-30 10:00:00")
        assert given["notify_url"].endswith(f"/fees/callbacks/alipay/{payment.merchant_id}/")
        assert given["return_url"].endswith(f"/fees/payments/{payment.pk}/")


def test_trade__that_nobody_opened__is_unpaid_until_it_expires(server: PaymentServer, keys: Keys):
    payment = make_order(make_merchant(keys, "alipay"))
    assert ALIPAY.query(payment).state == State.WAITING
    payment.expires_at = clock.now()
    assert ALIPAY.query(payment).state == State.CLOSED
    assert ALIPAY.close(payment).state == State.CLOSED


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 403), (b"a=1&a=2&sign=x", 403), (b"x" * 2_000_000, 413)]
)
def test_notice__that_is_none__is_refused(
    server: PaymentServer, keys: Keys, client: Client, body: bytes, status: int
):
    url = f"/fees/callbacks/alipay/{make_merchant(keys, 'alipay').pk}/"
    answer = client.post(url, body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.content) == (status, b"failure")


def test_refund__in_parts_and_whole__is_followed_and_no_second_payment(
    server: PaymentServer, merchant: MerchantAccount, client: Client
):
    payment = make_order(merchant)
    visit(open_order(payment, PHONE))
    pay(server, payment)
    deliver(server, client)
    payment.refresh_from_db()
    part = refund_of(payment, 100)
    server.store.set_fault("refund", "PROCESSING")
    assert ALIPAY.refund(part).state == State.WAITING
    assert ALIPAY.query_refund(part).state == State.PAID
    assert deliver(server, client) == [200]
    part.refresh_from_db()
    # The notice names the sum of all refunds: the refund is asked about, not ended by it.
    assert (part.status, part.accepted_at is not None) == ("pending", True)
    server.store.set_fault("refund", "NOT_ENOUGH")
    assert ALIPAY.refund(refund_of(payment, 50)).state == State.FAILED
    rest = refund_of(payment, payment.amount_fen - 100)
    assert ALIPAY.refund(rest).state == State.WAITING
    assert ALIPAY.query_refund(rest).state == State.PAID
    assert deliver(server, client) == [200]
    # Refunded whole reads as closed, and stays paid for us.
    assert ALIPAY.query(payment).state == State.PAID
    assert outcomes() == ["credited", "refund", "refund"]
    today = clock.today(clock.now())
    lines = ALIPAY.statement(merchant, today).lines
    assert [line.kind for line in lines] == [LineKind.PAYMENT, LineKind.REFUND, LineKind.REFUND]
    assert lines[1].refund_number == part.order_number
    server.store.set_fault("statement", "LINE")
    broken = ALIPAY.statement(merchant, today)
    assert (len(broken.problems), len(broken.lines)) == (1, 2)
    server.store.set_fault("statement", "HASH")
    with pytest.raises(StatementBroken):
        ALIPAY.statement(merchant, today)


def test_statement__of_a_day_without_any__is_empty(server: PaymentServer, merchant: MerchantAccount):
    assert ALIPAY.statement(merchant, clock.today(clock.now())).lines == []
