"""Pages of late fees: the rules of an estate, what waits for a second person, and waivers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError, show_refusal
from services.fees import labels, policies
from services.fees.billing.late_fees import actions
from services.fees.billing.late_fees.forms import RuleForm, WaiverForm
from services.fees.forms.staff import DeclineForm
from services.fees.models import Bill, LateFeeRule, LateFeeWaiver
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

SHOWN = 50


@fees_staff_only
@require_http_methods(["GET", "POST"])
def late_fees(request: SignedInRequest) -> HttpResponse:
    """Shows the rules of an estate and the waivers that wait; a POST sets a rule from a day on."""
    estate, estates = chosen_fees_estate(request)
    form = RuleForm(request.POST if request.method == "POST" else None, estate=estate)
    if request.method == "POST":
        policies.require("set_late_fee", request.user, estate.pk)
        if form.is_valid():
            try:
                actions.set_rule(
                    actions.NewRule(estate=estate, **form.cleaned_data), by=request.user, now=clock.now()
                )
            except ActionError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("The late fee is set."))
                return redirect(f"{reverse('late_fees')}?estate={estate.pk}")
    waivers = LateFeeWaiver.objects.filter(bill__estate=estate).select_related(
        "bill__home__entrance__building", "bill__item", "asked_by", "answered_by"
    )
    asked = list(waivers.filter(status=LateFeeWaiver.Status.ASKED)[:SHOWN])
    context = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "rules": LateFeeRule.objects.filter(estate=estate).select_related("item"),
        "asked": [
            (waiver, DeclineForm(of=waiver.pk), policies.may_answer_waiver(request.user, waiver))
            for waiver in asked
        ],
        "answered": waivers.exclude(status=LateFeeWaiver.Status.ASKED)[:SHOWN],
        "may_set": policies.may("set_late_fee", request.user, estate.pk),
    }
    return render(request, "fees/staff/late_fees.html", context, status=422 if form.errors else 200)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def ask_waiver(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks to waive a late fee."""
    rows = Bill.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).with_lines()
    bill = get_object_or_404(rows, pk=pk)
    policies.require("ask_waiver", request.user, bill.estate_id)
    form = WaiverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.ask_waiver(
                bill=bill, fen=given["amount"], reason=given["reason"], by=request.user, now=clock.now()
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Asked for. A second person has to agree."))
            return redirect("fees_bill", pk)
    context = {
        "heading": _("Waive the late fee"),
        "lead": f"{labels.bill_name(bill)} · {bill.home}",
        "back": reverse("fees_bill", args=[pk]),
        "form": form,
        "button": _("Ask a second person"),
        "text": _("Nothing changes before a second person agrees."),
    }
    return render(request, "fees/staff/ask.html", context, status=422 if form.errors else 200)


def _waiver(request: SignedInRequest, pk: int) -> LateFeeWaiver:
    rows = LateFeeWaiver.objects.filter(bill__estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("bill__estate", "bill__item"), pk=pk)


@fees_staff_only
@require_POST
def agree_waiver(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agrees to a waiver."""
    waiver = _waiver(request, pk)
    actions.agree_waiver(waiver=waiver, by=request.user, now=clock.now())
    messages.success(request, _("The late fee is waived."))
    return redirect("fees_bill", waiver.bill_id)


@fees_staff_only
@require_POST
def decline_waiver(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines a waiver, with a reason."""
    waiver = _waiver(request, pk)
    policies.require("answer_waiver", request.user, waiver.bill.estate_id)
    form = DeclineForm(request.POST, of=waiver.pk)
    if form.is_valid():
        actions.decline_waiver(
            waiver=waiver, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
        )
        messages.success(request, _("The late fee stands."))
    else:
        messages.error(request, _("Please write why."))
    return redirect(f"{reverse('late_fees')}?estate={waiver.bill.estate_id}")
