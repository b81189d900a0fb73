"""Office pages of meters: the list, one meter with its values, values that wait."""

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
from community.estates.models import Building
from services.common.question_pages import row_key
from services.fees import list_exports, policies
from services.fees.forms.staff import ReasonForm
from services.fees.meters import actions, queries
from services.fees.meters.forms.staff import NewMeterForm, ReadingForm, ReplaceForm
from services.fees.models import Meter, MeterReading
from services.fees.roles import FEES_STAFF
from services.fees.views.access import chosen_fees_estate, fees_staff_only

PER_PAGE = 100


@fees_staff_only
@require_GET
def meters(request: SignedInRequest) -> HttpResponse:
    """Lists the meters of a building, or those of the estate and its buildings, with their last values."""
    estate, estates = chosen_fees_estate(request)
    buildings = list(Building.objects.filter(estate=estate))
    chosen = next((one for one in buildings if str(one.pk) == request.GET.get("building", "")), None)
    rows = Meter.objects.in_use().filter(estate=estate)
    rows = rows.filter(building=chosen) if chosen else rows.filter(home=None)
    shown = list(rows.with_places().in_order()[: PER_PAGE * 5])
    usual = queries.usual_by_meter(shown)
    period = clock.today(clock.now()).replace(day=1)
    context = {
        "estate": estate,
        "estates": estates,
        "buildings": buildings,
        "chosen": chosen,
        "rows": [(meter, usual[meter.pk].last if meter.pk in usual else None) for meter in shown],
        "rounds": queries.rounds([estate], period),
        "period": period,
        "waiting": queries.waiting_in([estate]).count(),
        "may_keep": policies.may("keep_meters", request.user, estate.pk),
        "may_import": policies.may("read_meters", request.user, estate.pk),
        "may_export": list_exports.may_export(request, estate),
    }
    return render(request, "fees/staff/meters.html", context)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def add(request: SignedInRequest) -> HttpResponse:
    """Adds a meter with its first value."""
    estate, estates = chosen_fees_estate(request)
    policies.require("keep_meters", request.user, estate.pk)
    form = NewMeterForm(request.POST if request.method == "POST" else None, estate=estate)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        new = actions.NewMeter(
            estate=estate,
            building=given["building"],
            home=given["room"],
            item=given["item"],
            kind=given["kind"],
            serial=given["serial"],
            digits=given["digits"],
            installed_on=given["installed_on"],
            first_milli=given["first"],
        )
        try:
            meter = actions.add_meter(new, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, _at("room", "home", error))
        else:
            messages.success(request, _("The meter %(serial)s is added.") % {"serial": meter.serial})
            return redirect("fees_meter", meter.pk)
    context = {"estate": estate, "estates": estates, "form": form}
    return render(request, "fees/staff/meter_new.html", context, status=422 if form.errors else 200)


def _at(shown: str, field: str, error: ActionError) -> ActionError:
    """Shows a refusal of ``field`` at the input ``shown`` of the page."""
    if error.field == field:
        error.field = shown
    return error


def _meter(request: SignedInRequest, pk: int) -> Meter:
    rows = Meter.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).with_places()
    return get_object_or_404(rows.select_related("replaces", "replaced_by"), pk=pk)


