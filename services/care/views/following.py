"""After the booking: the list, the page of one, and what its resident can do."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.paging import newest_first
from services.care import actions, policies, timeline, times
from services.care.forms import CancelForm
from services.care.models import CareBooking
from services.care.views.choosing import day_of
from services.common.starting import number_of
from services.scheduling.models import Slot


def _booking(request: SignedInRequest, pk: int) -> CareBooking:
    return get_object_or_404(CareBooking.objects.visible_to(request.user).with_people(), pk=pk)


@login_required
@require_GET
def bookings(request: SignedInRequest) -> HttpResponse:
    """One's own, and those of whom one acts for; newest first."""
    mine = CareBooking.objects.of_household(request.user).with_people()
    found, older = newest_first(mine, before=request.GET.get("before", ""))
    return render(request, "care/bookings.html", {"bookings": found, "older": older})


@login_required
@require_GET
def booking(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "care/booking.html", _context(request, pk))


@login_required
@require_GET
def booking_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page, as its open copies fetch it."""
    return render(request, "care/booking_live.html", _context(request, pk))


def _context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = _booking(request, pk)
    held = policies.capacities(request.user, found)
    return {
        "booking": found,
        "verbs": policies.allowed_verbs(request.user, found, clock.now()),
        "line": timeline.line(found),
        "tone": timeline.tone(found),
        "entries": timeline.entries(found, request.user),
        "free_until": policies.free_until(found),
        # The code is the elder's to say: whoever acts for them sees it, the carer does not.
        "shows_code": policies.RESIDENT in held and request.user.pk != found.carer_id,
    }


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _booking(request, pk)
    if request.method == "GET" and not _may(request, found, "cancel_booking"):
        return redirect("care_booking", pk=pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            actions.cancel_booking(booking=found, by=request.user, reason=reason, now=clock.now())
            messages.success(request, _("Cancelled. It costs nothing."))
            return redirect("care_booking", pk=pk)
        except Forbidden:
            raise
        except ActionError as refusal:
            form.add_error(None, str(refusal.message))
    context = {"booking": found, "form": form}
    return render(request, "care/cancel.html", context, status=422 if form.errors else 200)


def _may(request: SignedInRequest, found: CareBooking, verb: str) -> bool:
    return verb in policies.allowed_verbs(request.user, found, clock.now())


@login_required
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another time of the same service."""
    found = _booking(request, pk)
    if request.method == "GET" and not _may(request, found, "move_booking"):
        return redirect("care_booking", pk=pk)
    if request.method == "POST":
        slot = get_object_or_404(
            Slot, pk=number_of(request.POST.get("slot", "")), resource=found.service.resource_id
        )
        try:
            actions.move_booking(booking=found, to=slot, by=request.user, now=clock.now())
            messages.success(request, _("Moved to the new time."))
            return redirect("care_booking", pk=pk)
        except Forbidden:
            raise
        except ActionError as refusal:
            messages.error(request, str(refusal.message))
            return redirect("care_move", pk=pk)
    first, on = day_of(request.GET.get("from", "")), day_of(request.GET.get("on", ""))
    is_helper = policies.helps_in(request.user, found.estate_id)
    days, more = times.days_of(found.service, found.resident, clock.now(), is_helper=is_helper, first=first)
    context = {
        "booking": found,
        "service": found.service,
        "days": days,
        "more": more,
        "chosen": next((day for day in days if day.on == on), None),
        "is_flat": all(len(day.times) == 1 for day in days),
        "key": uuid4(),
    }
    return render(request, "care/move.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def thumb(request: SignedInRequest, pk: int) -> HttpResponse:
    """Was it good? Two faces, one tap."""
    found = _booking(request, pk)
    if request.method == "POST" and request.POST.get("thumb") in {"up", "down"}:
        is_up = request.POST["thumb"] == "up"
        actions.give_thumb(booking=found, by=request.user, is_up=is_up, now=clock.now())
        messages.success(
            request,
            _("Thank you for telling us.") if is_up else _("Thank you. The coordinator will look at it."),
        )
        return redirect("care_booking", pk=pk)
    if not _may(request, found, "give_thumb"):
        return redirect("care_booking", pk=pk)
    return render(request, "care/thumb.html", {"booking": found})
