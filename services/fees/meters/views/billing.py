"""Office pages that bill meters: the run of a month, shared costs, tiers."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Approval
from accounts.policies import estates_of
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services import fees
from services.fees import labels, policies
from services.fees.meters import actions, usage
from services.fees.meters.forms.staff import TIERS, MeteredRunForm, ShareForm, TiersForm
from services.fees.models import BillingRun, BillLine, FeeItem, SharedCost, Tariff
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

SAMPLES = 20
LEFT_OUT = 200


@fees_staff_only
@require_http_methods(["GET", "POST"])
def runs(request: SignedInRequest) -> HttpResponse:
    """Shows the runs of metered fees, and the form of a new one, which begins with a preview."""
    estate, estates = chosen_fees_estate(request)
    form = MeteredRunForm(request.POST if request.method == "POST" else None, estate=estate)
    if request.method == "POST":
        policies.require("bill", request.user, estate.pk)
        if form.is_valid():
            try:
                run = actions.preview_metered_run(by=request.user, now=clock.now(), **form.cleaned_data)
            except ActionError as error:
                show_refusal(form, error)
            else:
                return redirect("meter_run", run.pk)
    rows, older = newest_first(
        BillingRun.objects.filter(estate=estate, item__basis__in=FeeItem.METERED).select_related(
            "item", "begun_by"
        ),
        before=request.GET.get("before", ""),
    )
    context = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "runs": rows,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "may_bill": policies.may("bill", request.user, estate.pk),
        "items": FeeItem.objects.filter(estate=estate, basis=FeeItem.Basis.METER, is_active=True),
    }
    return render(request, "fees/staff/meter_runs.html", context, status=422 if form.errors else 200)


def _run(request: SignedInRequest, pk: int) -> BillingRun:
    estates = estates_of(request.user, *FEES_STAFF)
    rows = BillingRun.objects.filter(estate__in=estates, item__basis__in=FeeItem.METERED)
    return get_object_or_404(rows.select_related("item", "estate", "begun_by"), pk=pk)


@fees_staff_only
@require_GET
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the figures of a preview and the homes left out; any other run has its usual page."""
    found = _run(request, pk)
    if found.status != BillingRun.Status.PREVIEW:
        return redirect("billing_run", pk)
    computed = usage.compute(found.item, found.period)
    lines = found.usage_lines.select_related(
        "home__entrance__building", "meter", "from_reading", "to_reading"
    )
    context = {
        "run": found,
        "estate": found.estate,
        "to_make": found.usage_lines.aggregate(homes=Count("home", distinct=True))["homes"],
        "already": len(usage.homes_done(found.item, found.period)),
        "unused": computed.unused,
        "left_out": computed.left_out[:LEFT_OUT],
        "left_out_count": len(computed.left_out),
        "lines": lines.order_by("home", "number")[:SAMPLES],
        "may_bill": policies.may("bill", request.user, found.estate_id),
    }
    return render(request, "fees/staff/meter_run.html", context)


@fees_staff_only
@require_POST
def start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts a run as it was previewed. Repeating it makes no bill twice."""
    found = _run(request, pk)
    try:
        actions.start_metered_run(run=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("meter_run", pk)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def shared(request: SignedInRequest) -> HttpResponse:
    """Shows the shared costs, and divides a new one among homes."""
    estate, estates = chosen_fees_estate(request)
    form = ShareForm(request.POST if request.method == "POST" else None, estate=estate)
    if request.method == "POST":
        policies.require("bill", request.user, estate.pk)
        if form.is_valid():
            try:
                cost = actions.share_cost(
                    actions.Share(**form.cleaned_data), by=request.user, now=clock.now()
                )
            except ActionError as error:
                show_refusal(form, error)
            else:
                return redirect("fees_shared_cost", cost.pk)
    rows, older = newest_first(
        SharedCost.objects.filter(estate=estate).select_related("item", "building", "by"),
        before=request.GET.get("before", ""),
    )
    context = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "costs": rows,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "may_bill": policies.may("bill", request.user, estate.pk),
    }
    return render(request, "fees/staff/shared.html", context, status=422 if form.errors else 200)


def _cost(request: SignedInRequest, pk: int) -> SharedCost:
    rows = SharedCost.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("item", "building", "estate", "by"), pk=pk)


@fees_staff_only
@require_GET
def shared_cost(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a shared cost with the parts of all homes."""
    found = _cost(request, pk)
    parts = list(found.parts.select_related("home__entrance__building").order_by("pk"))
    context = {
        "divided_by": _divided_by(found),
        "cost": found,
        "estate": found.estate,
        "parts": [(part, labels.quantity(part.quantity_milli or 0, BillLine.Unit.AREA)) for part in parts],
        "by_area": found.split == SharedCost.Split.AREA and found.divided_by_milli,
        "sum_fen": sum(part.amount_fen for part in parts),
        "may_bill": policies.may("bill", request.user, found.estate_id),
    }
    return render(request, "fees/staff/shared_cost.html", context)


def _divided_by(cost: SharedCost) -> str:
    """Returns the floor area or the number of homes by which a cost is divided; empty for older ones."""
    milli = cost.divided_by_milli
    if milli is None:
        return ""
    if cost.split == SharedCost.Split.AREA:
        return labels.quantity(milli, BillLine.Unit.AREA)
    return ngettext("%(homes)s home", "%(homes)s homes", milli // 1000) % {"homes": milli // 1000}


@fees_staff_only
@require_POST
def drop_shared_cost(request: SignedInRequest, pk: int) -> HttpResponse:
    """Takes a shared cost back while it is not billed."""
    try:
        actions.drop_cost(cost=_cost(request, pk), by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("fees_shared_cost", pk)
    messages.success(request, _("The shared cost is taken back."))
    return redirect("fees_shared")


@fees_staff_only
@require_http_methods(["GET", "POST"])
@asks_again
def tiers(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows and sets the tiers of the newest tariff of a fee by meter."""
    estates = estates_of(request.user, *FEES_STAFF)
    items = FeeItem.objects.filter(estate__in=estates, basis=FeeItem.Basis.METER).select_related("estate")
    item = get_object_or_404(items, pk=pk)
    tariff = item.tariffs.order_by("-from_on").first()
    is_post = request.method == "POST"
    form = TiersForm(request.POST if is_post else None, initial=_tiers_of(item, tariff))
    if is_post:
        policies.require("set_tariff", request.user, item.estate_id)
        if tariff is None:
            form.add_error(None, _("Please set a rate first."))
        elif form.is_valid():
            given = {"tiers": form.tiers(), "tier_month": form.cleaned_data["tier_month"]}
            try:
                actions.ask_tiers(tariff=tariff, by=request.user, now=clock.now(), **given)
            except ActionError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("Asked. A second person has to agree."))
                return redirect("fees_tiers", pk)
    rows = [(form[f"above_{number}"], form[f"rate_{number}"]) for number in range(1, TIERS)]
    context = {
        "item": item,
        "estate": item.estate,
        "tariff": tariff,
        "form": form,
        "rows": rows,
        "waiting": Approval.objects.waiting().about_row(fees.TIERS, tariff.pk) if tariff else [],
        "may_set": policies.may("set_tariff", request.user, item.estate_id),
    }
    return render(request, "fees/staff/tiers.html", context, status=422 if form.errors else 200)


def _tiers_of(item: FeeItem, tariff: Tariff | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"tier_month": item.tier_month}
    rows = tariff.tiers.order_by("above_milli") if tariff else ()
    for number, tier in enumerate(rows, 1):
        initial |= {f"above_{number}": tier.above_milli, f"rate_{number}": tier.rate_hao}
    return initial
