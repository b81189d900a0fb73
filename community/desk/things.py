"""From a reference that somebody wrote down to the page where staff see the thing."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from services.care.models import CareBooking
from services.feedback.models import Feedback
from services.feedback.views.desk import WORKING
from services.fees.models import Bill, Payment
from services.help.models import HelpCall
from services.renovation.models import Appointment
from services.repairs.models import Repair

# By the letter that a reference begins with: whose it is, and where staff see it.
PAGES: dict[str, tuple[Any, str]] = {
    "R": (Repair, "board_repair"),
    "B": (Bill, "fees_bill"),
    "P": (Payment, "fees_payment"),
    "C": (CareBooking, "care_desk_booking"),
    "A": (Appointment, "staff_appointment"),
    "H": (HelpCall, "staff_help_call"),
    "F": (Feedback, "staff_feedback_one"),
}


@login_required
@require_GET
def thing(request: SignedInRequest, estate_pk: int, reference: str) -> HttpResponse:
    """To the page of it, which asks for itself whether this person may see it."""
    estate = get_object_or_404(estates_of(request.user, *WORKING), pk=estate_pk)
    model, page = PAGES.get(reference[:1].upper(), (None, ""))
    if not reference.isprintable():
        # PostgreSQL has no text with a zero in it.
        raise Http404
    found = model and model.objects.filter(estate=estate, reference=reference.upper()).first()
    if not found:
        raise Http404
    return redirect(page, pk=found.pk)
