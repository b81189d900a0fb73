"""Reports over a range of days, on a page and as Excel."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from community.core import clock, exports
from community.core.services.figures import Span
from community.estates.models import Estate
from services.fees import list_exports
from services.fees import takings as figures
from services.fees.books import reports
from services.fees.books.forms import ReportForm
from services.fees.views.access import chosen_fees_estate, fees_staff_only

COLLECTED = {"item": reports.collected_by_item, "building": reports.collected_by_building}


@fees_staff_only
@require_GET
def report(request: SignedInRequest) -> HttpResponse:
    """Shows the takings of some days by day, item, building, cashier or channel, and what was collected."""
    estate, estates = chosen_fees_estate(request)
    today = clock.today(clock.now())
    asked = ReportForm(request.GET)
    span, by = asked.span(today), asked.chosen
    form = asked if asked.errors else ReportForm(initial={"first": span.first, "last": span.last, "by": by})
    collected = COLLECTED[by](estate, span) if by in COLLECTED else []
    context: dict[str, Any] = {
        "estate": estate,
        "estates": estates,
        "form": form,
        "span": span,
        "by": by,
        "by_words": dict(ReportForm.BY)[by],
        "total": figures.totals(estate, span),
        "rows": reports.BY[by](estate, span),
        "collected": collected,
        "collected_total": reports.collected_total(estate, span) if collected else None,
        "query": urlencode({"estate": estate.pk, "first": span.first, "last": span.last, "by": by}),
        "may_export": list_exports.may_export(request, estate),
    }
    return render(request, "fees/staff/report.html", context, status=422 if asked.errors else 200)


@fees_staff_only
@require_GET
def report_sheet(request: SignedInRequest) -> HttpResponse:
    """Downloads the rows of the report; with ``of=collected`` those of what was billed and paid."""
    estate, _estates = chosen_fees_estate(request)
    asked = ReportForm(request.GET)
    span, by = asked.span(clock.today(clock.now())), asked.chosen
    is_collected = request.GET.get("of") == "collected" and by in COLLECTED
    title = _("Collection rate") if is_collected else _("Takings")
    columns, rows = (_collected if is_collected else _taken)(estate, span, by)
    return list_exports.list_sheet(
        request,
        estate,
        name=f"report-{by}-{span.first:%Y%m%d}-{span.last:%Y%m%d}",
        title=f"{title} {span.first:%Y%m%d}-{span.last:%Y%m%d}",
        columns=columns,
        rows=rows,
        count=len(rows),
    )


Table = tuple[Sequence[str], list[tuple[Any, ...]]]


def _taken(estate: Estate, span: Span, by: str) -> Table:
    columns = (
        str(dict(ReportForm.BY)[by]),
        *(_("Came in (yuan)"), _("Paid back (yuan)"), _("Takings (yuan)"), _("From prepayment (yuan)")),
    )
    rows: list[tuple[Any, ...]] = [
        (
            row.what if isinstance(row.what, date) else str(row.what),
            *map(
                exports.hundredths, (row.sums.taken_fen, row.sums.back_fen, row.sums.fen, row.sums.used_fen)
            ),
        )
        for row in reports.BY[by](estate, span)
    ]
    return columns, rows


def _collected(estate: Estate, span: Span, by: str) -> Table:
    columns = (
        str(dict(ReportForm.BY)[by]),
        *(_("Billed (yuan)"), _("Paid of it (yuan)"), _("Open (yuan)"), _("Collection rate (%)")),
    )
    rows: list[tuple[Any, ...]] = [
        (
            row.what,
            *map(exports.hundredths, (row.billed_fen, row.paid_fen, row.open_fen)),
            row.percent,
        )
        for row in COLLECTED[by](estate, span)
    ]
    return columns, rows
