"""The page on which a payment is made here: by WeChat's bridge, or by a code that the payer scans."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from services.fees.models import Payment
from services.fees.providers.base import Bridge, Code, Order


def pay_here_context(payment: Payment, order: Order) -> dict[str, Any]:
    """Returns the context of the page and of the counter's part for an order that is no redirect."""
    context: dict[str, Any] = {"payment": payment}
    if isinstance(order, Code):
        context |= {"code": code_picture(order.content), "practice_url": _practice_page(order, payment)}
    elif isinstance(order, Bridge):
        context |= {"bridge": json.dumps(order.parameters), "practice_url": _practice_bridge(order, payment)}
    return context


def code_picture(content: str) -> SafeString:
    """Returns the QR code as SVG; with attributes, since the page's policy allows no inline style."""
    code = segno.make(content, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=3, light="#fff", dark="#000"))  # noqa: S308


def _practice_page(order: Code, payment: Payment) -> str:
    """Returns the demo's page that stands for WeChat's scanner; empty outside the demo."""
    if not settings.PRACTICE_PAY_URL:
        return ""
    token = parse_qs(urlsplit(order.content).query).get("pr", [""])[0]
    back = settings.PUBLIC_URL + reverse("payment", args=[payment.pk])
    return f"{settings.PRACTICE_PAY_URL}/pay/native?{urlencode({'pr': token, 'redirect_url': back})}"


def _practice_bridge(order: Bridge, payment: Payment) -> str:
    """Returns the demo's page that acts WeChat's bridge for ordinary browsers; empty outside the demo."""
    if not settings.PRACTICE_PAY_URL:
        return ""
    back = settings.PUBLIC_URL + reverse("payment", args=[payment.pk])
    return f"{settings.PRACTICE_PAY_URL}/bridge?{urlencode({**order.parameters, 'back': back})}"
