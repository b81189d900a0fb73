"""A year's statement of a home: on a page, and as PDF."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from community.core import clock, limits
from community.core.limit_table import RECEIPT
from community.core.services.figures import Span
from community.estates.models import Home
from services.fees.acting_for import Household, read_household
from services.fees.books import statement_pdf as pdf
from services.fees.books import statements
from services.fees.books.statements import Statement
from services.fees.views.access import fees_staff_only, home_of_staff


def _span(request: SignedInRequest) -> Span:
    """Returns the year of the address, the present one for any other text."""
    today = clock.today(clock.now())
    years = {str(year): year for year in statements.years_of(today)}
    return statements.year_span(years.get(request.GET.get("year", ""), today.year), today)


def _chosen_home(household: Household) -> Home | None:
    return household.home or (household.homes[0] if household.homes else None)


@login_required
@require_GET
def statement(request: SignedInRequest) -> HttpResponse:
    """Shows a resident the sums of a year for one home."""
    household = read_household(request, request.user)
    home, span = _chosen_home(household), _span(request)
    made = statements.statement_for(household.resident, home, household.bills, span) if home else None
    context = _context(made, span) | {"found": household, "homes": household.homes}
    if made:
        context["query"] = _query(made, **({} if household.is_own else {"for": household.resident.pk}))
    return render(request, "fees/statement.html", context)


@login_required
@require_GET
def statement_pdf(request: SignedInRequest) -> HttpResponse:
    """Downloads the resident's statement. Raises ``Http404`` for a person without a home."""
    household = read_household(request, request.user)
    home = _chosen_home(household)
    if home is None:
        raise Http404
    make = partial(statements.statement_for, household.resident, home, household.bills, _span(request))
    return _pdf(request, make)


@fees_staff_only
@require_GET
def of_home(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows staff the statement of a home, row by row."""
    home, span = home_of_staff(request.user, pk), _span(request)
    made = statements.statement_for_staff(home, span)
    return render(
        request,
        "fees/staff/statement.html",
        _context(made, span) | {"home": home, "estate": home.estate, "query": _query(made)},
    )


@fees_staff_only
@require_GET
def of_home_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Downloads the statement of a home."""
    home = home_of_staff(request.user, pk)
    return _pdf(request, partial(statements.statement_for_staff, home, _span(request)))


def _context(made: Statement | None, span: Span) -> dict[str, Any]:
    return {
        "statement": made,
        "year": span.first.year,
        "years": statements.years_of(clock.today(clock.now())),
    }


def _query(made: Statement, **more: Any) -> str:
    return urlencode({"home": made.home.pk, "year": made.span.last.year, **more})


def _pdf(request: SignedInRequest, make: Callable[[], Statement]) -> HttpResponse:
    limits.hit(RECEIPT, request.user.pk)
    response = HttpResponse(pdf.statement_pdf(make), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="statement.pdf"'
    return response
