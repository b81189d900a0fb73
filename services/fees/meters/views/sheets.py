"""The list of meters as an Excel file, to be filled in and imported."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from services.fees import list_exports
from services.fees.meters import queries
from services.fees.models import Meter
from services.fees.models.meters import MILLI
from services.fees.views.access import chosen_fees_estate, fees_staff_only


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
