"""Page that prints signs of public places."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from community.core.admin_base import estates_for
from community.core.errors import Forbidden
from community.estates.forms import SignForm
from community.estates.models import PublicPlace
from community.estates.place_signs import sign_sheets

PRINT = "estates.print_publicplace"


@login_required
def signs(request: HttpRequest) -> HttpResponse:
    """Asks for places and paper; returns the PDF for a valid choice.

    Raises ``Forbidden`` without the right to print in any estate.
    """
    estates = estates_for(request, PRINT)
    if not estates:
        raise Forbidden
    places = PublicPlace.objects.filter(estate__in=estates).select_related("estate", "building")
    form = SignForm(request.GET if "size" in request.GET else None, places=places)
    if form.is_valid():
        return _pdf(form.cleaned_data)
    return render(request, "estates/signs.html", {"form": form, "groups": _by_building(places)})


def _pdf(chosen: dict[str, Any]) -> HttpResponse:
    answer = HttpResponse(sign_sheets(chosen["places"], size=chosen["size"]), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="signs.pdf"'
    return answer


def _by_building(places: QuerySet[PublicPlace]) -> list[dict[str, Any]]:
    """Groups places for choosing: outdoor ones first, then by building."""
    outdoors = _("Outdoors")
    groups: dict[tuple[str, str], list[PublicPlace]] = {}
    for place in places.order_by("estate__name", F("building__position").asc(nulls_first=True), "name"):
        key = (place.estate.name, place.building.name if place.building else outdoors)
        groups.setdefault(key, []).append(place)
    return [
        {
            "estate": estate,
            "name": name,
            "places": found,
            "all": urlencode([("places", one.pk) for one in found]),
        }
        for (estate, name), found in groups.items()
    ]
