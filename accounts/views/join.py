"""Requests a home (/join/): a question on each page, with all answers in the address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.forms import JoinForm, kind_choices
from accounts.http import SignedInRequest
from accounts.models import Residency
from community.core import clock, limits
from community.core.errors import ActionError, as_refused
from community.core.limit_table import RESIDENCY
from community.estates.models import Building, Entrance, Estate, Home

TOTAL = 6


def _question_page(
    request: SignedInRequest, step: int, question: str, options: list[dict[str, Any]], **more: Any
) -> HttpResponse:
    context = {"question": question, "options": options, "step": step, "total": TOTAL, **more}
    return render(request, "accounts/join.html", context)


def _option(label: str, name: str, *args: Any) -> dict[str, Any]:
    return {"label": label, "href": reverse(name, args=args)}


@login_required
@require_GET
def join(request: SignedInRequest) -> HttpResponse:
    estates = [_option(one.name, "join_estate", one.pk) for one in Estate.objects.all()]
    return _question_page(request, 1, "estate", estates, back_url=reverse("me"), full=True)


@login_required
@require_GET
def join_estate(request: SignedInRequest, pk: int) -> HttpResponse:
    estate = get_object_or_404(Estate, pk=pk)
    buildings = [_option(one.name, "join_building", one.pk) for one in estate.buildings.all()]
    return _question_page(request, 2, "building", buildings, so_far=str(estate), back_url=reverse("join"))


@login_required
@require_GET
def join_building(request: SignedInRequest, pk: int) -> HttpResponse:
    building = get_object_or_404(Building, pk=pk)
    entrances = [_option(one.name, "join_entrance", one.pk) for one in building.entrances.all()]
    back = reverse("join_estate", args=[building.estate_id])
    return _question_page(request, 3, "entrance", entrances, so_far=str(building), back_url=back)


@login_required
@require_GET
def join_entrance(request: SignedInRequest, pk: int) -> HttpResponse:
    entrance = get_object_or_404(Entrance.objects.select_related("building"), pk=pk)
    homes = [_option(one.number, "join_home", one.pk) for one in entrance.homes.all()]
    back = reverse("join_building", args=[entrance.building_id])
    return _question_page(request, 4, "home", homes, so_far=str(entrance), back_url=back)


@login_required
@require_GET
def join_home(request: SignedInRequest, pk: int) -> HttpResponse:
    home = get_object_or_404(Home.objects.with_address(), pk=pk)
    kinds = [_option(label, "join_check", home.pk, kind) for kind, label in kind_choices()]
    back = reverse("join_entrance", args=[home.entrance_id])
    return _question_page(request, 5, "kind", kinds, so_far=str(home), back_url=back)


@login_required
@require_http_methods(["GET", "POST"])
def join_check(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Shows the answers, asks for a note and, if unknown, the name, and sends the request."""
    home = get_object_or_404(Home.objects.with_address(), pk=pk)
    if kind not in Residency.Kind.values:
        raise Http404
    asks_name, refusal = not request.user.name, None
    form = JoinForm(request.POST if request.method == "POST" else None, asks_name=asks_name)
    if request.method == "POST" and form.is_valid():
        try:
            limits.hit(RESIDENCY, request.user.pk)
            residency = actions.request_residency(
                user=request.user, home=home, kind=kind, now=clock.now(), **form.cleaned_data
            )
            return redirect("join_done", residency.pk)
        except ActionError as error:
            refusal = error
            form.add_error(None, str(error.message))
    context = {"form": form, "home": home, "kind": Residency.Kind(kind).label, "step": TOTAL, "total": TOTAL}
    context |= {"back_url": reverse("join_home", args=[home.pk])}
    return as_refused(render(request, "accounts/join_check.html", context), refusal)


@login_required
@require_GET
def join_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows what happens next and the desk's number."""
    own = Residency.objects.filter(user=request.user).select_related("home__entrance__building__estate")
    return render(request, "accounts/join_done.html", {"residency": get_object_or_404(own, pk=pk)})
