"""Pages of residents after booking: the list, a booking, and its verbs."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import has_role
from community.core import clock, limits, storage
from community.core.dates import day_of
from community.core.errors import ActionError
from community.core.expiring import address_expires
from community.core.limit_table import CARE_HOLD
from community.core.paging import newest_first
from services.care import actions, home_codes, policies, timeline, times
from services.care.forms.resident import CancelForm, ThumbForm
from services.care.models import CareBooking, CareRecording, CarerPicture
from services.care.roles import OVERSEEING
from services.common.calendar_files import CalendarEntry, calendar_response
from services.common.question_pages import row_key
from services.common.verb_pages import ask_and_act
from services.scheduling.models import Slot


def _booking(user: User, pk: int) -> CareBooking | None:
    return CareBooking.objects.of_household(user).with_people().filter(pk=pk).first()


def household_page(
    view: Callable[[SignedInRequest, CareBooking], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Passes the booking to the resident's page; redirects staff to their own page, where reading is
    recorded.
    """

    @login_required
    @wraps(view)
    def page(request: SignedInRequest, pk: int) -> HttpResponse:
        found = _booking(request.user, pk)
        if found is not None:
            return view(request, found)
        return redirect(_staff_page_url(request.user, pk))

    return page


def _staff_page_url(user: User, pk: int) -> str:
    """Returns the URL of the same booking's page for the desk or the carer; raises ``Http404`` for others."""
    found = get_object_or_404(CareBooking.objects.visible_to(user), pk=pk)
    is_at_desk = has_role(user, found.estate_id, *OVERSEEING)
    return reverse("care_desk_booking" if is_at_desk else "care_visit", args=[pk])


@login_required
@require_GET
def bookings(request: SignedInRequest) -> HttpResponse:
    """The bookings of the user and of the people they act for, newest first."""
    mine = CareBooking.objects.of_household(request.user).with_visit()
    found, older = newest_first(mine, before=request.GET.get("before", ""))
    return render(request, "care/bookings.html", {"bookings": found, "older": older})


@require_GET
@household_page
def booking(request: SignedInRequest, found: CareBooking) -> HttpResponse:
    return render(request, "care/booking.html", _page_context(request, found))


@login_required
@require_GET
def booking_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page, fetched by its open copies."""
    found = _booking(request.user, pk)
    if found is None:
        raise Http404
    return render(request, "care/booking_live.html", _page_context(request, found))


def _page_context(request: SignedInRequest, found: CareBooking) -> dict[str, Any]:
    held = policies.capacities(request.user, found)
    shows_code = policies.may_read_code(request.user, found, held)
    return {
        "booking": found,
        "verbs": policies.allowed_verbs(request.user, found, clock.now(), held),
        "line": timeline.line(found),
        "tone": timeline.tone(found),
        "entries": timeline.entries(found, request.user),
        "free_until": policies.free_until(found),
        "recordings": list(found.recordings.all()),
        "shows_code": shows_code,
        "carer_picture": CarerPicture.objects.of_visit(found).first() if found.carer_id else None,
        "carer_code": home_codes.carer_code(found) if shows_code else "",
    }


@require_GET
@household_page
def calendar(request: SignedInRequest, found: CareBooking) -> HttpResponse:
    """Returns the booked time for the phone's own calendar."""
    entry = CalendarEntry(
        uid=f"care-{found.pk}",
        sequence=found.history.count(),
        title=timeline.calendar_title(found, request.user),
        words=f"{found.service.provider} {found.reference}",
        where=f"{found.estate} {found.home}",
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        path=reverse("care_booking", args=[found.pk]),
        is_cancelled=found.status == CareBooking.Status.CANCELLED,
    )
    return calendar_response(entry, name=found.reference, now=clock.now())


@require_http_methods(["GET", "POST"])
@household_page
def cancel(request: SignedInRequest, found: CareBooking) -> HttpResponse:
    if request.method == "GET" and not _may(request, found, "cancel_booking"):
        return redirect("care_booking", pk=found.pk)

    def act(given: dict[str, Any]) -> str:
        actions.cancel_booking(booking=found, by=request.user, now=clock.now(), **given)
        return _("Cancelled. It costs nothing.")

    return ask_and_act(
        request,
        CancelForm(request.POST, request.FILES) if request.method == "POST" else CancelForm(),
        act=act,
        back=reverse("care_booking", args=[found.pk]),
        show=lambda form: render(request, "care/cancel.html", {"booking": found, "form": form}),
    )


def _may(request: SignedInRequest, found: CareBooking, verb: str) -> bool:
    return verb in policies.allowed_verbs(request.user, found, clock.now())


@require_http_methods(["GET", "POST"])
@household_page
def move(request: SignedInRequest, found: CareBooking) -> HttpResponse:
    """Moves the booking to another time of the same service: the times, then both times to compare."""
    if request.method == "GET" and not _may(request, found, "move_booking"):
        return redirect("care_booking", pk=found.pk)
    if chosen := (request.POST if request.method == "POST" else request.GET).get("slot", ""):
        slot = get_object_or_404(Slot, pk=row_key(chosen), resource=found.service.resource_id)
        if request.method == "GET":
            return render(request, "care/move_check.html", {"booking": found, "slot": slot})
        if "sure" not in request.POST:
            return redirect(f"{reverse('care_move', args=[found.pk])}?slot={slot.pk}")
        limits.hit(CARE_HOLD, request.user.pk)
        try:
            actions.move_booking(booking=found, to=slot, by=request.user, now=clock.now())
            messages.success(request, _("Moved to the new time."))
            return redirect("care_booking", pk=found.pk)
        except ActionError as refusal:
            messages.error(request, str(refusal.message))
            return redirect("care_move", pk=found.pk)
    return render(request, "care/move.html", _times_to_move_to(request, found))


def _times_to_move_to(request: SignedInRequest, found: CareBooking) -> dict[str, Any]:
    first, on = day_of(request.GET.get("from", "")), day_of(request.GET.get("on", ""))
    is_helper = policies.is_helper(request.user, found.estate_id)
    days, more = times.days_of(
        found.service, found.resident, clock.now(), is_helper=is_helper, first=first, moved=found
    )
    return {
        "booking": found,
        "service": found.service,
        "days": days,
        "more": more,
        "chosen": next((day for day in days if day.on == on), None),
        "is_flat": all(len(day.times) == 1 for day in days),
        "key": uuid4(),
    }


@require_http_methods(["GET", "POST"])
@household_page
def thumb(request: SignedInRequest, found: CareBooking) -> HttpResponse:
    """Asks whether the visit was good; one tap answers, words or a spoken message may go with it."""
    if request.method == "GET" and not _may(request, found, "give_thumb"):
        return redirect("care_booking", pk=found.pk)

    def act(given: dict[str, Any]) -> str:
        is_up = given.pop("thumb") == "up"
        actions.give_thumb(booking=found, by=request.user, is_up=is_up, now=clock.now(), **given)
        return _("Thank you for telling us.") if is_up else _("Thank you. The coordinator will look at it.")

    return ask_and_act(
        request,
        ThumbForm(request.POST, request.FILES) if request.method == "POST" else ThumbForm(),
        act=act,
        back=reverse("care_booking", args=[found.pk]),
        show=lambda form: render(request, "care/thumb.html", {"booking": found, "form": form}),
    )


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns what was said of a booking, to those who may read what is written there."""
    row = get_object_or_404(CareRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(row.name, content_type=row.content_type, of=row)
