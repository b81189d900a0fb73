"""How one wants to see the pages: the mode and the language, kept on the device and on the person."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET
from django.views.i18n import set_language as django_set_language

from accounts import actions
from accounts.models import User
from accounts.sign_in import safe_next
from community.core import modes


@require_GET
def mode(request: HttpRequest) -> HttpResponse:
    """A plain link, so that it works everywhere: the middleware keeps ``?mode=`` on the device."""
    wanted = request.GET.get("mode", "")
    if wanted in modes.MODES and isinstance(request.user, User):
        actions.set_mode(user=request.user, large=wanted == modes.LARGE)
    return redirect(safe_next(request) or "home")


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own view, which sets the cookie; messages are written in the person's language too."""
    language = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and check_for_language(language):
        actions.set_language(user=request.user, language=language)
    return django_set_language(request)
