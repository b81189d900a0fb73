"""Pages of closings: the months, the days of a month, and a sheet with its figures."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from community.core import clock, exports
from community.core.errors import ActionError
from services.fees import list_exports, policies
from services.fees.closing import actions, sheets
from services.fees.closing.forms import DaysForm, SheetForm, SignForm
from services.fees.closing.hindrances import days_with_money, hindrances, month_url, months, span_of
from services.fees.models import ClosingSheet
from services.fees.views.access import chosen_fees_estate, fees_staff_only

Kind = ClosingSheet.Kind


@fees_staff_only
@require_GET
def closing(request: SignedInRequest) -> HttpResponse:
    """Lists the months with entries, the newest first: closed, prepared, or what hinders the next."""
    estate, estates = chosen_fees_estate(request)
    now = clock.now()
    known = {
        sheet.first: sheet
        for sheet in ClosingSheet.objects.filter(estate=estate, kind=Kind.MONTH).select_related(
            "prepared_by", "signed_by"
        )
    }
    found = months(estate, now)
    still_open = [day for day in found if day not in known or not known[day].is_signed]
    following = still_open[-1] if still_open else None
    context = {
        "estate": estate,
        "estates": estates,
        "months": [(day, known.get(day), month_url(estate, day)) for day in found],
        "following": following,
        "hindrances": list(hindrances(estate, Kind.MONTH, following, now)) if following else [],
    }
    return render(request, "fees/staff/closing.html", context)


@fees_staff_only
@require_GET
def month(request: SignedInRequest, year: int, month: int) -> HttpResponse:
    """Shows a month: its sheet or what hinders it, and its days with money."""
    estate, estates = chosen_fees_estate(request)
    if not (2000 <= year < 2100 and 1 <= month <= 12):
        raise Http404
    first, now = date(year, month, 1), clock.now()
    span = span_of(Kind.MONTH, first)
    sheets_of_days = {sheet.first: sheet for sheet in ClosingSheet.objects.of(estate, Kind.DAY, span)}
    rows = [(day, count, sheets_of_days.get(day)) for day, count in days_with_money(estate, span).items()]
    over = [row for row in rows if row[0] < clock.today(now)]
    own = ClosingSheet.objects.filter(estate=estate, kind=Kind.MONTH, first=first)
    found = own.select_related("prepared_by", "signed_by").first()
    is_signed = found is not None and found.is_signed
    context: dict[str, Any] = {
        "estate": estate,
        "estates": estates,
        "first": first,
        "sheet": found,
        "days": rows,
        "hindrances": [] if is_signed else list(hindrances(estate, Kind.MONTH, first, now)),
        "may_close": policies.may("close_books", request.user, estate.pk),
        "to_prepare": sum(1 for _day, _count, sheet in over if sheet is None),
        "to_sign": sum(
            1
            for _day, _count, sheet in over
            if sheet and not sheet.is_signed and sheet.prepared_by_id != request.user.pk
        ),
    }
    return render(request, "fees/staff/closing_month.html", context)


@fees_staff_only
@require_POST
def prepare(request: SignedInRequest) -> HttpResponse:
    """Prepares the sheet of a day or a month."""
    estate, _estates = chosen_fees_estate(request)
    policies.require("close_books", request.user, estate.pk)
    form = SheetForm(request.POST)
    if not form.is_valid():
        raise Http404
    made = actions.prepare_sheet(
        estate=estate,
        kind=form.cleaned_data["kind"],
        first=form.cleaned_data["first"],
        by=request.user,
        now=clock.now(),
    )
    messages.success(request, _("The sheet is prepared. A colleague has to sign it."))
    return redirect("fees_closing_sheet", made.pk)


@fees_staff_only
@require_POST
def days(request: SignedInRequest) -> HttpResponse:
    """Prepares or signs the sheets of all days of a month."""
    estate, _estates = chosen_fees_estate(request)
    policies.require("close_books", request.user, estate.pk)
    form = DaysForm(request.POST)
    if not form.is_valid():
        raise Http404
    act = actions.sign_days if form.cleaned_data["act"] == "sign" else actions.prepare_days
    month = form.cleaned_data["month"].replace(day=1)
    count = act(estate=estate, month=month, by=request.user, now=clock.now())
    if form.cleaned_data["act"] == "sign":
        words = ngettext("%(count)s day is signed.", "%(count)s days are signed.", count)
    else:
        words = ngettext("%(count)s day is prepared.", "%(count)s days are prepared.", count)
    messages.success(request, words % {"count": count})
    return redirect(month_url(estate, month))


def _sheet(request: SignedInRequest, pk: int) -> ClosingSheet:
    rows = ClosingSheet.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("estate", "prepared_by", "signed_by"), pk=pk)


@fees_staff_only
@require_GET
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the figures of a sheet, and lets another person than the one who prepared it sign."""
    found = _sheet(request, pk)
    may_close = policies.may("close_books", request.user, found.estate_id)
    context = {
        "sheet": found,
        "estate": found.estate,
        "name": sheets.sheet_name(found),
        "tables": sheets.page_tables(found),
        "back": month_url(found.estate, found.first),
        "may_sign": may_close and not found.is_signed and found.prepared_by_id != request.user.pk,
        "may_prepare": may_close and not found.is_signed,
        "may_export": list_exports.may_export(request, found.estate),
    }
    return render(request, "fees/staff/closing_sheet.html", context)


@fees_staff_only
@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Signs the sheet that the page showed."""
    found = _sheet(request, pk)
    policies.require("close_books", request.user, found.estate_id)
    form = SignForm(request.POST)
    seen = form.cleaned_data["digest"] if form.is_valid() else ""
    try:
        actions.sign_sheet(sheet=found, seen=seen, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Signed. These days are closed for good."))
    return redirect("fees_closing_sheet", pk)


@fees_staff_only
@require_GET
def sheet_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the sheet as PDF."""
    found = _sheet(request, pk)
    response = HttpResponse(sheets.sheet_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.kind}-{found.label}.pdf"'
    return response


@fees_staff_only
@require_GET
def sheet_excel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Downloads the figures of the sheet as an Excel file."""
    found = _sheet(request, pk)
    rows = [
        (
            table.heading,
            row[0],
            columns,
            value if place in table.counts else exports.hundredths(value),
        )
        for table in sheets.tables(found)
        for row in table.rows
        for place, (columns, value) in enumerate(zip(table.columns[1:], row[1:], strict=True), start=1)
        if value is not None
    ]
    return list_exports.list_sheet(
        request,
        found.estate,
        name=f"{found.kind}-{found.label}",
        title=sheets.sheet_title(found),
        columns=(_("Part"), _("What"), _("Column"), _("Value")),
        rows=rows,
        count=len(rows),
    )
