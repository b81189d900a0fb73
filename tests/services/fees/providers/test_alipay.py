"""Alipay against the local server: orders, notices, refunds, in both ways to verify."""

import urllib.request
from typing import Any

import pytest
from django.test import Client

from community.demo.payments.keys import Keys
from community.demo.payments.server import PaymentServer
from services.fees import providers
from services.fees.models import MerchantAccount, Payment, ProviderNotice
from services.fees.providers.base import Redirect, State
from tests.support.books import assert_in_balance
from tests.support.paying import open_order
from tests.support.practice import PHONE, deliver, make_merchant, make_order, pay

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
