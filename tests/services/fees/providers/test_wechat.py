"""WeChat Pay against the local server: orders, notices, refunds, in both ways to verify."""

from typing import Any

import pytest
from django.test import Client

from community.core import clock
from community.demo.payments.keys import Keys, make_certificate, serial_of
from community.demo.payments.server import PaymentServer
from services.fees import providers
from services.fees.models import MerchantAccount, Payment, ProviderNotice
from services.fees.providers.base import (
    Bridge,
    Code,
    LineKind,
    ProviderDown,
    ProviderRefused,
    Redirect,
    State,
    StatementBroken,
    StatementNotReady,
)
from tests.support.books import assert_in_balance
from tests.support.paying import open_order
from tests.support.practice import DESK, IN_WECHAT, PHONE, deliver, make_merchant, make_order, pay, refund_of

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


def paid_order(server: PaymentServer, merchant: MerchantAccount, client: Client) -> Payment:
    payment = make_order(merchant)
    open_order(payment, DESK)
    pay(server, payment)
    deliver(server, client)
    payment.refresh_from_db()
    return payment


def test_refund__in_parts_and_what_goes_wrong__is_followed(
    server: PaymentServer, merchant: MerchantAccount, client: Client
):
    payment = paid_order(server, merchant, client)
    part = refund_of(payment, 100)
    assert WECHAT.refund(part).state == State.WAITING
    assert WECHAT.refund(part).state == State.WAITING
    assert len(server.store.refunds_of(payment.order_number)) == 1
    done = WECHAT.query_refund(part)
    assert (done.state, done.amount_fen) == (State.PAID, 100)
    assert deliver(server, client) == [200]
    part.refresh_from_db()
    assert (part.status, part.provider_number) == ("done", done.number)
    # A part that went back leaves the payment paid.
    assert WECHAT.query(payment).state == State.PAID
    server.store.set_fault("refund", "NOT_ENOUGH")
    assert WECHAT.refund(refund_of(payment, 50)).state == State.FAILED
    server.store.set_fault("refund", "ABNORMAL")
    assert WECHAT.refund(refund_of(payment, 60)).state == State.FAILED
    server.store.set_fault("refund", "500")
    with pytest.raises(ProviderDown):
        WECHAT.refund(refund_of(payment, 70))
    assert WECHAT.refund(refund_of(payment, payment.amount_fen)).state == State.FAILED


def test_close__waiting_and_paid__says_which(server: PaymentServer, keys: Keys, client: Client):
    merchant = make_merchant(keys)
    payment = make_order(merchant)
    assert WECHAT.close(payment).state == State.CLOSED
    open_order(payment, DESK)
    assert WECHAT.close(payment).state == State.CLOSED
    assert WECHAT.query(payment).state == State.CLOSED
    assert WECHAT.close(paid_order(server, merchant, client)).state == State.PAID


def test_call__provider_broken__is_told_apart_from_a_refusal(server: PaymentServer, keys: Keys):
    payment = make_order(make_merchant(keys))
    for fault in ("500", "429"):
        server.store.set_fault("create", fault)
        with pytest.raises(ProviderDown):
            WECHAT.create(payment, DESK)
    assert isinstance(WECHAT.create(payment, DESK), Code)
    with pytest.raises(ProviderRefused, match="OUT_TRADE_NO_USED"):
        WECHAT.create(payment, PHONE)
    server.store.set_fault("query", "500")
    with pytest.raises(ProviderDown):
        WECHAT.query(payment)
    server.wechat.signature = lambda body, **kind: {}  # type: ignore[method-assign]
    with pytest.raises(ProviderDown, match="signature"):
        WECHAT.query(payment)


@pytest.mark.parametrize(
    ("body", "status"), [(b"no json", 403), (b"x" * 2_000_000, 413), (b"[]", 403), (b"\xff", 403)]
)
def test_notice__that_is_none__is_refused(
    server: PaymentServer, keys: Keys, client: Client, body: bytes, status: int
):
    merchant = make_merchant(keys)
    url = f"/fees/callbacks/wechat/{merchant.pk}/"
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["code"] == "FAIL"


def test_notice__signed_but_malformed__is_refused(server: PaymentServer, keys: Keys, client: Client):
    url = f"/fees/callbacks/wechat/{make_merchant(keys).pk}/"
    for body in (b"[]", b"{}", b"no json", b'{"event_type":"TRANSACTION.SUCCESS","resource":{}}'):
        headers = server.wechat.signature(body, by_key=True)
        assert client.post(url, body, content_type="application/json", headers=headers).status_code == 400


def test_notice__of_an_unknown_order__is_kept_and_credits_nothing(
    server: PaymentServer, keys: Keys, client: Client
):
    payment = make_order(make_merchant(keys))
    open_order(payment, DESK)
    pay(server, payment)
    Payment.objects.filter(pk=payment.pk).update(reference="P-000000-0000")
    assert deliver(server, client) == [200]
    assert outcomes() == ["unknown"]


def test_notice__by_an_expired_certificate__is_refused(server: PaymentServer, keys: Keys, client: Client):
    server.wechat.way = "certificates"
    expired = make_certificate(keys.private("wechat_platform"), "old", days=(-30, -1))
    server.wechat.certificates = {"wechat_platform": expired}
    keys.serials["wechat_platform"], kept = serial_of(expired), keys.serials["wechat_platform"]
    try:
        payment = make_order(make_merchant(keys, by_certificates=True))
        with pytest.raises(ProviderDown):
            WECHAT.create(payment, DESK)
        pay(server, payment)
        assert deliver(server, client) == [403]
    finally:
        keys.serials["wechat_platform"] = kept


def test_statement__of_a_day__has_its_lines_and_names_broken_ones(
    server: PaymentServer, merchant: MerchantAccount, client: Client
):
    today = clock.today(clock.now())
    assert WECHAT.statement(merchant, today).lines == []
    payment = paid_order(server, merchant, client)
    back = refund_of(payment, 100)
    WECHAT.refund(back)
    first, second = WECHAT.statement(merchant, today).lines
    assert (first.kind, first.order_number, first.number) == (
        LineKind.PAYMENT,
        payment.order_number,
        payment.provider_number,
    )
    assert (first.amount_fen, first.fee_fen) == (payment.amount_fen, 139)
    assert (second.kind, second.refund_number, second.amount_fen) == (LineKind.REFUND, back.order_number, 100)
    server.store.set_fault("statement", "CREATING")
    with pytest.raises(StatementNotReady):
        WECHAT.statement(merchant, today)
    server.store.set_fault("statement", "HASH")
    with pytest.raises(StatementBroken):
        WECHAT.statement(merchant, today)
    server.store.set_fault("statement", "LINE")
    broken = WECHAT.statement(merchant, today)
    assert [number for number, _why in broken.problems] == [2]
    assert len(broken.lines) == 1
