"""Pages of the owners' money for residents: the funds, a quarter, a line with its questions."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import audit, clock, exports, limits, storage
from community.core.dates import day_of
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import RECEIPT
from services.fees import policies
from services.fees.funds import actions, files, papers, quarters
from services.fees.funds.forms import QuestionForm
from services.fees.list_exports import EXPORT
from services.fees.models import Fund, FundFile, FundLine, FundQuestion, FundRecording


@login_required
@require_GET
def funds(request: SignedInRequest) -> HttpResponse:
    """Lists the funds of the estates in which the person lives, with what each holds now."""
    rows = Fund.objects.visible_to(request.user).select_related("estate")
    today = clock.today(clock.now())
    found = [(fund, quarters.quarter_of(fund, today)) for fund in rows]
    return render(request, "fees/funds.html", {"funds": found})


def _fund(request: SignedInRequest, pk: int) -> Fund:
    return get_object_or_404(Fund.objects.visible_to(request.user).select_related("estate"), pk=pk)


def _day(request: SignedInRequest) -> date:
    return day_of(request.GET.get("day", "")) or clock.today(clock.now())


def _lines(fund: Fund, quarter: quarters.Quarter) -> list[FundLine]:
    rows = FundLine.objects.booked().filter(fund=fund, on__gte=quarter.span.first, on__lte=quarter.span.last)
    return list(rows.select_related("fund__estate"))


@login_required
@require_GET
def fund(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a quarter of a fund: sums by kind, each line, and the other quarters."""
    found, day = _fund(request, pk), _day(request)
    quarter = quarters.quarter_of(found, day)
    asked = FundQuestion.objects.visible_to(request.user).filter(line__fund=found)
    lines = _lines(found, quarter)
    questions = set(asked.filter(line__in=lines).values_list("line", flat=True))
    context = {
        "fund": found,
        "quarter": quarter,
        "lines": [(one, one.pk in questions) for one in lines],
        "others": [
            (span.first.year, (span.first.month + 2) // 3, span.first.isoformat())
            for span in quarters.quarters_of(found, clock.today(clock.now()))
            if span != quarter.span
        ],
        "query": f"day={quarter.span.first.isoformat()}",
    }
    return render(request, "fees/fund.html", context)


@login_required
@require_GET
def quarter_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns a quarter as PDF."""
    found = _fund(request, pk)
    limits.hit(RECEIPT, request.user.pk)
    quarter = quarters.quarter_of(found, _day(request))
    content = papers.quarter_pdf(found, _day(request), _lines(found, quarter))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.kind}-{quarter.label}.pdf"'
    return response


@login_required
@require_GET
def quarter_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Downloads a quarter as an Excel file: the sums, then each line."""
    found = _fund(request, pk)
    quarter = quarters.quarter_of(found, _day(request))
    rows = papers.sheet_rows(quarter, _lines(found, quarter))
    title = f"{found} {quarter.label}"
    order = exports.Order(
        file_name=f"{title}-{found.estate.name}",
        title=title,
        columns=(
            _("Day"),
            _("What"),
            _("From or to"),
            _("For what"),
            _("Received (yuan)"),
            _("Spent (yuan)"),
        ),
        rows=rows,
        count=len(rows),
        right=EXPORT,
        estates=[found.estate_id],
    )

    def record(count: int) -> None:
        audit.record(
            "fees.fund_exported",
            by=request.user,
            target=found,
            estate_id=found.estate_id,
            request=request,
            count=count,
        )

    return exports.deliver(request, order, record=record)


@login_required
@require_http_methods(["GET", "POST"])
def line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a line with its voucher and questions; a resident asks one."""
    rows = FundLine.objects.visible_to(request.user).booked().select_related("fund__estate", "reverses")
    found = get_object_or_404(rows, pk=pk)
    form = QuestionForm(request.POST, request.FILES) if request.method == "POST" else QuestionForm()
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_question(
                line=found,
                words=form.cleaned_data["words"],
                spoken=form.cleaned_data["spoken"],
                by=request.user,
                now=clock.now(),
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Thank you. The answer will stand here for all residents."))
            return redirect("fund_line", pk)
    context: dict[str, Any] = {
        "line": found,
        "fund": found.fund,
        "files": list(found.files.all()),
        "questions": FundQuestion.objects.visible_to(request.user).filter(line=found),
        "form": form,
        "may_ask": policies.may_ask_about_fund(request.user, found.fund),
        "quarter_day": found.on.isoformat(),
    }
    return render(request, "fees/fund_line.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
@address_expires
def file(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns a voucher or a decision."""
    return files.serve(get_object_or_404(FundFile.objects.visible_to(request.user), pk=pk))


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns a spoken question, to its asker and to staff."""
    row = get_object_or_404(FundRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(row.name, content_type=row.content_type, of=row)
