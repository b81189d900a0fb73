"""The carer's phone pages: today's visits in order, a visit, and its verbs."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import Role
from community.core import clock
from services.care import home_codes, policies, timeline, weeks
from services.care.actions.steps import record_number_read
from services.care.forms.staff import WORK_FORMS, StartForm, VerbForm
from services.care.models import CareBooking, CarerPicture
from services.common.verb_pages import form_named, forms_for
from services.common.work import estates_to_work_in, frame_context

DAYS_AHEAD = 7
S = CareBooking.Status


@login_required
@require_GET
def visits(request: SignedInRequest) -> HttpResponse:
    """Today's visits in order, and those of the next days below."""
    return render(request, "care/work/visits.html", _visits_context(request))


@login_required
@require_GET
def visits_live(request: SignedInRequest) -> HttpResponse:
    return render(request, "care/work/visits_live.html", _visits_context(request))


def _visits_context(request: SignedInRequest) -> dict[str, Any]:
    estates = estates_to_work_in(request.user, Role.CARER)
    today = clock.today(clock.now())
    found = weeks.visits_of(request.user, today, DAYS_AHEAD)
    tomorrow = clock.midnight(today + timedelta(days=1))
    of_today = [visit for visit in found if visit.starts_at < tomorrow]
    return frame_context(estates[0]) | {
        "to_do": [visit for visit in of_today if visit.status in CareBooking.OPEN],
        "done": [visit for visit in of_today if visit.status not in CareBooking.OPEN],
        "ahead": [visit for visit in found if visit.starts_at >= tomorrow],
        "own_picture": CarerPicture.objects.filter(carer__user=request.user).order_by("agreed_at").first(),
        "has_estates": len(estates) > 1,
        "topic": f"carer:{request.user.pk}",
    }


def _visit(request: SignedInRequest, pk: int) -> CareBooking:
    return get_object_or_404(CareBooking.objects.of_carer(request.user).with_people(), pk=pk)


def _is_over(request: SignedInRequest, found: CareBooking) -> bool:
    """Whether the carer has nothing more to do with the visit; name and address are then hidden."""
    return not CareBooking.objects.in_hands_of(request.user, clock.now()).filter(pk=found.pk).exists()


def _visit_page(
    request: SignedInRequest, found: CareBooking, *, tried: VerbForm | None = None, status: int = 200
) -> HttpResponse:
    if _is_over(request, found):
        return render(request, "care/work/over.html", _over_context(found), status=status)
    return render(request, "care/work/visit.html", _visit_context(request, found, tried=tried), status=status)


def _over_context(found: CareBooking) -> dict[str, Any]:
    return frame_context(found.estate) | {"booking": found, "tone": timeline.tone(found)}


@login_required
@require_GET
def visit(request: SignedInRequest, pk: int) -> HttpResponse:
    """A visit with everything needed at the door; the audit records that number and answer were shown.

    A day after the visit, or once it is cancelled, only the service and the time are shown.
    """
    return _visit_page(request, _visit(request, pk))


@login_required
@require_GET
def visit_live(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _visit(request, pk)
    if _is_over(request, found):
        return render(request, "care/work/over_live.html", _over_context(found))
    return render(request, "care/work/visit_live.html", _visit_context(request, found))


def _visit_context(
    request: SignedInRequest, found: CareBooking, *, tried: VerbForm | None = None
) -> dict[str, Any]:
    record_number_read(request, found, by=request.user)
    verbs = policies.allowed_verbs(request.user, found, clock.now())
    return frame_context(found.estate) | {
        "booking": found,
        "tone": timeline.tone(found),
        "carer_code": home_codes.carer_code(found),
        "recordings": list(found.recordings.all()),
        "forms": forms_for(WORK_FORMS, verbs, lambda kind: kind(booking=found, by=request.user), tried=tried),
        "tried": tried,
    }


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Starts a visit with a code, finishes it, or reports that nobody is there."""
    kind = form_named(WORK_FORMS, verb)
    if request.method == "GET":
        return redirect("care_visit", pk=pk)
    found = _visit(request, pk)
    form = kind(request.POST, booking=found, by=request.user)
    if form.carry_out(now=clock.now()):
        messages.success(request, _success_message(found))
        return redirect("care_visit", pk=pk) if found.status == S.UNDER_WAY else redirect("care_work")
    status = form.refusal.status if form.refusal is not None else 422
    return _visit_page(request, found, tried=form, status=status)


def _success_message(found: CareBooking) -> str:
    messages_by_status = {
        S.UNDER_WAY: _("Begun. Finish it here when you are done."),
        S.DONE: _("Finished. On to the next one."),
        S.MISSED: _("Noted. The family is told."),
    }
    return messages_by_status[S(found.status)]


@login_required
@require_GET
def at_home(request: SignedInRequest, home_pk: int, code: str) -> HttpResponse:
    """The page of the QR code inside a home: the carer's visits there today, to start with a tap."""
    estates_to_work_in(request.user, Role.CARER)
    if not home_codes.is_code_of(home_pk, code):
        raise Http404
    today = clock.today(clock.now())
    found = [row for row in weeks.visits_of(request.user, today, 1) if row.home_id == home_pk]
    if not found:
        messages.error(request, _("You have no visit in this home today."))
        return redirect("care_work")
    waiting = [row for row in found if row.status == S.BOOKED]
    if not waiting:
        return redirect("care_visit", pk=found[-1].pk)
    forms = [StartForm({"code": code}, booking=row, by=request.user) for row in waiting]
    return render(
        request, "care/work/at_home.html", frame_context(found[0].estate) | {"forms": forms, "code": code}
    )
