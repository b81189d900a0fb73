"""Office pages that import readings from a sheet: upload → check → yes."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock, limits
from community.core.errors import ActionError, show_refusal
from community.core.limit_table import UPLOAD
from services.fees import list_exports, policies
from services.fees.meters import actions, queries
from services.fees.meters.forms.sheets import SheetForm
from services.fees.models import Meter, ReadingSheet
from services.fees.models.meters import MILLI
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only


@fees_staff_only
@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    """Takes a sheet of readings and checks all of its rows; nothing is imported yet."""
    estate, estates = chosen_fees_estate(request)
    policies.require("read_meters", request.user, estate.pk)
    now = clock.now()
    is_post = request.method == "POST"
    form = SheetForm(
        request.POST if is_post else None,
        request.FILES if is_post else None,
        initial={"day": clock.today(now)},
    )
    if is_post and form.is_valid():
        limits.hit(UPLOAD, request.user.pk)
        file = form.cleaned_data["import_file"]
        try:
            sheet = actions.check_sheet(
                file=file,
                name=file.name,
                estate=estate,
                day=form.cleaned_data["day"],
                by=request.user,
                now=now,
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            return redirect("fees_reading_sheet", sheet.pk)
    context = {"estate": estate, "estates": estates, "form": form}
    return render(request, "fees/staff/reading_sheets.html", context, status=422 if form.errors else 200)


def _sheet(request: SignedInRequest, pk: object) -> ReadingSheet:
    rows = ReadingSheet.objects.filter(by=request.user, estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("estate"), pk=pk)


@fees_staff_only
@require_GET
def sheet(request: SignedInRequest, pk: object) -> HttpResponse:
    """Shows what the check has found: the wrong rows, or how many would be imported."""
    found = _sheet(request, pk)
    context = {"sheet": found, "estate": found.estate, "rows": len(found.rows)}
    return render(request, "fees/staff/reading_sheet.html", context)


@fees_staff_only
@require_POST
def take(request: SignedInRequest, pk: object) -> HttpResponse:
    """Imports a checked sheet. Repeating it imports nothing twice."""
    found = _sheet(request, pk)
    try:
        count = actions.take_sheet(sheet=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect("fees_reading_sheet", pk)
    messages.success(
        request,
        ngettext("%(number)s reading is imported.", "%(number)s readings are imported.", count)
        % {"number": count},
    )
    return redirect("fees_readings" if found.odd_count else "fees_meters")


@fees_staff_only
@require_GET
def blank(request: SignedInRequest) -> HttpResponse:
    """Downloads the list of all meters with their last values, to be filled in."""
    estate, _estates = chosen_fees_estate(request)
    meters = list(Meter.objects.in_use().filter(estate=estate).with_places().in_order())
    usual = queries.usual_by_meter(meters)
    columns = ("表号", "读数", "抄表日期", _("Place"), _("Kind"), _("Last value"), _("Last read"))
    rows = (
        (
            meter.serial,
            None,
            None,
            meter.place,
            meter.get_kind_display(),
            Decimal(usual[meter.pk].last.milli) / MILLI if meter.pk in usual else None,
            usual[meter.pk].last.on if meter.pk in usual else None,
        )
        for meter in meters
    )
    return list_exports.list_sheet(
        request, estate, name="meters", title=_("Meters"), columns=columns, rows=rows, count=len(meters)
    )
