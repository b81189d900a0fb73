"""Fee items and their tariffs, for staff."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import Approval
from accounts.policies import estates_of
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.estates.models import Estate
from services.fees import TARIFF, policies
from services.fees.billing import actions
from services.fees.billing.forms import NewItemForm, TariffForm
from services.fees.models import FeeItem
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only


@fees_staff_only
@require_http_methods(["GET", "POST"])
def items(request: SignedInRequest) -> HttpResponse:
    """Shows the fee items of the estate with their current tariffs; adds one, whose page asks for its rate."""
    estate, estates = chosen_fees_estate(request)
    form = NewItemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        policies.require("set_tariff", request.user, estate.pk)
        if form.is_valid() and (added := _add_or_errors(request, estate, form)):
            return redirect("fees_item", added.pk)
    rows = FeeItem.objects.filter(estate=estate).prefetch_related("tariffs")
    today = clock.today(clock.now())
    context = {
        "estate": estate,
        "estates": estates,
        "items": [(item, _current(item, today)) for item in rows],
        "form": form,
        "may_add": policies.may("set_tariff", request.user, estate.pk),
    }
    return render(request, "fees/staff/items.html", context, status=422 if form.errors else 200)


def _add_or_errors(request: SignedInRequest, estate: Estate, form: NewItemForm) -> FeeItem | None:
    try:
        new = actions.NewItem(**form.cleaned_data)
        return actions.add_item(new, estate=estate, by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return None


def _current(item: FeeItem, today: date) -> Any:
    """Returns the tariff valid today, from the tariffs loaded with the items, the newest first."""
    return next((tariff for tariff in item.tariffs.all() if tariff.from_on <= today), None)


@fees_staff_only
@require_http_methods(["GET", "POST"])
@asks_again
def item(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows whom an item concerns and all its tariffs; asks for a new one, from a day on."""
    rows = FeeItem.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).select_related("estate")
    found = get_object_or_404(rows, pk=pk)
    form = TariffForm(request.POST if request.method == "POST" else None, item=found)
    if request.method == "POST":
        policies.require("set_tariff", request.user, found.estate_id)
        if form.is_valid() and _ask_tariff(request, found, form):
            messages.success(request, _("Asked. A second person has to agree."))
            return redirect("fees_item", pk)
    context = {
        "item": found,
        "estate": found.estate,
        "form": form,
        "tariffs": found.tariffs.all(),
        "waiting": Approval.objects.waiting().about_any(TARIFF, found.pk),
        "reaches": found.reaches.select_related("building"),
        "listed": found.listings.count(),
        "may_edit": policies.may("set_tariff", request.user, found.estate_id),
        "current": _current(found, clock.today(clock.now())),
        "may_set": policies.may("set_tariff", request.user, found.estate_id)
        and found.basis != FeeItem.Basis.SINGLE,
    }
    return render(request, "fees/staff/item.html", context, status=422 if form.errors else 200)


def _ask_tariff(request: SignedInRequest, found: FeeItem, form: TariffForm) -> bool:
    """Asks for the tariff; returns False and adds the refusal to the form if it is refused."""
    given = form.cleaned_data
    try:
        actions.ask_tariff(
            item=found, from_on=given["from_on"], rate_hao=given["rate"], by=request.user, now=clock.now()
        )
    except ActionError as error:
        field = {"rate_hao": "rate"}.get(error.field, error.field)
        form.add_error(field if field in form.fields else None, str(error.message))
        return False
    return True
