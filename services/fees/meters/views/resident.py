"""Pages on which a resident sends the value of their meters, with a picture."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock, limits, storage
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import UPLOAD
from services.fees.acting_for import Household, read_household
from services.fees.meters import actions, queries
from services.fees.meters.forms.resident import OwnReadingForm
from services.fees.models import Meter, MeterReading, ReadingPicture


@login_required
@require_GET
def meters(request: SignedInRequest) -> HttpResponse:
    """Shows the meters of the homes with their last values, and what became of the values that were sent."""
    household = read_household(request, request.user)
    rows = list(queries.meters_of_home(home.pk for home in household.homes))
    usual = queries.usual_by_meter(rows)
    sent = queries.last_sent(rows, [household.resident.pk, request.user.pk])
    context = {
        "found": household,
        "rows": [
            {
                "meter": meter,
                "last": usual[meter.pk].last if meter.pk in usual else None,
                "sent": sent.get(meter.pk),
            }
            for meter in rows
        ],
        "has_homes": len({meter.home_id for meter in rows}) > 1,
    }
    return render(request, "fees/meters/mine.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def meter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for a picture and the value of one meter; a POST sends them to the office."""
    household = read_household(request, request.user)
    rows = queries.meters_of_home(home.pk for home in household.homes)
    found = get_object_or_404(rows, pk=pk)
    if request.method == "GET":
        return _page(request, household, found, OwnReadingForm())
    form = OwnReadingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, household, found, form)
    limits.hit(UPLOAD, request.user.pk)
    try:
        actions.send_reading(_new_reading(found, form), by=request.user, now=clock.now())
    except ActionError as error:
        form.asks = isinstance(error, actions.OddReading)
        show_refusal(form, error)
        return _page(request, household, found, form)
    messages.success(request, _("Sent. The office will check it."))
    query = f"?{household.query}" if household.query else ""
    return redirect(f"{reverse('my_meters')}{query}")


def _new_reading(found: Meter, form: OwnReadingForm) -> actions.NewReading:
    given = form.cleaned_data
    return actions.NewReading(
        meter=found,
        on=clock.today(clock.now()),
        value_milli=given["value"],
        source=MeterReading.Source.RESIDENT,
        is_sure=given["is_sure"],
        uploads=given["pictures"],
    )


def _page(request: SignedInRequest, household: Household, found: Meter, form: OwnReadingForm) -> HttpResponse:
    usual: Any = queries.usual_by_meter([found]).get(found.pk)
    context = {"found": household, "meter": found, "form": form, "last": usual.last if usual else None}
    return render(request, "fees/meters/send.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
@address_expires
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Returns the picture of a reading that the user may see."""
    row = get_object_or_404(ReadingPicture.objects.visible_to(request.user), pk=pk)
    try:
        return storage.serve_private(row.file_name(size), content_type="image/jpeg", of=row)
    except KeyError as error:
        raise Http404 from error
