"""Page action that reports a fault under the warranty with one tap."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from community.core import clock
from services.renovation.actions import claim_warranty
from services.renovation.models import Appointment


@login_required
@require_POST
def warranty(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reports a fault under the warranty; words can be added on the repair's page."""
    rows = Appointment.objects.under_warranty_for(request.user)
    made = claim_warranty(appointment=get_object_or_404(rows, pk=pk), by=request.user, now=clock.now())
    messages.success(request, _("Reported under the warranty. You can add words and pictures."))
    return redirect(made.url)
