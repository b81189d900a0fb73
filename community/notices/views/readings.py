"""Pages of readings: by building and home, homes to visit, printed and as Excel; and the poster."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.policies import has_role
from community.core import clock, exports
from community.core.errors import Forbidden
from community.estates.models import Building
from community.notices import actions, home_states
from community.notices.models import Notice
from community.notices.poster import poster_pdf
from community.notices.roles import WRITING
from community.notices.views.staff import found_for_staff

EXPORT = "notices.export_notice"


@login_required
@require_GET
def reading(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "notices/staff/reading.html", _overview_context(request, pk))


@login_required
@require_GET
def reading_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "notices/staff/reading_live.html", _overview_context(request, pk))


def _overview_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = found_for_staff(request, pk)
    groups = home_states.by_building(home_states.home_states(found))
    return {
        "notice": found,
        "estate": found.estate,
        "groups": groups,
        "total": home_states.totals(groups),
        "may_export": request.user.has_perm(EXPORT, found.estate_id),  # type: ignore[arg-type]
    }


@login_required
@require_GET
def building(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    return render(request, "notices/staff/doors.html", _building_context(request, pk, building_pk))


@login_required
@require_GET
def building_live(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    return render(request, "notices/staff/doors_live.html", _building_context(request, pk, building_pk))


def _building_context(request: SignedInRequest, pk: int, building_pk: int) -> dict[str, Any]:
    found = found_for_staff(request, pk)
    place = get_object_or_404(Building, pk=building_pk, estate=found.estate_id)
    groups = home_states.by_entrance(home_states.home_states(found, building=place))
    is_out = found.status == Notice.Status.PUBLISHED
    return {
        "notice": found,
        "estate": found.estate,
        "building": place,
        "groups": groups,
        "total": home_states.totals(groups),
        "may_tick": is_out and has_role(request.user, found.estate_id, *WRITING),
    }


@login_required
@require_POST
def door(request: SignedInRequest, pk: int, home_pk: int) -> HttpResponse:
    """Records that a home was told at the door, or removes the record."""
    found = found_for_staff(request, pk)
    home = get_object_or_404(found.homes().select_related("entrance"), pk=home_pk)
    if request.POST.get("told") == "no":
        actions.forget_door(notice=found, home=home, by=request.user)
    else:
        actions.tell_at_door(notice=found, home=home, by=request.user, now=clock.now())
    page = reverse("staff_notice_doors", args=[pk, home.entrance.building_id])
    return redirect(f"{page}#home-{home.pk}")


@login_required
@require_GET
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Exports the homes to visit as Excel, for users with the export right; recorded."""
    found = found_for_staff(request, pk)
    if not request.user.has_perm(EXPORT, found.estate_id):  # type: ignore[arg-type]
        raise Forbidden
    homes = [(one.home, str(one.state.label)) for one in home_states.home_states(found) if one.needs_knock]
    order = exports.Order(
        file_name=f"{_('Doors')}-{found.title}",
        title=_("Doors"),
        above=found.title,
        columns=(_("Building"), _("Entrance"), pgettext("column of a table", "Home"), _("State")),
        rows=((home.entrance.building.name, home.entrance.name, home.number, state) for home, state in homes),
        count=len(homes),
        right=EXPORT,
        estates=[found.estate_id],
    )
    return exports.sheet(request, name="notice_doors", order=order, target=found)


@login_required
@require_GET
def poster(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the poster as PDF; 404 for a discarded notice."""
    found = found_for_staff(request, pk)
    if found.status == Notice.Status.DISCARDED:
        raise Http404
    answer = HttpResponse(poster_pdf(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="notice-{found.pk}.pdf"'
    return answer
