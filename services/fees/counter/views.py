"""Pages of the till: shifts with their hand-over sheets, receipts, and series of receipts."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, Forbidden, show_refusal
from community.core.paging import newest_first
from services.fees import policies
from services.fees.actions.receipt_numbers import void_receipt
from services.fees.actions.steps import takings_topic
from services.fees.counter import actions, banking, queries, sheets
from services.fees.counter.access import chosen_till_estate, receipt_of_staff, shift_of_staff, tills_only
from services.fees.counter.forms import BankForm, CloseShiftForm, OpenShiftForm, SeriesForm
from services.fees.forms.staff import ReasonForm
from services.fees.models import BankedCash, IssuedReceipt, ReceiptSeries, Shift

PAGE_SIZE = 30


@tills_only
@require_http_methods(["GET", "POST"])
def shifts(request: SignedInRequest) -> HttpResponse:
    """Lists shifts, the newest first, and opens one: cashiers see their own, managers and auditors all."""
    estate, estates = chosen_till_estate(request)
    form = OpenShiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        policies.require("keep_till", request.user, estate.pk)
        if form.is_valid():
            try:
                float_fen = form.cleaned_data["float"]
                actions.open_shift(estate=estate, float_fen=float_fen, by=request.user, now=clock.now())
            except ActionError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("The shift is open."))
                return redirect("fees_desk")
    rows = Shift.objects.visible_to(request.user).filter(estate=estate).select_related("cashier")
    found, older = newest_first(rows, before=request.GET.get("before", ""), size=PAGE_SIZE, by="opened_at")
    context = {
        "estate": estate,
        "estates": estates,
        "shifts": queries.with_takings(found),
        "own": Shift.objects.open_of(request.user, estate.pk),
        "form": form,
        "may_open": policies.may("keep_till", request.user, estate.pk),
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
    }
    return render(request, "fees/staff/shifts.html", context, status=422 if form.errors else 200)


@tills_only
@require_http_methods(["GET", "POST"])
def shift(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the hand-over sheet of a shift; it is closed with the counted cash, after a yes."""
    found = shift_of_staff(request, pk)
    form = CloseShiftForm(request.POST if request.method == "POST" else None)
    context = _shift_context(request, found, form)
    if request.method == "GET" or "no" in request.POST:
        return render(request, "fees/staff/shift.html", context)
    return _close(request, found, form, context)


def _shift_context(request: SignedInRequest, found: Shift, form: CloseShiftForm) -> dict[str, Any]:
    sheet = queries.hand_over(found)
    may_undo = {one.pk for one in sheet.banked if policies.may_undo_banked(request.user, one)}
    return {
        "shift": found,
        "estate": found.estate,
        "sheet": sheet,
        "form": form,
        "bank_form": BankForm(initial={"key": uuid4()}, auto_id="bank_%s"),
        "undo_form": ReasonForm(auto_id="undo_%s"),
        "may_undo": may_undo if found.status == Shift.Status.OPEN else set(),
        "is_own": found.cashier_id == request.user.pk,
        "may_close": found.status == Shift.Status.OPEN and policies.may_close(request.user, found),
        "change": found.history.filter(to_status=Shift.Status.CLOSED).first(),
        "topics": [takings_topic(found.estate_id)],
    }


@tills_only
@require_POST
def bank(request: SignedInRequest, pk: int) -> HttpResponse:
    """Books cash from the till of a shift to the bank."""
    found = shift_of_staff(request, pk)
    if not policies.may_close(request.user, found):
        raise Forbidden
    form = BankForm(request.POST, auto_id="bank_%s")
    if form.is_valid():
        given = form.cleaned_data
        slip = banking.Slip(given["slip_number"], given["amount"], given["key"])
        try:
            banking.bank_cash(shift=found, slip=slip, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("In the books: the till holds less by it."))
            return redirect("fees_shift", pk)
    context = _shift_context(request, found, CloseShiftForm()) | {"bank_form": form}
    return render(request, "fees/staff/shift.html", context, status=422)


