"""The privacy page, for everybody, and the consents of a person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.http import SignedInRequest
from accounts.models import Consent
from community.core import clock

# Day of the present text, as the page says it. Whoever changes what is stored changes the page and the day.
NOTICE_OF = "2026-12-01"


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Shows what is stored, why, how long, who sees it, and how to get it or have it erased.

    It says only what the product does: whoever changes what is stored changes the page.
    """
    return render(request, "accounts/privacy.html", {"notice_of": NOTICE_OF})


@login_required
@require_GET
def consents(request: SignedInRequest) -> HttpResponse:
    """Shows what the person agreed to, and when, and lets them withdraw it."""
    given = Consent.objects.valid().filter(person=request.user).select_related("given_by")
    return render(request, "accounts/consents.html", {"consents": given})


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, purpose: str) -> HttpResponse:
    """Withdraws a consent after a page that says what happens then."""
    if purpose not in Consent.Purpose.values:
        raise Http404
    if request.method == "POST":
        actions.withdraw_consent(
            person=request.user, purpose=Consent.Purpose(purpose), by=request.user, now=clock.now()
        )
        messages.success(request, _("Withdrawn. What was noted is deleted."))
        return redirect("consents")
    return render(request, "accounts/withdraw.html", {"purpose": Consent.Purpose(purpose)})