@fees_staff_only
@require_http_methods(["GET", "POST"])
def meter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a meter with its values; takes a value that staff type."""
    found = _meter(request, pk)
    now = clock.now()
    form = ReadingForm(request.POST if request.method == "POST" else None, initial={"on": clock.today(now)})
    asks = bool(request.POST.get("is_sure"))
    if request.method == "POST":
        policies.require("read_meters", request.user, found.estate_id)
        if form.is_valid():
            try:
                reading = actions.take_reading(_new_reading(found, form), by=request.user, now=now)
            except ActionError as error:
                asks = isinstance(error, actions.OddReading)
                show_refusal(form, error)
            else:
                messages.success(request, _done_words(reading))
                return redirect("fees_meter", pk)
    readings, older = newest_first(
        found.readings.select_related("by", "decided_by").prefetch_related("pictures"),
        before=request.GET.get("before", ""),
    )
    context = {
        "meter": found,
        "estate": found.estate,
        "form": form,
        "asks": asks,
        "readings": readings,
        "next_url": f"?before={older}" if older else "",
        "may_read": policies.may("read_meters", request.user, found.estate_id) and not found.removed_on,
        "may_keep": policies.may("keep_meters", request.user, found.estate_id) and not found.removed_on,
    }
    return render(request, "fees/staff/meter.html", context, status=422 if form.errors else 200)


def _new_reading(found: Meter, form: ReadingForm) -> actions.NewReading:
    given = form.cleaned_data
    return actions.NewReading(
        meter=found,
        on=given["on"],
        value_milli=given["value"],
        source=MeterReading.Source.STAFF,
        is_sure=given["is_sure"],
    )


def _done_words(reading: MeterReading) -> str:
    if reading.status == MeterReading.Status.WAITING:
        return _("Saved. It is lower than the last one: please decide it under “Waiting”.")
    return _("Saved.")


@fees_staff_only
@require_http_methods(["GET", "POST"])
def replace(request: SignedInRequest, pk: int) -> HttpResponse:
    """Replaces a meter: the last value of the old one, and the new one with its first value."""
    found = _meter(request, pk)
    policies.require("keep_meters", request.user, found.estate_id)
    now = clock.now()
    initial = {"on": clock.today(now), "digits": found.digits}
    form = ReplaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        replacement = actions.Replacement(
            old=found,
            on=given["on"],
            final_milli=given["final"],
            serial=given["serial"],
            digits=given["digits"],
            first_milli=given["first"],
        )
        try:
            new = actions.replace_meter(replacement, by=request.user, now=now)
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The meter is replaced."))
            return redirect("fees_meter", new.pk)
    context = {"meter": found, "estate": found.estate, "form": form}
    return render(request, "fees/staff/meter_replace.html", context, status=422 if form.errors else 200)


@fees_staff_only
@require_GET
def waiting(request: SignedInRequest) -> HttpResponse:
    """Lists the values that wait for the office, with their pictures."""
    return render(request, "fees/staff/readings.html", _waiting_context(request))


def _waiting_context(request: SignedInRequest, **more: Any) -> dict[str, Any]:
    estate, estates = chosen_fees_estate(request)
    after = request.GET.get("after", "")
    found = queries.waiting_in([estate]).prefetch_related("pictures")
    if after.isascii() and after.isdigit():
        found = found.filter(pk__gt=row_key(after))
    rows = list(found[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    usual = queries.usual_by_meter([one.meter for one in shown])
    return {
        "estate": estate,
        "estates": estates,
        "rows": [(one, usual[one.meter_id].last if one.meter_id in usual else None) for one in shown],
        "next_url": f"?estate={estate.pk}&after={shown[-1].pk}" if len(rows) > PER_PAGE else "",
        "may_decide": policies.may("decide_reading", request.user, estate.pk),
        "form": ReasonForm(),
    } | more


def _reading(request: SignedInRequest, pk: int) -> MeterReading:
    rows = MeterReading.objects.filter(meter__estate__in=estates_of(request.user, *FEES_STAFF))
    return get_object_or_404(rows.select_related("meter__estate"), pk=pk)


@fees_staff_only
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lets a value that waits count."""
    found = _reading(request, pk)
    try:
        actions.confirm_reading(reading=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("It counts now."))
    return redirect("fees_readings")


@fees_staff_only
@require_POST
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leaves a value that waits out, with a reason."""
    found = _reading(request, pk)
    policies.require("decide_reading", request.user, found.meter.estate_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            actions.refuse_reading(reading=found, reason=reason, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("It does not count."))
            return redirect("fees_readings")
    context = _waiting_context(request, tried=found.pk, form=form)
    return render(request, "fees/staff/readings.html", context, status=422)
