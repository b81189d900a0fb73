"""Money that does not fit: what a provider says otherwise, and what could not be paid back."""

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
from services.fees.forms.staff import DeclineForm, SeenForm
from services.fees.models import ProviderNotice, Refund
from services.fees.roles import COUNTING
from services.fees.views.access import counted_estate, counting_only

SHOWN = 100
OF_HOME = ("payment__home__entrance__building", "payment__payer", "payment__made_by")


@counting_only
@require_GET
def doubts(request: SignedInRequest) -> HttpResponse:
    """All that waits, the latest first."""
    estate, estates = counted_estate(request)
    return render(request, "fees/staff/doubts.html", _page_context(request, estate) | {"estates": estates})


def _page_context(request: SignedInRequest, estate: Estate, failed: SeenForm | None = None) -> dict[str, Any]:
    notices = list(queries.doubts_in([estate]).select_related(*OF_HOME)[:SHOWN])
    return {
        "estate": estate,
        "doubts": [
            (one, failed if failed and failed.of == one.pk else SeenForm(of=one.pk)) for one in notices
        ],
        "refunds": queries.refused_refunds_in([estate]).select_related(*OF_HOME, "made_by")[:SHOWN],
        "asked": [
            (one, policies.may_approve(request.user, one), DeclineForm(of=one.pk))
            for one in queries.asked_refunds_in([estate]).select_related(*OF_HOME, "made_by")[:SHOWN]
        ],
        "topics": [actions.takings_topic(estate.pk)],
        "may_resolve_doubts": policies.may("resolve_doubt", request.user, estate.pk),
    }


@counting_only
@require_POST
def resolve_doubt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Looked into, with what was done."""
    rows = ProviderNotice.objects.filter(
        payment__estate__in=estates_of(request.user, *COUNTING), outcome__in=ProviderNotice.DOUBTS
    )
    notice = get_object_or_404(rows.select_related("payment__estate"), pk=pk)
    assert notice.payment is not None
    estate = notice.payment.estate
    policies.require("resolve_doubt", request.user, estate.pk)
    form = SeenForm(request.POST, of=pk)
    if not form.is_valid():
        return render(request, "fees/staff/doubts.html", _page_context(request, estate, form), status=422)
    actions.resolve_doubt(notice=notice, words=form.cleaned_data["words"], by=request.user, now=clock.now())
    messages.success(request, _("Noted."))
    return redirect(_list_of(estate))


@counting_only
@require_POST
def refund_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """The provider had refused to pay it back: ask it once more."""
    rows = Refund.objects.filter(payment__estate__in=estates_of(request.user, *COUNTING))
    found = get_object_or_404(rows.select_related("payment__estate", "payment__payer"), payment=pk)
    actions.try_refund_again(refund=found, by=request.user, now=clock.now())
    messages.success(request, _("The payment service is asked once more."))
    return redirect(_list_of(found.payment.estate))


# -- Cash waits for a second person


def _asked(request: SignedInRequest, pk: int) -> Refund:
    rows = Refund.objects.filter(payment__estate__in=estates_of(request.user, *COUNTING))
    return get_object_or_404(rows.select_related("payment__estate", "payment__payer", "made_by"), payment=pk)


@counting_only
@require_POST
def approve_refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person says yes."""
    found = _asked(request, pk)
    try:
        actions.approve_refund(refund=found, by=request.user, now=clock.now())
        messages.success(request, _("Agreed. Please hand out the cash; the household is told."))
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("fees_payment", pk)


@counting_only
@require_POST
def decline_refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second person says no, or who asked takes it back; with a reason."""
    found = _asked(request, pk)
    policies.require("refund", request.user, found.payment.estate_id)
    form = DeclineForm(request.POST, of=found.pk)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.decline_refund(refund=found, by=request.user, reason=reason, now=clock.now())
        messages.success(request, _("Noted. Nothing was given back."))
    else:
        messages.error(request, _("Please write why."))
    return redirect("fees_payment", pk)


def _list_of(estate: Estate) -> str:
    return f"{reverse('fees_checks')}?estate={estate.pk}"
