"""Mode and language of the pages, stored on the device and for the person."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language as django_set_language

from accounts import actions
from accounts.models import User
from accounts.sign_in import safe_next
from community.core import modes


@require_http_methods(["GET", "POST"])
def mode(request: HttpRequest) -> HttpResponse:
    """Sets the mode on the device and for the account, by the switch in the page's frame.

    A link with ``?mode=`` sets it on the device only, in the middleware.
    """
    answer = redirect(safe_next(request) or "home")
    wanted = request.POST.get("mode", "")
    if wanted in modes.MODES:
        if isinstance(request.user, User):
            actions.set_mode(user=request.user, large=wanted == modes.LARGE)
        modes.remember(answer, wanted)
    return answer


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Sets Django's language cookie and the person's language, in which messages are written."""
    language = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and check_for_language(language):
        actions.set_language(user=request.user, language=language)
    return django_set_language(request)
