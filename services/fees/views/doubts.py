"""Pages of doubts: reports of providers that do not fit, refused refunds, cash refunds to approve."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Estate
from services.fees import actions, policies, queries
from services.fees.forms.staff import DeclineForm, ResolveDoubtForm
from services.fees.models import ProviderNotice, Refund
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

SHOWN = 100
RELATED = ("payment__home__entrance__building", "payment__payer", "payment__made_by")


@fees_staff_only
@require_GET
def doubts(request: SignedInRequest) -> HttpResponse:
    """Shows everything that waits for a cashier, the latest first."""
    estate, estates = chosen_fees_estate(request)
    return render(request, "fees/staff/doubts.html", _page_context(request, estate) | {"estates": estates})


def _page_context(
    request: SignedInRequest, estate: Estate, failed: ResolveDoubtForm | None = None
) -> dict[str, Any]:
    notices = list(queries.doubts_in([estate]).select_related(*RELATED)[:SHOWN])
    return {
        "estate": estate,
        "doubts": [
            (notice, failed if failed and failed.of == notice.pk else ResolveDoubtForm(of=notice.pk))
            for notice in notices
        ],
        "refunds": queries.refused_refunds_in([estate]).select_related(*RELATED, "made_by")[:SHOWN],
        "asked": [
            (refund, policies.may_approve(request.user, refund), DeclineForm(of=refund.pk))
            for refund in queries.asked_refunds_in([estate]).select_related(*RELATED, "made_by")[:SHOWN]
        ],
        "topics": [actions.takings_topic(estate.pk)],
        "may_resolve_doubts": policies.may("resolve_doubt", request.user, estate.pk),
    }


@fees_staff_only
@require_POST
def resolve_doubt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Records what was done about a doubt."""
    rows = ProviderNotice.objects.filter(
        payment__estate__in=estates_of(request.user, *FEES_STAFF), outcome__in=ProviderNotice.DOUBTS
    )
    notice = get_object_or_404(rows.select_related("payment__estate"), pk=pk)
    assert notice.payment is not None
    estate = notice.payment.estate
    policies.require("resolve_doubt", request.user, estate.pk)
    form = ResolveDoubtForm(request.POST, of=pk)
    if not form.is_valid():
        return render(request, "fees/staff/doubts.html", _page_context(request, estate, form), status=422)
    actions.resolve_doubt(notice=notice, words=form.cleaned_data["words"], by=request.user, now=clock.now())
    messages.success(request, _("Noted."))
    return redirect(_list_url(estate))


@fees_staff_only
@require_POST
def refund_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sends a refund again that the provider had refused."""
    rows = Refund.objects.filter(payment__estate__in=estates_of(request.user, *FEES_STAFF))
    found = get_object_or_404(rows.select_related("payment__estate", "payment__payer"), payment=pk)
    actions.try_refund_again(refund=found, by=request.user, now=clock.now())
    messages.success(request, _("The payment service is asked once more."))
    return redirect(_list_url(found.payment.estate))


# -- Cash refunds wait for a second person


def _refund(request: SignedInRequest, pk: int) -> Refund:
    rows = Refund.objects.filter(payment__estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("payment__estate", "payment__payer", "made_by"), payment=pk)


@fees_staff_only
@require_POST
def approve_refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approves a cash refund as the second person."""
    found = _refund(request, pk)
    try:
        actions.approve_refund(refund=found, by=request.user, now=clock.now())
        messages.success(request, _("Agreed. Please hand out the cash; the household is told."))
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("fees_payment", pk)


@fees_staff_only
@require_POST
def decline_refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines or withdraws a cash refund, with a reason."""
    found = _refund(request, pk)
    policies.require("refund", request.user, found.payment.estate_id)
    form = DeclineForm(request.POST, of=found.pk)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.decline_refund(refund=found, by=request.user, reason=reason, now=clock.now())
        messages.success(request, _("Noted. Nothing was given back."))
    else:
        messages.error(request, _("Please write why."))
    return redirect("fees_payment", pk)


def _list_url(estate: Estate) -> str:
    return f"{reverse('fees_doubts')}?estate={estate.pk}"
