"""Page that makes a repair from feedback."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.services import is_on
from services import feedback as feedback_service
from services.feedback import policies
from services.feedback.models import Feedback
from services.feedback.queries import rating_recording
from services.repairs.actions import ComplaintRepair, turn_into_repair
from services.repairs.forms.feedback import RepairForm


@login_required
@require_http_methods(["GET", "POST"])
def make_repair(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for category and place, beside the words of the feedback; not found while feedback is off."""
    if not is_on(feedback_service.KEY):
        raise Http404
    rows = Feedback.objects.for_staff(request.user).with_people()
    feedback = get_object_or_404(rows, pk=pk)
    policies.require("turn_into_repair", request.user, feedback)
    if feedback.repair_reference:
        return redirect("staff_feedback_one", pk=pk)
    form = RepairForm(request.POST or None, feedback=feedback)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            details = ComplaintRepair(
                category=given["category"],
                where=form.chosen_place(),
                description=given["description"],
                key=given["key"] or uuid4(),
            )
            repair = turn_into_repair(feedback=feedback, details=details, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            words = _("The repair %(reference)s was made of it.") % {"reference": repair.reference}
            messages.success(request, words)
            return redirect("staff_feedback_one", pk=pk)
    context = {
        "feedback": feedback,
        "estate": feedback.estate,
        "form": form,
        "recordings": feedback.recordings.all(),
        "rating_recording": rating_recording(feedback),
    }
    return render(request, "repairs/staff/feedback_repair.html", context, status=422 if form.errors else 200)
