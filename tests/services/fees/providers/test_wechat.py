"""WeChat Pay against the local server: orders, notices, refunds, in both ways to verify."""

from typing import Any

import pytest
from django.test import Client

from community.demo.payments.keys import Keys
from community.demo.payments.server import PaymentServer
from services.fees import providers
from services.fees.models import MerchantAccount, Payment, ProviderNotice
from services.fees.providers.base import Bridge, Code, Redirect, State
from tests.support.books import assert_in_balance
from tests.support.paying import open_order
from tests.support.practice import DESK, IN_WECHAT, PHONE, deliver, make_merchant, make_order, pay

pytestmark = pytest.mark.django_db
WECHAT = providers.named("wechat")
WAYS = ["public_key", "certificates", "moving"]


@pytest.fixture(params=WAYS)
def merchant(request: Any, server: PaymentServer, keys: Keys) -> MerchantAccount:
    server.wechat.way = request.param
    return make_merchant(keys, by_certificates=request.param == "certificates")


def outcomes() -> list[str]:
    return list(ProviderNotice.objects.order_by("pk").values_list("outcome", flat=True))


def test_order__paid_and_told__is_credited_once(
    server: PaymentServer, merchant: MerchantAccount, client: Client
):
    payment = make_order(merchant)
    order = open_order(payment, DESK)
    assert isinstance(order, Code)
    assert order.content.startswith("weixin://wxpay/bizpayurl?pr=")
    assert WECHAT.query(payment).state == State.WAITING
    pay(server, payment, "ten")
    assert deliver(server, client) == [200] * 10
    payment.refresh_from_db()
    assert payment.status == Payment.Status.PAID
    assert outcomes() == ["credited", *["repeated"] * 9]
    answer = WECHAT.query(payment)
    assert (answer.state, answer.number, answer.amount_fen) == (
        State.PAID,
        payment.provider_number,
        payment.amount_fen,
    )
    assert_in_balance()


def test_create__by_browser__returns_what_the_page_needs(server: PaymentServer, merchant: MerchantAccount):
    assert isinstance(WECHAT.create(make_order(merchant), PHONE), Redirect)
    bridge = WECHAT.create(make_order(merchant), IN_WECHAT)
    assert isinstance(bridge, Bridge)
    assert set(bridge.parameters) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}


@pytest.mark.parametrize(
    ("trick", "status", "outcome"),
    [
        ("amount", 204, "wrong_amount"),
        ("merchant", 400, None),
        ("app", 400, None),
        ("currency", 400, None),
        ("signature", 403, "bad_signature"),
        ("probe", 403, "bad_signature"),
        ("serial", 403, "bad_signature"),
        ("old", 403, "bad_signature"),
    ],
)
def test_notice__that_is_wrong__credits_nothing(
    server: PaymentServer, keys: Keys, client: Client, trick: str, status: int, outcome: str | None
):
    payment = make_order(make_merchant(keys))
    open_order(payment, DESK)
    pay(server, payment, trick)
    assert deliver(server, client) == [200 if status == 204 else status]
    payment.refresh_from_db()
    assert (payment.status, outcomes()) == ("pending", [outcome] if outcome else [])
