"""Requests for invoices, worked off by staff."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock, exports
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import labels, list_exports, policies
from services.fees.books import actions
from services.fees.books.forms import IssueForm
from services.fees.forms.staff import ReasonForm
from services.fees.models import InvoiceRequest
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PAGE_SIZE = 50
Status = InvoiceRequest.Status


@fees_staff_only
@require_GET
def invoices(request: SignedInRequest) -> HttpResponse:
    """Shows the open requests of an estate, or with ``all`` those of any state; the newest first."""
    estate, estates = chosen_fees_estate(request)
    shows_all = bool(request.GET.get("all"))
    rows = InvoiceRequest.objects.filter(estate=estate)
    found, older = newest_first(
        (rows if shows_all else rows.open())
        .with_marks()
        .select_related("home__entrance__building", "resident"),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    query = urlencode({"estate": estate.pk, **({"all": 1} if shows_all else {})})
    context = {
        "estate": estate,
        "estates": estates,
        "invoices": found,
        "shows_all": shows_all,
        "open_count": rows.open().count(),
        "next_url": f"?{query}&before={older}" if older else "",
        "may_export": list_exports.may_export(request, estate),
    }
    return render(request, "fees/staff/invoices.html", context)


@fees_staff_only
@require_GET
def invoices_sheet(request: SignedInRequest) -> HttpResponse:
    """Downloads the open requests as an Excel file, one row for each bill."""
    estate, _estates = chosen_fees_estate(request)
    open_ones = InvoiceRequest.objects.filter(estate=estate).open().with_marks().order_by("created_at", "pk")
    wanted = open_ones.select_related("home__entrance__building").prefetch_related("lines__bill__item")
    columns = (
        *(
            _("Asked for"),
            _("Home"),
            _("Title of"),
            pgettext("invoice", "Title"),
            _("Tax number"),
            _("E-mail"),
        ),
        *(_("For"), _("Amount (yuan)"), _("Paid back since")),
    )
    rows = [
        (
            one.created_at,
            str(one.home),
            one.get_kind_display(),
            one.title,
            one.tax_number,
            one.email,
            labels.bill_name(line.bill),
            exports.hundredths(line.amount_fen),
            one.is_paid_back,  # type: ignore[attr-defined]
        )
        for one in wanted
        for line in one.lines.all()
    ]
    return list_exports.list_sheet(
        request,
        estate,
        name="invoices",
        title=_("Invoice requests"),
        columns=columns,
        rows=rows,
        count=len(rows),
    )


def _invoice(request: SignedInRequest, pk: int) -> Any:
    rows = InvoiceRequest.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).with_marks()
    return get_object_or_404(rows.select_related("home__entrance__building", "resident", "estate"), pk=pk)


@fees_staff_only
@require_GET
def invoice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a request to staff, with the forms that answer it."""
    return render(request, "fees/staff/invoice.html", _context(request, _invoice(request, pk)))


def _context(request: SignedInRequest, found: Any, **forms: Any) -> dict[str, Any]:
    may = policies.may("issue_invoice", request.user, found.estate_id)
    return {
        "invoice": found,
        "estate": found.estate,
        "lines": found.lines.select_related("bill__item", "bill__home__entrance__building"),
        "history": found.history.select_related("actor"),
        "issue_form": IssueForm(),
        "reason_form": ReasonForm(),
        "may_answer": may and found.status == Status.ASKED,
        "may_reverse": may and found.status == Status.ISSUED,
        **forms,
    }


@fees_staff_only
@require_POST
def issue(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stores the uploaded invoice and tells the resident."""
    found = _invoice(request, pk)
    policies.require("issue_invoice", request.user, found.estate_id)
    form = IssueForm(request.POST, request.FILES)
    if form.is_valid():
        # A byte more than an invoice may have, so that a larger one is refused without reading it.
        content = form.cleaned_data["file"].read(actions.MAX_BYTES + 1)
        file = actions.InvoiceFile(form.cleaned_data["number"], content)
        try:
            actions.issue_invoice(request=found, file=file, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Issued. The resident has a message with the invoice."))
            return redirect("fees_invoices")
    return render(request, "fees/staff/invoice.html", _context(request, found, issue_form=form), status=422)


@fees_staff_only
@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refuses a request with a reason."""
    return _close(request, pk, actions.refuse_invoice)


@fees_staff_only
@require_POST
def reverse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Records with a reason that an issued invoice was cancelled."""
    return _close(request, pk, actions.reverse_invoice)


def _close(request: SignedInRequest, pk: int, act: Any) -> HttpResponse:
    found = _invoice(request, pk)
    policies.require("issue_invoice", request.user, found.estate_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            act(request=found, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Done. The resident has a message with the reason."))
            return redirect("fees_invoice", pk)
    return render(request, "fees/staff/invoice.html", _context(request, found, reason_form=form), status=422)
