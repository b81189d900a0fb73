"""Billing runs: choose a fee and a month → preview → confirm → progress → the bills."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Approval
from accounts.policies import estates_of
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import RUN_VOID, policies
from services.fees.billing import actions
from services.fees.billing.forms import RunForm
from services.fees.forms.staff import ReasonForm
from services.fees.models import BillingRun
from services.fees.models.items import rate_text
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

Status = BillingRun.Status
VOIDABLE = (Status.DONE, Status.FAILED, Status.DROPPED)
# Paid bills of a run, and homes left out, that stand on its page.
SHOWN = 50


@fees_staff_only
@require_http_methods(["GET", "POST"])
def runs(request: SignedInRequest) -> HttpResponse:
    """Shows the runs so far and the form of a new sample, which begins with a preview that makes nothing."""
    estate, estates = chosen_fees_estate(request)
    form = RunForm(request.POST if request.method == "POST" else None, estate=estate)
    if request.method == "POST":
        policies.require("bill", request.user, estate.pk)
        if form.is_valid() and (run := _preview_or_errors(request, form)):
            return redirect("billing_run", run.pk)
    rows, older = newest_first(
        BillingRun.objects.filter(estate=estate).select_related("item", "begun_by"),
        before=request.GET.get("before", ""),
    )
    context = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "runs": rows,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "may_bill": policies.may("bill", request.user, estate.pk),
    }
    return render(request, "fees/staff/runs.html", context, status=422 if form.errors else 200)


def _preview_or_errors(request: SignedInRequest, form: RunForm) -> BillingRun | None:
    try:
        return actions.preview_run(by=request.user, now=clock.now(), **form.cleaned_data)
    except ActionError as error:
        show_refusal(form, error)
        return None


def _run(request: SignedInRequest, pk: int) -> BillingRun:
    rows = BillingRun.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("item", "estate", "begun_by"), pk=pk)


@fees_staff_only
@require_GET
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a run: its preview, its progress, or its result."""
    found = _run(request, pk)
    if found.item.is_metered and found.status == Status.PREVIEW:
        return redirect("meter_run", pk)
    return render(request, "fees/staff/run.html", _page_context(request, found) | {"form": ReasonForm()})


@fees_staff_only
@require_GET
def run_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch."""
    return render(request, "fees/staff/run_live.html", _page_context(request, _run(request, pk)))


def _page_context(request: SignedInRequest, found: BillingRun) -> dict[str, Any]:
    context = {
        "run": found,
        "waiting": Approval.objects.waiting().about_row(RUN_VOID, found.pk),
        "estate": found.estate,
        "may_bill": policies.may("bill", request.user, found.estate_id),
        "may_void": found.made
        and found.status in VOIDABLE
        and policies.may("void_bill", request.user, found.estate_id),
    }
    is_counted = found.status == Status.PREVIEW and not found.item.is_metered
    return context | _preview_context(found) if is_counted else context


def _preview_context(found: BillingRun) -> dict[str, Any]:
    forecast = actions.forecast_run(found)
    accounted = forecast.to_make + forecast.already + len(forecast.left_out)
    return {
        "preview": forecast,
        "without": max(0, forecast.reached - accounted),
        "left_out": forecast.left_out[:SHOWN],
        "rate": ", ".join(rate_text(rate_hao) for _day, rate_hao in found.rates),
        "samples": forecast.samples,
    }


@fees_staff_only
@require_POST
def start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts a run. Repeating it makes no bill twice."""
    found = _run(request, pk)
    try:
        actions.start_run(run=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("billing_run", pk)


@fees_staff_only
@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Drops a preview or a stopped run."""
    actions.drop_run(run=_run(request, pk), by=request.user, now=clock.now())
    messages.success(request, _("Dropped. No bill was made."))
    return redirect("billing_runs")


@fees_staff_only
@require_POST
@asks_again
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks to void all bills of a run, with a reason; lists what is paid, if anything is."""
    found = _run(request, pk)
    form = ReasonForm(request.POST)
    policies.require("void_bill", request.user, found.estate_id)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            actions.ask_run_void(run=found, reason=reason, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
            found = _run(request, pk)
        else:
            messages.success(request, _("Asked. A second person has to agree."))
            return redirect("billing_run", pk)
    paid = actions.paid_bills(found).with_lines().order_by("pk")
    context = {"form": form, "paid": paid[:SHOWN], "paid_count": paid.count()}
    return render(request, "fees/staff/run.html", _page_context(request, found) | context, status=422)
