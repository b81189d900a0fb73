"""A payment after it was begun: to the provider and back, its page, its receipt, taking it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from community.core import clock, limits
from community.core.errors import ActionError, Forbidden, TooMany
from community.core.limit_table import ASK_PROVIDER, PAY_BACK, RECEIPT
from services.common.satisfaction import open_question
from services.fees import actions, policies, receipts
from services.fees.models import Payment

Status = Payment.Status


def _payment(request: SignedInRequest, pk: int) -> Payment:
    rows = Payment.objects.visible_to(request.user).select_related(
        "home__entrance__building__estate", "payer", "made_by", "estate", "refund"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def go(request: SignedInRequest, pk: int) -> HttpResponse:
    """On to the provider's page; a payment that is over shows its own."""
    payment = _payment(request, pk)
    if payment.status != Status.PENDING or not policies.stands_for_payer(request.user, payment):
        return redirect("payment", pk=pk)
    try:
        return redirect(actions.way_to_pay(payment=payment))
    except ActionError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("payment", pk=pk)


@login_required
@require_GET
def payment(request: SignedInRequest, pk: int) -> HttpResponse:
    """How a payment stands; one that waits is asked about at the provider, never for long."""
    return render(request, "fees/payment.html", _page_context(request, pk))


@login_required
@require_GET
def payment_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page, as its open copies fetch it."""
    return render(request, "fees/payment_live.html", _page_context(request, pk))


def _may_ask(pk: int) -> bool:
    """Somebody who taps again and again does not call the provider each time."""
    try:
        limits.hit(ASK_PROVIDER, pk)
    except TooMany:
        return False
    return True


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = _payment(request, pk)
    if found.status == Status.PENDING and _may_ask(pk):
        actions.ask_provider(payment=found, now=clock.now())
        found = _payment(request, pk)
    own = policies.stands_for_payer(request.user, found)
    lines = found.lines.select_related("bill") if found.status == Status.PAID else ()
    return {
        "payment": found,
        "receipt": receipts.read(found) if found.status in (Status.PAID, Status.REFUNDED) else None,
        "question": open_question(found.ref, user=request.user),
        "left_fen": sum(line.bill.unpaid_fen for line in lines),
        "may_pay": own and found.status == Status.PENDING,
        "may_take_back": policies.may_take_back(request.user, found, clock.now()),
    }


@login_required
@require_POST
def give_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """Not now: the provider is told to take no money for it any more."""
    found = _payment(request, pk)
    if not policies.stands_for_payer(request.user, found):
        raise Forbidden
    actions.give_up(payment=found, by=request.user, now=clock.now())
    return redirect("payment", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Within ten minutes the money goes back the way it came; asked before it is done."""
    found = _payment(request, pk)
    if request.method == "POST":
        limits.hit(PAY_BACK, request.user.pk)
        actions.ask_back(payment=found, by=request.user, reason="", now=clock.now())
        messages.success(request, _("The money goes back the way it came."))
        return redirect("payment", pk=pk)
    if not policies.may_take_back(request.user, found, clock.now()):
        return redirect("payment", pk=pk)
    return render(request, "fees/take_back.html", {"payment": found})


@login_required
@require_GET
def receipt_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The receipt, for whoever sees the payment; only of money that came."""
    found = _payment(request, pk)
    if found.status not in (Status.PAID, Status.REFUNDED):
        raise Http404
    limits.hit(RECEIPT, request.user.pk)
    return pdf_response(receipts.receipt_pdf(found), found)


def pdf_response(content: bytes, payment: Payment) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{payment.reference}.pdf"'
    return response
