"""The demo's payments on line at its own payment server, as if they had been made and paid there."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from community.demo.payments.keys import kept_keys
from community.demo.payments.shared import Shared
from community.demo.payments.store import Store
from services.fees.models import MerchantAccount, Payment, Refund

# Kinds of orders that residents' phones make.
KINDS = {"wechat": "h5", "alipay": "wap"}
# How long the money of a refund that was accepted is on its way.
ON_ITS_WAY = timedelta(days=2)


def open_server() -> Shared:
    """Returns the tables of the demo's payment server, on which its pages do not serve yet."""
    return Shared(kept_keys(settings.DATA_DIR), Store(settings.DATA_DIR / "payments.sqlite3"))


def write_orders(shared: Shared) -> None:
    """Writes the orders of all payments on line, and their refunds; orders of before are forgotten."""
    shared.store.empty()
    payments = Payment.objects.exclude(merchant=None).select_related("merchant", "estate").order_by("pk")
    shared.store.add_all("orders", [order(payment) for payment in payments])
    refunds = Refund.objects.with_source().filter(channel__in=KINDS, booked_at__isnull=False)
    shared.store.add_all("refunds", [_refund(refund) for refund in refunds.order_by("pk")])


def order(payment: Payment) -> dict[str, Any]:
    """Returns the row of a payment that was paid."""
    assert payment.merchant is not None
    assert payment.paid_at is not None
    subject = f"{payment.estate} {payment.reference}"
    return paid_order(payment.merchant, payment.order_number, subject) | {
        "amount": payment.amount_fen,
        "paid_number": payment.provider_number,
        "created_at": payment.created_at.timestamp(),
        "expires_at": payment.paid_at.timestamp(),
        "paid_at": payment.paid_at.timestamp(),
    }


def paid_order(merchant: MerchantAccount, number: str, subject: str) -> dict[str, Any]:
    """Returns what is the same in all rows of orders of a merchant."""
    return {
        "number": number,
        "provider": merchant.provider,
        "kind": KINDS[merchant.provider],
        "token": f"wx{number}",
        "merchant": merchant.merchant_number,
        "app": merchant.app_id,
        "subject": subject,
        "notify_url": "",
        "state": "paid",
    }


def refund_number(refund: Refund) -> str:
    """Returns the provider's number of a refund; Alipay has none of its own."""
    return f"503{refund.pk:018d}" if refund.channel == "wechat" else refund.order_number


def _refund(refund: Refund) -> dict[str, Any]:
    assert refund.booked_at is not None
    is_done = refund.status == Refund.Status.DONE
    at = refund.booked_at if is_done else refund.booked_at + ON_ITS_WAY
    return {
        "number": refund.order_number,
        "order_number": refund.of_payment.origin.order_number,
        "provider_number": refund_number(refund),
        "amount": refund.amount_fen,
        "state": "SUCCESS" if is_done else "PROCESSING",
        "notify_url": "",
        "at": at.timestamp(),
    }
