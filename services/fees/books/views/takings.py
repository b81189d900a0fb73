"""The takings of a day, movement by movement."""

from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from community.core import clock, exports
from community.core.dates import near
from community.core.paging import newest_first
from community.core.services.figures import Span
from services.fees import actions, list_exports, queries
from services.fees import takings as figures
from services.fees.books.movements import one_by_one, with_payments
from services.fees.forms.staff import DayForm
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PAGE_SIZE = 50


def _day(request: SignedInRequest) -> date:
    form = DayForm(request.GET)
    form.is_valid()
    return near(form.cleaned_data.get("day")) or clock.today(clock.now())


@fees_staff_only
@require_GET
def takings(request: SignedInRequest) -> HttpResponse:
    """Shows the money of a day: what came in and went back, by channel and one by one."""
    estate, estates = chosen_fees_estate(request)
    day = _day(request)
    moved = figures.movements(estate, Span(day, day)).select_related("by")
    rows, older = newest_first(moved, before=request.GET.get("before", ""), size=PAGE_SIZE, by="at")
    query = urlencode({"estate": estate.pk, "day": day.isoformat()})
    context = {
        "estate": estate,
        "estates": estates,
        "day": day,
        "form": DayForm(initial={"day": day}),
        "takings": figures.takings(estate, day),
        "to_check": queries.count_to_check([estate]),
        "movements": with_payments(rows),
        "query": query,
        "next_url": f"?{query}&before={older}" if older else "",
        "topics": [actions.takings_topic(estate.pk)],
        "may_export": list_exports.may_export(request, estate),
    }
    return render(request, "fees/staff/takings.html", context)


@fees_staff_only
@require_GET
def takings_sheet(request: SignedInRequest) -> HttpResponse:
    """Downloads the movements of a day as an Excel file, whose columns add up to the figures of the page."""
    estate, _estates = chosen_fees_estate(request)
    day = _day(request)
    moved = figures.movements(estate, Span(day, day)).order_by("at", "pk")
    columns = (
        *(_("No."), _("Time"), _("Home"), _("Payer"), _("What"), _("Way of paying")),
        *(_("Came in (yuan)"), _("Paid back (yuan)"), _("From prepayment (yuan)"), _("Cashier")),
    )
    rows = (
        (
            row.reference,
            row.written.at,
            str(row.home or ""),
            row.payer,
            row.what,
            row.way,
            exports.hundredths(row.taken_fen or None),
            exports.hundredths(row.back_fen or None),
            exports.hundredths(row.used_fen or None),
            row.by,
        )
        for row in one_by_one(moved)
    )
    return list_exports.list_sheet(
        request,
        estate,
        name=f"takings-{day:%Y%m%d}",
        title=f"{_('Takings')} {day:%Y-%m-%d}",
        columns=columns,
        rows=rows,
        count=moved.count(),
    )
