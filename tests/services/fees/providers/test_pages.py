"""Paying on pages: inside WeChat with an openid, by a code, at the counter; entering a merchant."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from community.core.errors import ActionError
from community.core.models import AuditRecord
from community.demo.payments.keys import APP_ID, MERCHANT, Keys
from community.demo.payments.server import PaymentServer
from services.fees import actions
from services.fees.models import MerchantAccount, Payment
from tests.community.admin_pages import signed_in
from tests.factories import make_bill, make_cashier, make_company, make_estate, make_home, make_user
from tests.support.practice import make_merchant, make_order, pay

pytestmark = pytest.mark.django_db
IN_WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0"}
ON_PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"}


def test_go__inside_wechat__finds_the_openid_out_and_hands_over_to_the_bridge(
    server: PaymentServer, keys: Keys, client: Client, settings: Any
):
    settings.WECHAT_OPEN_URL = settings.WECHAT_API_URL = server.address
    payment = make_order(make_merchant(keys))
    client.force_login(payment.payer)
    go = reverse("payment_go", args=[payment.pk])
    asked = client.get(go, headers=IN_WECHAT)["Location"]
    assert asked.startswith(f"{server.address}/connect/oauth2/authorize?appid={APP_ID}&redirect_uri=")
    assert asked.endswith("#wechat_redirect")
    state = parse_qs(urlsplit(asked).query)["state"][0]
    back = reverse("payment_openid", args=[payment.pk])
    # Another's state and a made-up openid are refused.
    assert client.get(back, {"code": "x", "state": "other"})["Location"].endswith(f"/payments/{payment.pk}/")
    for fault in ("snapshot", ""):
        state = parse_qs(urlsplit(client.get(go, headers=IN_WECHAT)["Location"]).query)["state"][0]
        code = server.platform.state.new_code(APP_ID, "oPerson0001", is_snapshot=fault == "snapshot")
        answer = client.get(back, {"code": code, "state": state})
        is_known = answer["Location"] == go
        assert is_known is (fault == "")
    page = client.get(go, headers=IN_WECHAT).content.decode()
    assert "data-bridge=" in page
    assert "prepay_id=" in page
    order = server.store.order(payment.order_number)
    assert order is not None and order["openid"] == "oPerson0001"  # noqa: PT018


def test_go__on_a_desktop__shows_a_code_and_on_a_phone_leads_on(
    server: PaymentServer, keys: Keys, client: Client
):
    merchant = make_merchant(keys)
    payment = make_order(merchant)
    client.force_login(payment.payer)
    page = client.get(reverse("payment_go", args=[payment.pk])).content.decode()
    assert "<svg" in page
    # The code stays while the payment waits, whatever else changes.
    live = re.search(r'data-live-url="([^"]+)"', page)[1]  # type: ignore[index]
    assert client.get(live).status_code == 204
    assert f'data-until="{int(payment.expires_at.timestamp())}"' in page
    other = make_order(merchant)
    client.force_login(other.payer)
    answer = client.get(reverse("payment_go", args=[other.pk]), headers=ON_PHONE)
    assert answer["Location"].startswith(f"{server.address}/pay/h5?prepay_id=")
    assert "redirect_url=" in answer["Location"]
    assert answer["Referrer-Policy"] == "origin"


def test_counter__code__makes_a_payment_that_is_found_paid(server: PaymentServer, keys: Keys, client: Client):
    estate = make_estate(company=make_merchant(keys).company)
    bill = make_bill(home=make_home(estate=estate))
    client.force_login(make_cashier(estate=estate, float_fen=None))
    counter = reverse("fees_counter", args=[bill.home.pk])
    key = re.search(r'name="key" value="([^"]+)"', client.get(counter).content.decode())[1]  # type: ignore[index]
    typed = {"key": key, "way": "code", "payer": "other", "payer_name": "王强"}
    typed |= {f"tick_{bill.pk}": "on", f"amount_{bill.pk}": "231.48"}
    answer = client.post(counter, typed)
    payment = Payment.objects.get()
    assert answer["Location"] == reverse("fees_code", args=[payment.pk])
    assert (payment.channel, payment.amount_fen, payment.status) == ("wechat", 23148, "pending")
    assert "<svg" in client.get(answer["Location"]).content.decode()
    pay(server, payment)
    paid = client.post(reverse("fees_code_ask", args=[payment.pk]))
    assert paid["Location"] == reverse("fees_payment", args=[payment.pk])
    payment.refresh_from_db()
    assert payment.status == "paid"


def test_counter__code_given_up__names_the_cashier(
    server: PaymentServer, keys: Keys, client: Client, settings: Any
):
    payment = make_order(make_merchant(keys))
    cashier = make_cashier(estate=payment.estate, float_fen=None)
    client.force_login(cashier)
    ask = reverse("fees_code_ask", args=[payment.pk])
    settings.WECHATPAY_URL = "http://127.0.0.1:9"
    assert client.post(ask, {"close": "1"})["Location"] == reverse("fees_code", args=[payment.pk])
    settings.WECHATPAY_URL = server.address
    assert client.post(ask, {"close": "1"})["Location"] == reverse("fees_payment", args=[payment.pk])
    closed = payment.history.get(to_status="closed")
    assert closed.actor == cashier
    client.force_login(make_cashier(estate=make_estate(), float_fen=None))
    assert client.post(ask, {"close": "1"}).status_code == 404


def _typed(keys: Keys, **overrides: str) -> dict[str, str]:
    secrets = json.loads(keys.wechat_credentials())
    secrets["certificate_serial"] = keys.certificates["wechat_merchant"]
    typed = {f"wechat_{name}": value for name, value in secrets.items()}
    typed |= {"provider": "wechat", "merchant_number": MERCHANT, "app_id": APP_ID, "is_on": "on"}
    return typed | overrides


def test_admin__merchant__is_entered_checked_tried_and_never_shown(server: PaymentServer, keys: Keys):
    client = signed_in(make_user(username="admin", is_staff=True, is_superuser=True))
    add = reverse("admin:fees_merchantaccount_add")
    company = str(make_company().pk)
    for name, wrong in (
        ("wechat_private_key", "-----BEGIN PRIVATE KEY-----\nx"),
        ("wechat_apiv3_key", "short"),
        ("wechat_certificate_serial", keys.certificates["alipay_app"]),
        ("wechat_public_key_id", ""),
    ):
        client.post(add, _typed(keys, company=company, **{name: wrong}))
        assert not MerchantAccount.objects.exists(), name
    client.post(add, _typed(keys, company=company))
    merchant = MerchantAccount.objects.get()
    assert merchant.secrets["certificate_serial"] == keys.serials["wechat_merchant"]
    url = reverse("admin:fees_merchantaccount_change", args=[merchant.pk])
    page = client.get(url).content.decode()
    assert keys.apiv3_key not in page
    assert "PRIVATE KEY-----" not in page
    record = AuditRecord.objects.filter(action="office.added").latest("pk")
    assert keys.apiv3_key not in str(record.detail)
    # An empty field keeps its key.
    client.post(url, {"app_id": APP_ID, "is_on": "on"})
    merchant.refresh_from_db()
    assert merchant.secrets["apiv3_key"] == keys.apiv3_key


def test_try__says_in_words_what_is_wrong(server: PaymentServer, keys: Keys):
    merchant = make_merchant(keys)
    actions.try_merchant(merchant=merchant)
    alipay = make_merchant(keys, "alipay")
    actions.try_merchant(merchant=alipay)
    for name, value in {"certificate_serial": "5A" * 20, "private_key": keys.alipay_app}.items():
        merchant.credentials = json.dumps(json.loads(keys.wechat_credentials()) | {name: value})
        assert "私钥" in refusal(merchant)
    alipay.app_id = "2021000000000000"
    assert refusal(alipay) == "支付宝没有这个应用。"


def refusal(merchant: MerchantAccount) -> str:
    with pytest.raises(ActionError) as caught:
        actions.try_merchant(merchant=merchant)
    return str(caught.value.message)
