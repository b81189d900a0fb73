"""Pages of doubts: reports of providers that do not fit, refused refunds, refunds to approve."""

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
from community.estates.models import Estate
from services.fees import actions, policies, queries
from services.fees.forms.staff import ResolveDoubtForm
from services.fees.models import ProviderNotice
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only
from services.fees.views.refunds import refund_rows

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
        "refunds": [
            *refund_rows(request, queries.refused_refunds_in([estate]).with_source()[:SHOWN]),
            *refund_rows(request, queries.asked_refunds_in([estate]).with_source()[:SHOWN]),
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


def _list_url(estate: Estate) -> str:
    return f"{reverse('fees_doubts')}?estate={estate.pk}"
