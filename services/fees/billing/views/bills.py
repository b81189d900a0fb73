"""Bills for staff: the list, each with its history, voiding."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import policies, queries
from services.fees.bill_matters import matters_of
from services.fees.billing import actions
from services.fees.billing.forms import VoidForm
from services.fees.models import Bill, BillingRun
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PAGE_SIZE = 50
# Keys have fewer digits.
KEY_DIGITS = 19


def _key(text: str) -> int:
    """Returns the key in an address; 0, which no row has, for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < KEY_DIGITS else 0


@fees_staff_only
@require_GET
def bills(request: SignedInRequest) -> HttpResponse:
    """Shows all bills of an estate, or those of one run or of opening balances, the newest first."""
    estate, estates = chosen_fees_estate(request)
    rows = Bill.objects.filter(estate=estate)
    run = None
    if wanted_run := request.GET.get("run", ""):
        run = BillingRun.objects.filter(estate=estate, pk=_key(wanted_run)).first()
        rows = rows.filter(run=run) if run else rows.none()
    of_opening = _key(request.GET.get("opening", ""))
    if of_opening:
        rows = rows.filter(opening=of_opening)
    before = request.GET.get("before", "")
    found, older = newest_first(rows, before=before, size=PAGE_SIZE, read=queries.newest_bills)
    narrowed = ({"run": run.pk} if run else {}) | ({"opening": of_opening} if of_opening else {})
    query = urlencode({"estate": estate.pk, **narrowed})
    context = {
        "estate": estate,
        "estates": estates,
        "run": run,
        "bills": found,
        "next_url": f"?{query}&before={older}" if older else "",
    }
    return render(request, "fees/staff/bills.html", context)


def _bill(request: SignedInRequest, pk: int) -> Bill:
    rows = Bill.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).with_lines()
    return get_object_or_404(rows, pk=pk)


@fees_staff_only
@require_GET
def bill(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a bill to staff."""
    found = _bill(request, pk)
    return render(request, "fees/staff/bill.html", _page_context(request, found, VoidForm(bill=found)))


def _page_context(request: SignedInRequest, found: Bill, form: VoidForm) -> dict[str, Any]:
    may = policies.may("void_bill", request.user, found.estate_id)
    return {
        "bill": found,
        "estate": found.estate,
        "lines": found.payment_lines.filter(applied_fen__gt=0).select_related("payment"),
        "history": found.history.select_related("actor"),
        "form": form,
        "may_void": may and found.status != Bill.Status.VOIDED,
        "may_bill_again": may and found.is_exempt,
        "matters": matters_of(found, request.user),
    }


@fees_staff_only
@require_http_methods(["POST"])
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    """Voids a wrong bill, with a reason."""
    found = _bill(request, pk)
    policies.require("void_bill", request.user, found.estate_id)
    form = VoidForm(request.POST, bill=found)
    if form.is_valid():
        try:
            actions.void_bill(
                bill=found,
                reason=form.cleaned_data["reason"],
                is_exempt=form.is_exempt,
                by=request.user,
                now=clock.now(),
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            if found.charged_to:
                words = _("Voided. What was paid on it is kept for %(person)s.") % {
                    "person": found.charged_to
                }
            else:
                words = _("Voided. What was paid on it is prepayment of the home now.")
            messages.success(request, words)
            return redirect("fees_bill", pk)
    return render(request, "fees/staff/bill.html", _page_context(request, found, form), status=422)


@fees_staff_only
@require_POST
def bill_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lets the next run make the bill of this home and month again."""
    try:
        actions.bill_again(bill=_bill(request, pk), by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The next run of this month makes the bill again."))
    return redirect("fees_bill", pk)
