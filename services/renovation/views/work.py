"""The crew's phone pages: today's homes, a home, and its verbs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import Role
from community.core import audit, clock
from services.common.verb_pages import form_named, forms_for
from services.common.work import estates_to_work_in, frame_context
from services.renovation import policies, queries, timeline, works_in_home
from services.renovation.forms.work import CREW_FORMS, CrewForm
from services.renovation.models import Appointment, Crew
from services.renovation.models.appointments import AT_WORK

Status = Appointment.Status
STILL_TO_DO = (Status.BOOKED, Status.DEFECTS, Status.UNDER_WAY)


@login_required
@require_GET
def jobs(request: SignedInRequest) -> HttpResponse:
    return render(request, "renovation/crew/jobs.html", _jobs_context(request))


@login_required
@require_GET
def jobs_live(request: SignedInRequest) -> HttpResponse:
    return render(request, "renovation/crew/jobs_live.html", _jobs_context(request))


def _jobs_context(request: SignedInRequest) -> dict[str, Any]:
    estate = estates_to_work_in(request.user, Role.CREW)[0]
    found = list(queries.appointments_of_today(request.user, clock.now()))
    waiting = {Status.BOOKED, Status.UNDER_WAY, Status.DEFECTS}
    crews = Crew.objects.filter(members=request.user).order_by("pk")
    _begins, tomorrow = queries.day_bounds(clock.now())
    later = Appointment.objects.of_crew_member(request.user).filter(
        status=Status.BOOKED, place__slot__starts_at__gte=tomorrow
    )
    return frame_context(estate) | {
        "to_do": [row for row in found if row.status in waiting],
        "done": [row for row in found if row.status not in waiting],
        "next": list(later.with_people().order_by("place__slot__starts_at", "pk")[:5]),
        "topics": [f"worker:{request.user.pk}", *(crew.live_topic for crew in crews)],
    }


def _appointment(request: SignedInRequest, pk: int) -> Appointment:
    return get_object_or_404(Appointment.objects.of_crew_member(request.user).with_people(), pk=pk)


@login_required
@require_GET
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """An appointment with everything needed at the door; the audit records that the number was shown."""
    found = _appointment(request, pk)
    if found.status in AT_WORK:
        audit.record_number_read(found, by=request.user, estate_id=found.estate_id, request=request)
    return render(request, "renovation/crew/job.html", _job_context(request, found))


@login_required
@require_GET
def job_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/crew/job_live.html", _job_context(request, _appointment(request, pk)))


def _job_context(
    request: SignedInRequest, found: Appointment, *, tried: CrewForm | None = None
) -> dict[str, Any]:
    verbs = policies.allowed_verbs(request.user, found, clock.now())
    return frame_context(found.project.estate) | {
        "appointment": found,
        "tone": timeline.tone(found),
        "wishes": queries.wishes_of([found]).get((found.project_id, found.home_id), ""),
        # The number is shown only while the crew has work in the home.
        "is_at_work": found.status in AT_WORK,
        "defects": found.defects_named() if found.status in STILL_TO_DO else "",
        "forms": forms_for(
            CREW_FORMS, verbs, lambda kind: kind(by=request.user, appointment=found), tried=tried
        ),
        "pictures": list(found.pictures.all()),
        "recordings": list(found.recordings.all()),
        "spoken_wishes": queries.spoken_wishes_of(found),
        "pairs": works_in_home.pairs_of_appointment(found),
    }


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on an appointment."""
    kind = form_named(CREW_FORMS, verb)
    if request.method == "GET":
        return redirect("crew_job", pk=pk)
    found = _appointment(request, pk)
    form = kind(request.POST, request.FILES, by=request.user, appointment=found)
    if form.carry_out(now=clock.now()):
        messages.success(request, _("Sent."))
        return redirect("crew_job", pk=pk) if found.status == Status.UNDER_WAY else redirect("crew")
    found.refresh_from_db()
    answer = _job_context(request, _appointment(request, pk), tried=form)
    return render(request, "renovation/crew/job.html", answer, status=422)
