"""Opening balances: those brought in so far, each with its sums, and undoing one."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import labels, policies
from services.fees.books import actions
from services.fees.forms.staff import ReasonForm
from services.fees.models import FeeItem, Opening
from services.fees.views.access import chosen_fees_estate, fees_staff_only

# Rows of each kind that stand on the page of an opening.
SHOWN = 50


@fees_staff_only
@require_GET
def openings(request: SignedInRequest) -> HttpResponse:
    """Shows the opening balances of an estate, undone ones too, and the way to bring in a sheet."""
    estate, estates = chosen_fees_estate(request)
    rows, older = newest_first(
        Opening.objects.filter(estate=estate).select_related("made_by"),
        before=request.GET.get("before", ""),
    )
    context = {
        "estate": estate,
        "estates": estates,
        "openings": rows,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "may_open": policies.may("open_books", request.user, estate.pk),
    }
    return render(request, "fees/staff/openings.html", context)


def _opening(request: SignedInRequest, pk: int) -> Opening:
    rows = Opening.objects.visible_to(request.user).select_related("estate", "made_by")
    return get_object_or_404(rows, pk=pk)


@fees_staff_only
@require_GET
def opening(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one opening with its sums by item and what hangs on it."""
    return render(request, "fees/staff/opening.html", _context(request, _opening(request, pk), ReasonForm()))


@fees_staff_only
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undoes an opening as a whole, with a reason."""
    found = _opening(request, pk)
    policies.require("open_books", request.user, found.estate_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.undo_opening(
                opening=found, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
            )
        except ActionError as error:
            found.refresh_from_db()
            show_refusal(form, error)
        else:
            messages.success(request, _("Undone: the bills are voided and the prepayments taken back."))
            return redirect("fees_opening", pk)
    return render(request, "fees/staff/opening.html", _context(request, found, form), status=422)


def _context(request: SignedInRequest, found: Opening, form: ReasonForm) -> dict[str, Any]:
    sums = found.bills.order_by().values("item").annotate(fen=Sum("amount_fen"), count=Count("pk"))
    items = FeeItem.objects.in_bulk([row["item"] for row in sums])
    is_booked = found.status == Opening.Status.BOOKED
    paid = actions.paid_bills(found).with_lines().order_by("pk")
    used = actions.used_prepayments(found).select_related("home__entrance__building")
    return {
        "opening": found,
        "estate": found.estate,
        "sums": [(labels.item_name(items[row["item"]]), row["count"], row["fen"]) for row in sums],
        "prepayments": found.prepayments.select_related("home__entrance__building")[:SHOWN],
        "prepayment_count": found.prepayments.count(),
        "paid": paid[:SHOWN] if is_booked else [],
        "paid_count": paid.count() if is_booked else 0,
        "used": used[:SHOWN] if is_booked else [],
        "history": found.history.select_related("actor"),
        "form": form,
        "may_undo": is_booked and policies.may("open_books", request.user, found.estate_id),
    }
