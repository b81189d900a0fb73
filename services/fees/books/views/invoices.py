"""A resident's invoices: asking for one, its state, and its file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from community.core import clock, sealed_files
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.paging import newest_first
from services.common.question_pages import row_key
from services.fees.acting_for import Household, read_household
from services.fees.books import actions
from services.fees.books.forms import InvoiceForm
from services.fees.books.invoices import invoiceable, last_details
from services.fees.models import Bill, InvoiceRequest, Payment

SHOWN = 24
TYPES = {"pdf": "application/pdf", "ofd": "application/ofd"}


@login_required
@require_GET
def invoices(request: SignedInRequest) -> HttpResponse:
    """Shows a resident's requests, the newest first."""
    household = read_household(request, request.user)
    mine = InvoiceRequest.objects.of_resident(request.user).filter(resident=household.resident)
    rows, older = newest_first(
        mine.with_marks().select_related("home__entrance__building"), before=request.GET.get("before", "")
    )
    context = {
        "found": household,
        "invoices": rows,
        "older": older,
        "can_ask": invoiceable(household.bills).exists(),
    }
    return render(request, "fees/invoices.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest) -> HttpResponse:
    """Asks for an invoice of paid bills; the details of the last time stand in the form."""
    household = read_household(request, request.user)
    bills = _bills(request, household)
    chosen = [str(bill.pk) for bill in bills] if request.GET.get("payment") else []
    form = InvoiceForm(
        request.POST if request.method == "POST" else None,
        bills=bills,
        initial=last_details(household.resident) | {"bills": chosen},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and (made := _request_or_errors(request, household, form))
    ):
        messages.success(request, _("Asked for. You get a message when the invoice is ready."))
        return redirect("invoice", made.pk)
    several = len({bill.home_id for bill in bills}) > 1
    context = {"found": household, "form": form, "bills": bills, "several_homes": several}
    return render(request, "fees/invoice_new.html", context, status=422 if form.errors else 200)


def _bills(request: SignedInRequest, household: Household) -> list[Bill]:
    """Returns the bills to choose from: those of the payment that is named, else the newest."""
    bills = invoiceable(household.bills)
    if named := request.GET.get("payment", ""):
        payments = Payment.objects.visible_to(request.user).filter(pk=row_key(named))
        bills = bills.filter(payment_lines__payment__in=payments, payment_lines__applied_fen__gt=0).distinct()
    return list(bills[:SHOWN])


def _request_or_errors(
    request: SignedInRequest, household: Household, form: InvoiceForm
) -> InvoiceRequest | None:
    given = form.cleaned_data
    try:
        return actions.request_invoice(
            resident=household.resident,
            bills=form.chosen,
            details=actions.InvoiceDetails(
                given["kind"], given["title"], given["tax_number"], given["email"]
            ),
            by=request.user,
            now=clock.now(),
        )
    except ActionError as error:
        show_refusal(form, error)
        return None


def _invoice(request: SignedInRequest, pk: int) -> Any:
    rows = InvoiceRequest.objects.visible_to(request.user).with_marks()
    return get_object_or_404(rows.select_related("home__entrance__building", "resident", "estate"), pk=pk)


@login_required
@require_GET
def invoice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one request with its bills, its state and, when it is issued, its file."""
    found = _invoice(request, pk)
    context = {
        "invoice": found,
        "lines": found.lines.select_related("bill__item", "bill__home__entrance__building"),
        "may_withdraw": found.status == InvoiceRequest.Status.ASKED
        and InvoiceRequest.objects.of_resident(request.user).filter(pk=pk).exists(),
    }
    return render(request, "fees/invoice.html", context)


@login_required
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Withdraws a request on which staff have not acted."""
    found = _invoice(request, pk)
    actions.withdraw_invoice(request=found, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn. You can ask again at any time."))
    return redirect("invoice", pk)


@login_required
@require_GET
@address_expires
def invoice_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Downloads the invoice."""
    return file_of(_invoice(request, pk))


def file_of(found: InvoiceRequest) -> HttpResponse:
    """Returns the file of an invoice as a download. Raises ``Http404`` without one."""
    if not found.stored:
        raise Http404
    response = HttpResponse(sealed_files.read(found.stored), content_type=TYPES[found.ending])
    name = f"{_('Invoice')}-{found.number}.{found.ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
