"""The local payment server in a thread, and the merchants that use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from community.core import clock
from community.demo.payments import keys as practice_keys
from community.demo.payments.keys import Keys
from community.demo.payments.notices import Call
from community.demo.payments.server import PaymentServer
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.providers import base
from tests.factories import make_bill, make_company, make_estate, make_home, make_payment

# Short keys are made ten times faster.
BITS = 1024
DESK = base.Client("203.0.113.9", "Mozilla/5.0 (X11; Linux x86_64)")
PHONE = base.Client("203.0.113.9", "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36")
IN_WECHAT = base.Client("203.0.113.9", "Mozilla/5.0 Mobile MicroMessenger/8.0", openid="oPractice1")


@contextmanager
def running(keys: Keys, folder: Path) -> Iterator[PaymentServer]:
    server = PaymentServer(keys, folder / "payments.sqlite3", clock=lambda: clock.now().timestamp())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def make_merchant(keys: Keys, provider: str = "wechat", **overrides: Any) -> MerchantAccount:
    """A merchant as the local server knows it; ``by_certificates`` chooses how it verifies."""
    by_certificates = overrides.pop("by_certificates", False)
    if provider == "wechat":
        own = practice_keys.MERCHANT, practice_keys.APP_ID
        credentials = keys.wechat_credentials(by_certificates=by_certificates)
    else:
        own = practice_keys.SELLER, practice_keys.ALIPAY_APP
        credentials = keys.alipay_credentials(by_certificates=by_certificates)
    values: dict[str, Any] = {"merchant_number": own[0], "app_id": own[1], "credentials": credentials}
    values |= {"company": make_company(), "provider": provider, "created_at": clock.now()}
    return MerchantAccount.objects.create(**(values | overrides))


def make_order(merchant: MerchantAccount, **overrides: Any) -> Payment:
    """A payment that waits for its money at the merchant's provider."""
    bill = overrides.pop("bill", None)
    if bill is None:
        bill = make_bill(home=make_home(estate=make_estate(company=merchant.company)))
    return make_payment(bills=[bill], channel=merchant.provider, **overrides)


def pay(server: PaymentServer, payment: Payment, trick: str = "") -> None:
    """Pays as a visitor does on the server's page; the notices wait for ``deliver``."""
    order = server.store.order(payment.order_number)
    assert order is not None
    server.store.write("UPDATE orders SET is_born = 1 WHERE number = ?", order["number"])
    assert server.shared.pay(order, trick)


def deliver(server: PaymentServer, client: Client) -> list[int]:
    """Delivers the due notices to the pages of this process; returns the answers' statuses."""

    def post(call: Call) -> tuple[int, bytes]:
        headers = {name: value for name, value in call.headers.items() if name != "Content-Type"}
        kind = call.headers["Content-Type"]
        answer = client.post(urlsplit(call.url).path, call.body, content_type=kind, headers=headers)
        return answer.status_code, answer.content

    server.notices.post = post
    return server.notices.deliver_due()


def refund_of(payment: Payment, fen: int) -> Refund:
    """A refund that was booked and waits for its provider."""
    return Refund.objects.create(
        estate=payment.estate,
        home=payment.home,
        payment=payment,
        amount_fen=fen,
        channel=payment.channel,
        made_by=payment.made_by,
        created_at=clock.now(),
        status_changed_at=clock.now(),
    )
