"""Reductions: what waits for a second person, what counts, and a new one for a home."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.paging import newest_first
from services.fees import policies
from services.fees.billing.reductions import actions
from services.fees.billing.reductions.forms import EndForm, ReductionForm
from services.fees.models import Reduction
from services.fees.models.reach import ReductionQuerySet
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only, home_of_staff

RENAMED = {"off": "percent"}


def _rows() -> ReductionQuerySet:
    return Reduction.objects.select_related(
        "item__estate", "home__entrance__building", "asked_by", "approved_by"
    )


@fees_staff_only
@require_GET
def reductions(request: SignedInRequest) -> HttpResponse:
    """Shows the reductions of an estate: first those that wait for a yes."""
    estate, estates = chosen_fees_estate(request)
    rows = _rows().filter(item__estate=estate)
    waiting = rows.waiting()[:50]
    others, older = newest_first(
        rows.exclude(approved_by=None, ended_at=None), before=request.GET.get("before", ""), by="asked_at"
    )
    today = clock.today(clock.now())
    context = {
        "estate": estate,
        "estates": estates,
        "waiting": [(one, policies.may_answer_reduction(request.user, one)) for one in waiting],
        "others": [(one, _end_form(request, one, today)) for one in others],
        "today": today,
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
    }
    return render(request, "fees/staff/reductions.html", context)


def _end_form(request: SignedInRequest, one: Reduction, today: Any) -> EndForm | None:
    """Returns the form with which this person may end a reduction that counts; else None."""
    is_counting = one.approved_by_id and one.ended_at is None and one.to_on > today
    if not is_counting or not policies.may_answer_reduction(request.user, one):
        return None
    return EndForm(of=one.pk, initial={"last_on": today})


@fees_staff_only
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for a reduction of a fee of one home."""
    home = home_of_staff(request.user, pk)
    policies.require("ask_reduction", request.user, home.estate.pk)
    form = ReductionForm(request.POST if request.method == "POST" else None, estate=home.estate)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        asked = actions.Asked(
            item=given["item"],
            home=home,
            why=given["why"],
            off=form.off,
            from_on=given["from_on"],
            to_on=given["to_on"],
            reason=given["reason"],
        )
        try:
            actions.ask_reduction(asked, by=request.user, now=clock.now())
        except ActionError as error:
            field = RENAMED.get(error.field, error.field)
            form.add_error(field if field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Asked for. It counts once a colleague has agreed."))
            return redirect(f"/staff/fees/reductions/?estate={home.estate.pk}")
    context = {"home": home, "estate": home.estate, "form": form}
    return render(request, "fees/staff/reduction.html", context, status=422 if form.errors else 200)


def _reduction(request: SignedInRequest, pk: int) -> Reduction:
    return get_object_or_404(_rows(), pk=pk, item__estate__in=estates_of(request.user, *FEES_STAFF))


@fees_staff_only
@require_POST
def agree(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _reduction(request, pk)
    actions.agree_to_reduction(reduction=found, by=request.user, now=clock.now())
    messages.success(request, _("Agreed to. The next bills take it into account."))
    return redirect(f"/staff/fees/reductions/?estate={found.item.estate_id}")


@fees_staff_only
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _reduction(request, pk)
    actions.decline_reduction(reduction=found, by=request.user, now=clock.now())
    messages.success(request, _("The reduction is withdrawn."))
    return redirect(f"/staff/fees/reductions/?estate={found.item.estate_id}")


@fees_staff_only
@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _reduction(request, pk)
    form = EndForm(request.POST, of=found.pk)
    if form.is_valid():
        try:
            actions.end_reduction(
                reduction=found, last_on=form.cleaned_data["last_on"], by=request.user, now=clock.now()
            )
            messages.success(request, _("The reduction has a new last day."))
        except ActionError as error:
            show_refusal(form, error)
    for errors in form.errors.values():
        messages.error(request, str(errors[0]))
    return redirect(f"/staff/fees/reductions/?estate={found.item.estate_id}")
