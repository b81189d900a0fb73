"""Moving a payment that was booked to the wrong home: find the right one, choose its bills, say yes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, Forbidden, show_refusal
from community.estates.models import Home
from services.common.question_pages import row_key
from services.fees import actions, policies, queries
from services.fees.forms.refunds import MoveForm
from services.fees.forms.staff import SearchForm
from services.fees.models import Bill, Payment
from services.fees.views.access import fees_staff_only, homes_of_staff
from services.fees.views.counter import search_homes, staff_payment
from services.fees.views.deposits import residents_of


@fees_staff_only
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Moves a payment to another home: asks for the home, then for its bills, and shows it for a yes."""
    found = staff_payment(request, pk)
    policies.require("move_payment", request.user, found.estate_id)
    if not policies.may_move(request.user, found):
        raise Forbidden
    wanted = (request.POST if request.method == "POST" else request.GET).get("home", "")
    if not wanted:
        return _search(request, found)
    home = (
        homes_of_staff(request.user)
        .filter(entrance__building__estate=found.estate, pk=row_key(wanted))
        .first()
    )
    if home is None:
        raise Http404
    return _choose(request, found, home)


def _search(request: SignedInRequest, found: Payment) -> HttpResponse:
    """Shows the search for the right home. A search is posted, so that names appear in no address."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"payment": found, "estate": found.estate, "form": form}
    context["fen"] = actions.movable_fen(found)
    if form.is_bound and form.is_valid():
        homes, _former = search_homes(request.user, form.cleaned_data["words"])
        fitting = [home for home in homes if home.estate.pk == found.estate_id and home.pk != found.home_id]
        context |= {"searched": True, "homes": queries.homes_with_owed(fitting)}
    return render(request, "fees/staff/move.html", context, status=422 if form.errors else 200)


def _choose(request: SignedInRequest, found: Payment, home: Home) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    is_deposit = policies.is_deposit(found)
    open_bills = Bill.objects.filter(home=home).open().with_lines()
    bills = [] if is_deposit else list(open_bills.order_by("period", "pk"))
    form = MoveForm(typed, bills=bills, residents=residents_of(home))
    if not found.origin.is_at_counter:
        # The payer of a payment by phone stays.
        del form.fields["payer"], form.fields["payer_name"]
    context: dict[str, Any] = {"payment": found, "estate": found.estate, "home": home, "form": form}
    context |= {"fen": actions.movable_fen(found), "is_deposit": is_deposit}
    if typed is None or "no" in typed:
        return render(request, "fees/staff/move_choose.html", context)
    if not form.is_valid():
        return render(request, "fees/staff/move_choose.html", context, status=422)
    if "yes" not in typed:
        return render(request, "fees/staff/move_confirm.html", context | _split(context["fen"], form.chosen))
    to = actions.Move(
        home=home,
        bills=[bill.pk for bill in form.chosen],
        payer=form.resident,
        payer_name=form.name,
        reason=form.cleaned_data["reason"],
    )
    try:
        moved = actions.move_payment(payment=found, to=to, by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return render(request, "fees/staff/move_choose.html", context, status=422)
    messages.success(request, _("Moved. The residents of both homes are told."))
    return redirect("fees_payment", moved.pk)


def _split(left: int, chosen: list[Bill]) -> dict[str, Any]:
    """Returns the fen that each chosen bill gets, and the fen that are left for the prepayment."""
    lines = []
    for bill in chosen:
        part = min(left, bill.unpaid_fen)
        left -= part
        if part:
            lines.append((bill, part))
    return {"lines": lines, "rest_fen": left}