@tills_only
@require_POST
def undo_banked(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undoes cash that was booked to the bank by mistake."""
    rows = BankedCash.objects.filter(shift__in=Shift.objects.visible_to(request.user))
    found = get_object_or_404(rows.select_related("shift", "estate"), pk=pk)
    reason = request.POST.get("reason", "")
    try:
        banking.undo_banked(banked=found, reason=reason, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Undone: the cash is in the till again."))
    return redirect("fees_shift", found.shift_id)


def _close(
    request: SignedInRequest, found: Shift, form: CloseShiftForm, context: dict[str, Any]
) -> HttpResponse:
    """Closes the shift if the page's sum was confirmed, else asks for the yes."""
    if not form.is_valid():
        return render(request, "fees/staff/shift.html", context, status=422)
    counted, expected = form.cleaned_data["counted"], context["sheet"].expected_fen
    if counted != expected and not form.cleaned_data["words"].strip():
        form.add_error("words", _("Please write why it differs."))
        context |= {"counted_fen": counted, "difference_fen": counted - expected}
        return render(request, "fees/staff/shift.html", context, status=422)
    if "yes" not in request.POST and context["may_close"]:
        context |= {"counted_fen": counted, "difference_fen": counted - expected}
        return render(request, "fees/staff/shift_confirm.html", context)
    try:
        actions.close_shift(
            shift=found,
            count=actions.Count(
                counted,
                words=form.cleaned_data["words"],
                expected=form.cleaned_data["expected"],
                pieces=form.pieces,
            ),
            by=request.user,
            now=clock.now(),
        )
    except ActionError as error:
        show_refusal(form, error)
        return render(request, "fees/staff/shift.html", context, status=422)
    messages.success(request, _("The shift is closed. Please print and sign the hand-over sheet."))
    return redirect("fees_shift", found.pk)


@tills_only
@require_GET
def shift_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the hand-over sheet of a shift as PDF."""
    found = shift_of_staff(request, pk)
    response = HttpResponse(sheets.hand_over_pdf(queries.hand_over(found)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="shift-{found.pk}.pdf"'
    return response


@tills_only
@require_http_methods(["GET", "POST"])
def receipts(request: SignedInRequest) -> HttpResponse:
    """Lists the receipts of an estate, the newest first, or only the voided ones; sets up series of numbers."""
    estate, estates = chosen_till_estate(request)
    form = SeriesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        policies.require("set_series", request.user, estate.pk)
        if form.is_valid():
            try:
                actions.add_series(
                    estate=estate,
                    prefix=form.cleaned_data["letters"],
                    first=form.cleaned_data["first"],
                    last=form.cleaned_data["last"],
                    by=request.user,
                    now=clock.now(),
                )
            except ActionError as error:
                show_refusal(form, error)
            else:
                messages.success(request, _("The numbers are set up."))
                return redirect(f"{request.path}?estate={estate.pk}")
    is_voided = request.GET.get("voided") == "1"
    rows = IssuedReceipt.objects.visible_to(request.user).filter(series__estate=estate)
    rows = rows.exclude(voided_at=None) if is_voided else rows
    rows = rows.select_related(
        "series", "payment__home__entrance__building", "payment__payer", "issued_by", "voided_by"
    )
    found, older = newest_first(rows, before=request.GET.get("before", ""), size=PAGE_SIZE, by="issued_at")
    query = f"?estate={estate.pk}" + ("&voided=1" if is_voided else "")
    context = {
        "estate": estate,
        "estates": estates,
        "receipts": found,
        "is_voided": is_voided,
        "series": ReceiptSeries.objects.filter(estate=estate),
        "form": form,
        "may_set": policies.may("set_series", request.user, estate.pk),
        "next_url": f"{query}&before={older}" if older else "",
    }
    return render(request, "fees/staff/receipts.html", context, status=422 if form.errors else 200)


@tills_only
@require_POST
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    """Voids a receipt with a reason; the payment gets one with the next number."""
    found = receipt_of_staff(request, pk)
    policies.require("void_receipt", request.user, found.payment.estate_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please write why the receipt is void."))
        return redirect("fees_payment", found.payment_id)
    reason = form.cleaned_data["reason"]
    made = void_receipt(receipt=found, reason=reason, by=request.user, now=clock.now())
    if made:
        messages.success(
            request, _("Void. The new receipt has the number %(number)s.") % {"number": made.text}
        )
    return redirect("fees_payment", found.payment_id)
