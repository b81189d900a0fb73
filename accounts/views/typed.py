"""Buttons of the frame that take along what is typed in the page's form: the mode and asking the family."""

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.http import SignedInRequest
from accounts.interrupted_forms import is_traceless_path, set_aside, set_aside_until_signed_in
from accounts.models import User
from accounts.views import family
from community.core import modes
from community.core.traces import leaves_no_trace


@leaves_no_trace
@sensitive_post_parameters()
@require_POST
def take_along(request: HttpRequest) -> HttpResponse:
    """Keeps the form of ``page``, then shows it in the named ``mode`` or asks whom to hand it over to.

    The form of a page without traces is not stored: the browser sends it to that page again, or it is carried
    by the page that asks whether the family may read it.
    """
    page, mode = request.GET.get("page", ""), request.GET.get("mode", "")
    actions.must_be_local_path(page)
    is_stored = not is_traceless_path(page.partition("?")[0])
    if isinstance(request.user, User):
        set_aside(request, request.user, page)
    elif is_stored or mode not in modes.MODES:
        return set_aside_until_signed_in(request, page)
    if mode not in modes.MODES:
        if not is_stored:
            return family.ask_about_words(cast("SignedInRequest", request), page)
        return redirect(f"{reverse('handover')}?{urlencode({'path': page})}")
    if isinstance(request.user, User):
        actions.set_mode(user=request.user, large=mode == modes.LARGE)
    # Only this step of such a page shows the form again; a whole form sent there would count as sent.
    is_again = not is_stored and request.POST.get("step") == "edit"
    return HttpResponseRedirect(page, preserve_request=True) if is_again else redirect(page)
