"""Pages of an appointment: time, crew, pictures, and the household's answer."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from community.core import clock, storage
from community.core.expiring import address_expires
from services.common.calendar_files import CalendarEntry, calendar_response
from services.common.forms import SpokenRatingForm
from services.common.verb_pages import VerbPages
from services.renovation import actions, policies, timeline, works_in_home
from services.renovation.forms.resident import DefectsForm, ReasonForm
from services.renovation.models import Appointment, RenovationRecording
from services.renovation.views.access import appointment_of


@login_required
@require_GET
def appointment(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/appointment.html", _page_context(request, pk))


@login_required
@require_GET
def appointment_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/appointment_live.html", _page_context(request, pk))


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = appointment_of(request, pk)
    return {
        "appointment": found,
        "project": found.project,
        "tone": timeline.tone(found),
        "verbs": policies.allowed_verbs(request.user, found, clock.now()),
        "line": timeline.line(found),
        "entries": timeline.entries(found, request.user),
        "pairs": works_in_home.pairs_of_appointment(found),
        "pictures": list(found.pictures.all()),
        "recordings": list(found.recordings.all()),
    }


@login_required
@require_GET
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the agreed time for the phone's own calendar; raises ``Http404`` while none is agreed."""
    found = appointment_of(request, pk)
    if not found.has_time:
        raise Http404
    entry = CalendarEntry(
        uid=f"renovation-{found.pk}",
        sequence=found.history.count(),
        title=_("%(work)s: the crew comes") % {"work": found.item.name},
        words=f"{found.crew} {found.reference}",
        where=f"{found.project.estate} {found.home}",
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        path=reverse("appointment", args=[found.pk]),
        is_cancelled=found.status == Appointment.Status.CANCELLED,
    )
    return calendar_response(entry, name=found.reference, now=clock.now())


PAGES = VerbPages(
    noun="appointment",
    page="appointment",
    find=appointment_of,
    allowed=lambda user, found: policies.allowed_verbs(user, found, clock.now()),
)


@PAGES.asks("cancel_appointment", ReasonForm, "renovation/cancel.html")
def cancel(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.cancel_appointment(appointment=found, by=request.user, now=clock.now(), **given)
    if found.status == Appointment.Status.DEFECTS:
        return _("Cancelled. What is not right stays noted; please choose another time.")
    return _("Cancelled. Nobody will come.")


@PAGES.asks("confirm_work", SpokenRatingForm, "renovation/confirm.html")
def confirm(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.confirm_work(appointment=found, by=request.user, now=clock.now(), **given)
    return _("Thank you. The warranty runs from today.")


@PAGES.asks("name_defects", DefectsForm, "renovation/defects.html")
def defects(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.name_defects(appointment=found, by=request.user, now=clock.now(), **given)
    return _("The crew knows. Somebody will come again.")


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Returns what a household said, to those who may read what it writes there."""
    row = get_object_or_404(RenovationRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(row.name, content_type=row.content_type, of=row)
