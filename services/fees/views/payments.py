"""Pages of a payment that has begun: to the provider and back, its state, its receipt, taking it back."""

import logging
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from community.core import clock, limits
from community.core.errors import ActionError, Forbidden, TooMany
from community.core.limit_table import ASK_PROVIDER, PAY_BACK, RECEIPT
from community.wechat import openids
from services.common.satisfaction import open_question
from services.fees import actions, policies, receipt_pictures, receipts
from services.fees.clients import client_of
from services.fees.models import MerchantAccount, Payment, Refund
from services.fees.pay_here import pay_here_context
from services.fees.providers.base import Client, Redirect

logger = logging.getLogger(__name__)
Status = Payment.Status


def _payment(request: SignedInRequest, pk: int) -> Payment:
    rows = Payment.objects.visible_to(request.user).select_related(
        "home__entrance__building__estate", "payer", "made_by", "estate", "moved_from", "merchant"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def go(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leads to the provider: by a redirect, a code to scan, or WeChat's bridge; a payment that has ended shows its
    own page.
    """
    payment = _payment(request, pk)
    if payment.status != Status.PENDING or not policies.may_act_for_payer(request.user, payment):
        return redirect("payment", pk=pk)
    if asked := _openid_address(request, payment):
        return redirect(asked)
    try:
        order = actions.open_order(payment=payment, client=_client(request, payment), now=clock.now())
    except ActionError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("payment", pk=pk)
    if isinstance(order, Redirect):
        answer = redirect(order.url)
        # WeChat opens its page only for the domain that the merchant has registered.
        answer["Referrer-Policy"] = "origin"
        return answer
    return render(request, "fees/pay_here.html", pay_here_context(payment, order))


def _client(request: SignedInRequest, payment: Payment) -> Client:
    openid = openids.openid_in(request.session, payment.merchant.app_id) if payment.merchant else ""
    return replace(client_of(request), openid=openid)


def _openid_address(request: SignedInRequest, payment: Payment) -> str:
    """Returns WeChat's address that finds out the payer's openid; empty where it is known or not needed."""
    client, merchant = _client(request, payment), payment.merchant
    is_needed = client.is_in_wechat and payment.channel == MerchantAccount.Provider.WECHAT
    if merchant is None or not is_needed or client.openid or not merchant.secrets.get("app_secret"):
        return ""
    back = settings.PUBLIC_URL + reverse("payment_openid", args=[payment.pk])
    return openids.begin(request.session, merchant.app_id, back)


@login_required
@require_GET
def openid(request: SignedInRequest, pk: int) -> HttpResponse:
    """Receives the browser back from WeChat with a code for the payer's openid, and goes on to pay."""
    payment = _payment(request, pk)
    merchant = payment.merchant
    if merchant is None or not policies.may_act_for_payer(request.user, payment):
        return redirect("payment", pk=pk)
    given = {name: request.GET.get(name, "") for name in ("code", "state")}
    try:
        openids.finish(request.session, merchant.app_id, merchant.secrets.get("app_secret", ""), **given)
    except openids.NoOpenid as problem:
        logger.warning("fees: no openid for %s: %s", merchant, problem.reason)
        messages.error(request, _("WeChat did not open the payment. Please try again or choose another way."))
        return redirect("payment", pk=pk)
    return redirect("payment_go", pk=pk)


@login_required
@require_GET
def payment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a payment; a waiting one is queried at the provider, within a limit of time."""
    return render(request, "fees/payment.html", _page_context(request, pk))


@login_required
@require_GET
def payment_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch; nothing new for a page that shows a code or
    WeChat's bridge while the payment waits.
    """
    if "here" in request.GET and _payment(request, pk).status == Status.PENDING:
        return HttpResponse(status=204)
    return render(request, "fees/payment_live.html", _page_context(request, pk))


def _may_ask(pk: int) -> bool:
    """Whether the provider may be queried now: repeated taps must not query it each time."""
    try:
        limits.hit(ASK_PROVIDER, pk)
    except TooMany:
        return False
    return True


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = _payment(request, pk)
    if found.status == Status.PENDING and _may_ask(pk):
        actions.query_provider(payment=found, now=clock.now())
        found = _payment(request, pk)
    own = policies.may_act_for_payer(request.user, found)
    lines = found.lines.select_related("bill") if found.left_fen else ()
    refunds = found.refunds.exclude(status=Refund.Status.DECLINED).prefetch_related("lines__line__bill__item")
    return {
        "payment": found,
        "receipt": receipts.receipt_of(found) if found.status in Payment.RECEIVED else None,
        "refunds": list(refunds) if found.paid_at else [],
        "is_online": not found.origin.is_at_counter,
        "question": open_question(found.ref, user=request.user),
        "left_fen": sum(line.bill.unpaid_fen for line in lines),
        "may_pay": own and found.status == Status.PENDING,
        "may_take_back": policies.may_take_back(request.user, found, clock.now()),
    }


@login_required
@require_POST
def give_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """Closes a waiting payment, at the provider too."""
    found = _payment(request, pk)
    if not policies.may_act_for_payer(request.user, found):
        raise Forbidden
    actions.close_payment(payment=found, by=request.user, now=clock.now())
    return redirect("payment", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refunds a payment within ten minutes, after a confirmation page."""
    found = _payment(request, pk)
    if request.method == "POST":
        limits.hit(PAY_BACK, request.user.pk)
        actions.request_refund(payment=found, by=request.user, reason="", now=clock.now())
        messages.success(request, _("The money goes back the way it came."))
        return redirect("payment", pk=pk)
    if not policies.may_take_back(request.user, found, clock.now()):
        return redirect("payment", pk=pk)
    return render(request, "fees/take_back.html", {"payment": found})


def _payment_with_receipt(request: SignedInRequest, pk: int) -> Payment:
    """Returns a payment that the user may see; raises ``Http404`` for one that was not paid."""
    found = _payment(request, pk)
    if found.status not in Payment.RECEIVED:
        raise Http404
    return found


@login_required
@require_GET
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the receipt as a picture that a phone can keep, with the PDF for printing."""
    found = _payment_with_receipt(request, pk)
    return render(
        request, "fees/receipt_page.html", {"payment": found, "receipt": receipts.receipt_of(found)}
    )


@login_required
@require_GET
def receipt_picture(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the picture of the receipt to everyone who may see the payment."""
    found = _payment_with_receipt(request, pk)
    limits.hit(RECEIPT, request.user.pk)
    answer = HttpResponse(receipt_pictures.receipt_picture(found), content_type="image/png")
    answer["Content-Disposition"] = f'inline; filename="{found.reference}.png"'
    return answer


@login_required
@require_GET
def receipt_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the receipt as PDF to everyone who may see the payment."""
    found = _payment_with_receipt(request, pk)
    limits.hit(RECEIPT, request.user.pk)
    return pdf_response(receipts.receipt_pdf(found), found)


def pdf_response(content: bytes, payment: Payment) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{payment.reference}.pdf"'
    return response
