"""The code that a payer scans at the counter."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from community.core import clock, limits
from community.core.errors import ActionError, TooMany
from community.core.limit_table import ASK_PROVIDER
from services.fees import actions, policies
from services.fees.actions.counter import AT_COUNTER
from services.fees.models import Payment
from services.fees.pay_here import pay_here_context
from services.fees.views.access import fees_staff_only
from services.fees.views.counter import staff_payment


def _own(request: SignedInRequest, pk: int) -> Payment:
    """Returns a payment that may be taken by the user; raises ``Http404`` and ``Forbidden``."""
    found = staff_payment(request, pk)
    policies.require("take_payment", request.user, found.estate_id)
    return found


@fees_staff_only
@require_GET
def code(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the code of a waiting payment; one that has ended shows its own page."""
    found = _own(request, pk)
    if found.status != Payment.Status.PENDING or found.merchant is None:
        return redirect("fees_payment", pk)
    try:
        order = actions.open_order(payment=found, client=AT_COUNTER, now=clock.now())
    except ActionError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("fees_payment", pk)
    return render(request, "fees/staff/code.html", pay_here_context(found, order))


@fees_staff_only
@require_GET
def code_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders what became of the payment, which the open page fetches on a change; nothing while it waits."""
    found = _own(request, pk)
    if found.status == Payment.Status.PENDING:
        return HttpResponse(status=204)
    return render(request, "fees/staff/code_over.html", {"payment": found})


@fees_staff_only
@require_POST
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queries the provider about a waiting payment, or closes it."""
    found = _own(request, pk)
    try:
        limits.hit(ASK_PROVIDER, pk)
        if "close" in request.POST:
            actions.close_payment(payment=found, by=request.user, now=clock.now())
        else:
            actions.query_provider(payment=found, now=clock.now())
    except TooMany:
        pass
    except ActionError as refusal:
        messages.error(request, str(refusal.message))
    found.refresh_from_db()
    is_waiting = found.status == Payment.Status.PENDING
    return redirect("fees_code", pk) if is_waiting else redirect("fees_payment", pk)
